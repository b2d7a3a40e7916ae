"""What stands around an action: comments, links, who watches, verifications; the policy and saved views."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.db import Base, UTCDateTime


class ActionComment(Base):
    """What somebody said about an action, in Markdown; `@handle` mentions a person. Visible like its action."""

    __tablename__ = "action_comments"
    __table_args__ = (Index("ix_action_comments_action", "action_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("actions.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    text_html: Mapped[str] = mapped_column(Text, default="")
    rendered_with: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column()

    action: Mapped[Action] = relationship()
    author: Mapped[Person] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"comment on ACT-{self.action_id}"


class ActionLink(Base):
    """Where else the work is tracked, beside the action's own `tracker_url`."""

    __tablename__ = "action_links"
    __table_args__ = (UniqueConstraint("action_id", "url"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("actions.id"))
    url: Mapped[str] = mapped_column(String(500))
    title: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())

    @property
    def history_label(self) -> str:
        return f"link of ACT-{self.action_id}"


class ActionWatch(Base):
    """Somebody wants to hear of every change of an action."""

    __tablename__ = "action_watches"

    action_id: Mapped[int] = mapped_column(ForeignKey("actions.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())

    @property
    def id(self) -> int:
        """The number by which history names it: its action's."""
        return self.action_id

    @property
    def history_label(self) -> str:
        return f"watching ACT-{self.action_id}"


class Verification(Base):
    """Somebody's record, some time after *done*, of whether an action worked, and how that was checked."""

    __tablename__ = "verifications"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("actions.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    verified_at: Mapped[datetime] = mapped_column(UTCDateTime())
    how: Mapped[str] = mapped_column(String(500))
    has_worked: Mapped[bool]
    # Made because this one did not work; None where it was opened again, or worked.
    next_action_id: Mapped[int | None] = mapped_column(ForeignKey("actions.id"))

    action: Mapped[Action] = relationship(foreign_keys=[action_id])
    next_action: Mapped[Action | None] = relationship(foreign_keys=[next_action_id])
    person: Mapped[Person] = relationship()

    @property
    def history_label(self) -> str:
        return f"verification of ACT-{self.action_id}"


class ActionPolicy(Base):
    """What admins decided about follow-up; one row, id 1. Without it everything is as shipped (see `policy`).

    `due_days` is days by severity (`none` where it is not rated), then by kind (`other` for all that are not named);
    `needs_action` are the severities whose incidents need an action or a reason why none is needed.
    """

    __tablename__ = "action_policy"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    due_days: Mapped[dict[str, Any]] = mapped_column(JSON)
    needs_action: Mapped[list[str]] = mapped_column(JSON)
    verification_days: Mapped[int]
    soak_working_days: Mapped[int]
    stale_days: Mapped[int]
    due_soon_days: Mapped[int]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return "policy of actions"


class SavedView(Base):
    """A question to the list of actions with a name: `query` is what stands in the address behind `?`."""

    __tablename__ = "saved_views"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    query: Mapped[str] = mapped_column(String(1000))
    is_shared: Mapped[bool] = mapped_column(default=False, index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column()

    person: Mapped[Person] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"view {self.name}"
