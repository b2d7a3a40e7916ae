"""Reading the trash. Nothing here asks who reads: whoever calls has made sure that it is an admin.

The exception is `hanging_on`, which counts and is also for whoever is about to delete an incident they see.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    Select,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from postmortem.actions.models import Action
from postmortem.history.models import HistoryEntry
from postmortem.ideas.models import Idea
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident
from postmortem.text.reading import plain_text
from postmortem.timeline.models import Factor, TimelineEvent
from postmortem.trash.enums import KIND_LABELS, Kind
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import Revision, Writeup, writeup_incidents

LABEL_LENGTH = 100
Key = tuple[datetime, str, int]
MODELS: dict[Kind, Any] = {
    Kind.INCIDENT: Incident,
    Kind.WRITEUP: Writeup,
    Kind.ACTION: Action,
    Kind.IDEA: Idea,
    Kind.EVENT: TimelineEvent,
    Kind.FACTOR: Factor,
}
_DELETED: dict[Kind, ColumnElement[bool]] = {
    Kind.INCIDENT: Incident.visibility == Visibility.DELETED,
    Kind.WRITEUP: Writeup.state == WriteupState.DELETED,
    Kind.ACTION: Action.deleted_at.is_not(None),
    Kind.IDEA: Idea.deleted_at.is_not(None),
    Kind.EVENT: TimelineEvent.deleted_at.is_not(None),
    Kind.FACTOR: Factor.deleted_at.is_not(None),
}
# Whose label is the beginning of a text.
_LONG = (Kind.IDEA, Kind.EVENT, Kind.FACTOR)
_HANGING: tuple[tuple[str, Any], ...] = (
    *(("actions", Action), ("ideas", Idea)),
    *(("events", TimelineEvent), ("factors", Factor)),
)


@dataclass
class Hanging:
    """How much hangs on an incident or, as `texts`, on a write-up; what was deleted on its own is not counted."""

    actions: int = 0
    ideas: int = 0
    events: int = 0
    factors: int = 0
    drafts: int = 0
    published: int = 0
    texts: int = 0

    @property
    def words(self) -> list[str]:
        """`3 actions`, `1 event`, …: what goes with it. Published write-ups do not."""
        counts = (
            (self.actions, "action", "actions"),
            (self.ideas, "idea", "ideas"),
            (self.events, "event", "events"),
            (self.factors, "factor", "factors"),
            (self.drafts, "unpublished write-up", "unpublished write-ups"),
            (self.texts, "saved text", "saved texts"),
        )
        return [f"{count:,} {one if count == 1 else many}" for count, one, many in counts if count]


@dataclass(frozen=True)
class Trashed:
    """One thing in the trash. `incident_id` is the incident it belongs to, `incident_gone` whether that is here too."""

    kind: Kind
    id: int
    label: str
    slug: str
    incident_id: int | None
    incident_gone: bool
    was_restricted: bool
    deleted_at: datetime
    deleted_by: str
    hanging: Hanging = field(default_factory=Hanging)

    @property
    def kind_label(self) -> str:
        return KIND_LABELS[self.kind]

    @property
    def reference(self) -> str:
        """What it is called, and what is typed before it is destroyed: INC-12, ACT-7, a write-up's address."""
        prefixes = {Kind.INCIDENT: "INC", Kind.ACTION: "ACT"}
        prefix = prefixes.get(self.kind, self.kind.value.upper())
        return self.slug if self.kind is Kind.WRITEUP else f"{prefix}-{self.id}"

    @property
    def url(self) -> str:
        return f"/settings/trash/{self.kind.value}/{self.id}"


def trashed(
    session: Session, kind: Kind | None, *, key: Key | None, is_backward: bool, limit: int
) -> list[Trashed]:
    """Up to `limit` things behind the key in its direction, nearest first; last deleted first. Three statements."""
    rows = _rows(kind).subquery("rows")
    place = tuple_(rows.c.deleted_at, rows.c.kind, rows.c.id)
    statement = select(rows, _deleted_by(rows).label("deleted_by"))
    if key is not None:
        statement = statement.where(place > key if is_backward else place < key)
    order = [column.asc() if is_backward else column.desc() for column in place.clauses]
    found = session.execute(statement.order_by(*order).limit(limit)).all()
    return _shown(session, found)


def count_trashed(session: Session, kind: Kind | None) -> int:
    """How many there are, exactly."""
    return session.scalar(select(func.count()).select_from(_rows(kind).subquery())) or 0


def one_trashed(session: Session, kind: Kind, id_: int) -> Trashed | None:
    """One thing in the trash, None where it is not there."""
    rows = _rows(kind).subquery("rows")
    statement = select(rows, _deleted_by(rows).label("deleted_by")).where(rows.c.id == id_)
    return next(iter(_shown(session, session.execute(statement).all())), None)


