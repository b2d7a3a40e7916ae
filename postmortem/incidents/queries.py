"""Reading incidents. Everything here goes through `rules.visible_to`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, case, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from postmortem.accounts.models import Person
from postmortem.errors import NotVisible
from postmortem.history.models import HistoryEntry
from postmortem.history.queries import SHOWN
from postmortem.incidents.enums import MOMENTS, RELATION_LABELS, RELATION_LABELS_BACK, RelationKind
from postmortem.incidents.models import ExternalId, Incident, Participant, Relation
from postmortem.incidents.rules import may_bring_back, visible_to

LARGEST_NUMBER = 2**31 - 1
# Write-ups are left to their own page: drafts are for fewer people than their incident.
_HISTORY_OF = ("incidents", "timeline_events", "factors", "actions", "ideas", "no_actions_needed")
_REFERENCE = re.compile(r"INC-(\d+)")


def visible_incident(session: Session, person: Person | None, number: int) -> Incident:
    """One incident with its people, services, teams and tags loaded. Raises NotVisible.

    Relations and external ids load when they are asked for.
    """
    return _one(session, number, visible_to(person))


def visible_or_just_deleted(session: Session, person: Person | None, number: int) -> Incident:
    """As `visible_incident`, and one that this person may bring back: for deleting and undo, however often it is sent."""
    return _one(session, number, or_(visible_to(person), may_bring_back(person)))


def _one(session: Session, number: int, where: ColumnElement[bool]) -> Incident:
    if not 0 < number <= LARGEST_NUMBER:
        raise NotVisible
    incident = session.scalar(
        select(Incident)
        .where(Incident.id == number, where)
        .options(
            joinedload(Incident.lead),
            joinedload(Incident.reported_by),
            selectinload(Incident.services),
            selectinload(Incident.teams),
            selectinload(Incident.tags),
            selectinload(Incident.participants).joinedload(Participant.person),
        )
    )
    if incident is None:
        raise NotVisible
    return incident


@dataclass(frozen=True)
class Related:
    """A related incident as seen from this one; `kind` is set where this one is the one that says so."""

    label: str
    number: int
    title: str
    kind: RelationKind | None

    @property
    def reference(self) -> str:
        return f"INC-{self.number}"


def related_incidents(session: Session, person: Person | None, number: int) -> list[Related]:
    """Relations in both directions, as far as this person may see the other incident."""
    here = Relation.incident_id == number
    rows = session.execute(
        select(Relation.kind, Relation.incident_id, Incident.id, Incident.title)
        .join(Incident, Incident.id == case((here, Relation.other_id), else_=Relation.incident_id))
        .where(or_(here, Relation.other_id == number), visible_to(person))
        .order_by(Relation.kind, Incident.id)
    )
    return [
        Related(RELATION_LABELS[row.kind], row.id, row.title, row.kind)
        if row.incident_id == number
        else Related(RELATION_LABELS_BACK[row.kind], row.id, row.title, None)
        for row in rows
    ]


def recently_filed(session: Session, person: Person, *, limit: int = 5) -> Sequence[Row[*tuple[Any, ...]]]:
    """The incidents that this person filed last and still sees: `id title severity status created_at`."""
    return session.execute(
        select(Incident.id, Incident.title, Incident.severity, Incident.status, Incident.created_at)
        .where(Incident.reported_by_id == person.id, visible_to(person))
        .order_by(Incident.created_at.desc(), Incident.id.desc())
        .limit(limit)
    ).all()


def external_ids_of(session: Session, number: int) -> Sequence[ExternalId]:
    """Where an incident came from."""
    return session.scalars(
        select(ExternalId).where(ExternalId.incident_id == number).order_by(ExternalId.id)
    ).all()


def names_of_moment_authors(session: Session, incident: Incident) -> dict[int, str]:
    """Who entered the moments, by person id."""
    ids = {getattr(incident, f"{name}_entered_by_id") for name in MOMENTS} - {None}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row.id: row.name for row in rows}


def history_seen_by(
    session: Session, person: Person | None, number: int, *, before: int | None = None
) -> tuple[list[HistoryEntry], int | None]:
    """Changes of an incident, its timeline, factors, actions and ideas, newest first; not those of write-ups.

    Also returns the entry before which there are more (`before` takes it), None where that was all.

    Mentions of incidents that this person may not see are taken out, and so is a change that was nothing but
    such a mention. The entries are not to be saved.
    """
    statement = select(HistoryEntry).where(
        HistoryEntry.incident_id == number, HistoryEntry.subject_type.in_(_HISTORY_OF)
    )
    if before is not None:
        statement = statement.where(HistoryEntry.id < before)
    found = session.scalars(statement.order_by(HistoryEntry.id.desc()).limit(SHOWN + 1)).all()
    entries = found[:SHOWN]
    hide_mentions(session, person, entries, "relations", "questioned_by")
    shown = [entry for entry in entries if entry.changes or entry.verb != "edited"]
    return shown, entries[-1].id if len(found) > SHOWN else None


def hide_mentions(
    session: Session, person: Person | None, entries: Iterable[HistoryEntry], *fields: str
) -> None:
    """Take incidents that this person may not see out of these fields' changes. The entries are not to be saved."""
    mentioned = {
        other for entry in entries for field in fields for other in _mentioned(entry.changes.get(field, []))
    }
    seen = set(session.scalars(select(Incident.id).where(Incident.id.in_(mentioned), visible_to(person))))
    for entry in entries:
        session.expunge(entry)
        for field in fields:
            if field in entry.changes:
                entry.changes = _without_hidden(entry.changes, field, seen)


def _mentioned(values: Iterable[Any]) -> set[int]:
    return {int(found[1]) for value in values for item in value or [] if (found := _REFERENCE.search(item))}


def _without_hidden(changes: dict[str, list[Any]], field: str, seen: set[int]) -> dict[str, list[Any]]:
    kept = [[item for item in value or [] if _mentioned([[item]]) <= seen] for value in changes[field]]
    rest = {name: change for name, change in changes.items() if name != field}
    return rest if kept[0] == kept[1] else {**rest, field: kept}
