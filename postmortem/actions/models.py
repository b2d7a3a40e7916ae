"""Actions."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, event, inspect
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortem import clock
from postmortem.accounts.models import Person, Team
from postmortem.actions.enums import ActionKind, ActionStatus, Priority
from postmortem.actions.order import sort_key
from postmortem.db import Base, UTCDateTime, enum_type
from postmortem.incidents.models import Incident

# What lists sort by and look at in each row: an index that ends in these finds and counts without the rows.
_LISTED = ("sort_key", "id", "incident_id", "deleted_at")
SEARCHED = ("title", "description", "end_state")


def _search_text(values: Mapping[str, Any]) -> str:
    return "\n".join(values.get(name) or "" for name in SEARCHED).casefold()


def _sort_key(values: Mapping[str, Any]) -> int:
    status = ActionStatus(values.get("status") or ActionStatus.PROPOSED)
    return sort_key(status, values.get("due_on"), values.get("closed_at"))


def _of_row(derive: Callable[[Mapping[str, Any]], Any]) -> Callable[[Any], Any]:
    """A column's default, worked out from the row's other values; for rows inserted without the models."""
    return lambda context: derive(context.get_current_parameters())


class Action(Base):
    """A follow-up; `id` is the number people see: ACT-7 has id 7.

    `touched_at` is when anybody last did anything about it, a comment and a "keep" in an action review too; what is
    *stale* follows from it. `verify_on` is the day from which on a *done* action is to be verified; `questioned_by`
    is a related incident that raised the question whether it worked (again). `merged_into` is set on a duplicate;
    `came_from` on one that was split off another, or made because the other did not work.

    `first_due_on` stays what it was first; `redated_count` counts the dates after it. `sort_key` follows from
    status, due date and closing (see `order`) whenever a row is written; `search_text` is what the list's
    search looks through, case-folded, because databases fold only ASCII alike.
    """

    __tablename__ = "actions"
    __table_args__ = (
        Index("ix_actions_sort", *_LISTED),
        Index("ix_actions_status", "status", *_LISTED),
        Index("ix_actions_owner", "owner_id", *_LISTED),
        Index("ix_actions_team", "team_id", *_LISTED),
        Index("ix_actions_incident", "incident_id", "owner_id", "deleted_at"),
        Index("ix_actions_touched", "touched_at", "sort_key", "id"),
        Index("ix_actions_verify", "verify_on", "sort_key", "id"),
        Index("ix_actions_created", "created_at", "id"),
        Index("ix_actions_closed", "closed_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[ActionKind | None] = mapped_column(enum_type(ActionKind))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    priority: Mapped[Priority | None] = mapped_column(enum_type(Priority))
    due_on: Mapped[date | None]
    first_due_on: Mapped[date | None]
    redated_count: Mapped[int] = mapped_column(default=0)
    status: Mapped[ActionStatus] = mapped_column(enum_type(ActionStatus), default=ActionStatus.PROPOSED)
    status_reason: Mapped[str] = mapped_column(String(500), default="")
    sort_key: Mapped[int] = mapped_column(default=_of_row(_sort_key))
    tracker_url: Mapped[str] = mapped_column(String(500), default="")
    tracker_title: Mapped[str] = mapped_column(String(200), default="")
    verify_on: Mapped[date | None]
    questioned_by_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"), index=True)
    questioned_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("actions.id"), index=True)
    came_from_id: Mapped[int | None] = mapped_column(ForeignKey("actions.id"), index=True)
    end_state: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    touched_at: Mapped[datetime] = mapped_column(UTCDateTime(), default=clock.now)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column()
    rendered_with: Mapped[int] = mapped_column(default=0)
    description: Mapped[str] = mapped_column(Text, default="")
    description_html: Mapped[str] = mapped_column(Text, default="")
    search_text: Mapped[str] = mapped_column(Text, default=_of_row(_search_text), deferred=True)

    incident: Mapped[Incident] = relationship(foreign_keys=[incident_id])
    questioned_by: Mapped[Incident | None] = relationship(foreign_keys=[questioned_by_id])
    merged_into: Mapped["Action | None"] = relationship(foreign_keys=[merged_into_id], remote_side=[id])
    came_from: Mapped["Action | None"] = relationship(foreign_keys=[came_from_id], remote_side=[id])
    owner: Mapped[Person | None] = relationship()
    team: Mapped[Team | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def number(self) -> int:
        return self.id

    @property
    def reference(self) -> str:
        return f"ACT-{self.id}"

    @property
    def is_overdue(self) -> bool:
        return self.status.is_open and self.due_on is not None and self.due_on < clock.today()

    @property
    def history_label(self) -> str:
        return f"action {self.reference} {self.title}"

    def __str__(self) -> str:
        return self.reference


@event.listens_for(Action, "before_insert")
@event.listens_for(Action, "before_update")
def _derive(_mapper: Any, _connection: Any, action: Action) -> None:
    action.sort_key = sort_key(action.status, action.due_on, action.closed_at)
    state = inspect(action)
    if any(state.attrs[name].history.has_changes() for name in SEARCHED):
        action.search_text = _search_text({name: getattr(action, name) for name in SEARCHED})