def deleted_row(session: Session, kind: Kind, id_: int) -> Any:
    """The row itself, locked until the transaction ends, or None: of two at once the second waits and finds nothing."""
    model = MODELS[kind]
    return session.scalar(
        select(model)
        .where(model.id == id_, _DELETED[kind])
        .with_for_update(of=model)
        .execution_options(populate_existing=True)
    )


def hanging_on(session: Session, numbers: Iterable[int]) -> dict[int, Hanging]:
    """How much hangs on each of these incidents. One statement."""
    wanted = list(numbers)
    found = {number: Hanging() for number in wanted}
    if not wanted:
        return found
    parts = [
        select(literal(name).label("what"), model.incident_id, func.count())
        .where(model.incident_id.in_(wanted), model.deleted_at.is_(None))
        .group_by(model.incident_id)
        for name, model in _HANGING
    ]
    for name, state in (
        ("published", Writeup.state == WriteupState.PUBLISHED),
        ("drafts", Writeup.state.not_in((WriteupState.PUBLISHED, WriteupState.DELETED))),
    ):
        parts.append(
            select(literal(name), writeup_incidents.c.incident_id, func.count())
            .join(Writeup, Writeup.id == writeup_incidents.c.writeup_id)
            .where(writeup_incidents.c.incident_id.in_(wanted), state)
            .group_by(writeup_incidents.c.incident_id)
        )
    for name, number, count in session.execute(union_all(*parts)):
        setattr(found[number], name, count)
    return found


def _rows(kind: Kind | None) -> Select[Any] | CompoundSelect[Any]:
    parts = {
        Kind.INCIDENT: _part(Kind.INCIDENT, Incident.title, Incident.id).add_columns(
            null().label("level"), Incident.deleted_visibility.label("was")
        ),
        Kind.WRITEUP: _part(Kind.WRITEUP, Writeup.title, null(), Writeup.slug).add_columns(
            null().label("level"), null().label("was")
        ),
    }
    for each, text in (
        (Kind.ACTION, Action.title),
        (Kind.IDEA, func.substr(Idea.text, 1, 3 * LABEL_LENGTH)),
        (Kind.EVENT, func.substr(TimelineEvent.text, 1, 3 * LABEL_LENGTH)),
        (Kind.FACTOR, func.substr(Factor.text, 1, 3 * LABEL_LENGTH)),
    ):
        model = MODELS[each]
        parts[each] = (
            _part(each, text, model.incident_id)
            .join(Incident, Incident.id == model.incident_id)
            .add_columns(Incident.visibility.label("level"), Incident.deleted_visibility.label("was"))
        )
    return parts[kind] if kind else union_all(*parts.values())


def _part(kind: Kind, label: Any, incident_id: Any, slug: Any = None) -> Select[Any]:
    model = MODELS[kind]
    return select(
        literal(kind.value).label("kind"),
        literal(model.__tablename__).label("subject_type"),
        model.id.label("id"),
        label.label("label"),
        (literal("") if slug is None else slug).label("slug"),
        incident_id.label("incident_id"),
        model.deleted_at.label("deleted_at"),
    ).where(_DELETED[kind])


def _deleted_by(rows: Any) -> ColumnElement[str]:
    """The name in the newest history entry that says so."""
    return (
        select(HistoryEntry.actor_name)
        .where(
            HistoryEntry.subject_type == rows.c.subject_type,
            HistoryEntry.subject_id == rows.c.id,
            HistoryEntry.verb == "deleted",
        )
        .order_by(HistoryEntry.id.desc())
        .limit(1)
        .correlate(rows)
        .scalar_subquery()
    )


def _shown(session: Session, rows: Sequence[Row[Any]]) -> list[Trashed]:
    incidents = hanging_on(session, [row.id for row in rows if row.kind == Kind.INCIDENT])
    texts = _texts(session, [row.id for row in rows if row.kind == Kind.WRITEUP])
    return [
        Trashed(
            kind=Kind(row.kind),
            id=row.id,
            label=plain_text(row.label, LABEL_LENGTH) if row.kind in _LONG else row.label,
            slug=row.slug,
            incident_id=row.incident_id,
            incident_gone=row.level == Visibility.DELETED,
            was_restricted=Visibility.RESTRICTED in (row.level, row.was),
            deleted_at=row.deleted_at,
            deleted_by=row.deleted_by or "",
            hanging={Kind.INCIDENT: incidents, Kind.WRITEUP: texts}.get(row.kind, {}).get(row.id, Hanging()),
        )
        for row in rows
    ]


def _texts(session: Session, ids: Sequence[int]) -> dict[int, Hanging]:
    counts = (
        select(Revision.writeup_id, func.count())
        .where(Revision.writeup_id.in_(ids))
        .group_by(Revision.writeup_id)
    )
    return {id_: Hanging(texts=count) for id_, count in session.execute(counts)} if ids else {}
