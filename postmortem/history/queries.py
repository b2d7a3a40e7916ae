"""Reading history. Whoever calls has already checked that the subject may be seen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.history.models import HistoryEntry

# How many entries a record's page shows at once.
SHOWN = 100


def last_actor(model: Any, verb: str) -> Any:
    """Who did this to the row most recently: a scalar subquery for a query over `model`; null where it was the program."""
    return (
        select(HistoryEntry.actor_id)
        .where(
            HistoryEntry.subject_type == model.__tablename__,
            HistoryEntry.subject_id == model.id,
            HistoryEntry.verb == verb,
        )
        .order_by(HistoryEntry.id.desc())
        .limit(1)
        .correlate(model)
        .scalar_subquery()
    )


def history_of_incident(session: Session, incident_id: int, *, limit: int = SHOWN) -> Sequence[HistoryEntry]:
    """Changes of an incident and of all that belongs to it, newest first."""
    return session.scalars(
        select(HistoryEntry)
        .where(HistoryEntry.incident_id == incident_id)
        .order_by(HistoryEntry.id.desc())
        .limit(limit)
    ).all()


def history_of(
    session: Session, subject_type: str, subject_id: int, *, limit: int = SHOWN, before: int | None = None
) -> Sequence[HistoryEntry]:
    """Changes of one record, newest first, those `before` an entry; `subject_type` is its table's name."""
    statement = select(HistoryEntry).where(
        HistoryEntry.subject_type == subject_type, HistoryEntry.subject_id == subject_id
    )
    if before is not None:
        statement = statement.where(HistoryEntry.id < before)
    return session.scalars(statement.order_by(HistoryEntry.id.desc()).limit(limit)).all()


@dataclass(frozen=True)
class ShownChange:
    """One changed field in words."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class ShownEntry:
    """One history entry as the component `history` shows it."""

    at: datetime
    actor_name: str
    sentence: str
    changes: list[ShownChange]
    url: str | None = None
    note: str = ""


def shown_entries(entries: Iterable[HistoryEntry], *, link: bool = False) -> list[ShownEntry]:
    """History for a page: fields and values in words; `link` leads to the record where its number is its address."""
    return [
        ShownEntry(
            entry.at,
            entry.actor_name or "Somebody",
            entry.sentence,
            [
                ShownChange(_words(field), _shown(old), _shown(new))
                for field, (old, new) in entry.changes.items()
            ],
            url=_address(entry) if link else None,
            note=note_of(entry),
        )
        for entry in entries
    ]


@dataclass(frozen=True)
class RecordHistory:
    """What a record's page shows of its history; `earlier` is the entry before which there is more."""

    entries: list[ShownEntry]
    earlier: int | None

    @classmethod
    def of(cls, entries: Sequence[HistoryEntry]) -> "RecordHistory":
        """A page's worth out of up to SHOWN + 1 entries."""
        return cls(shown_entries(entries[:SHOWN]), entries[SHOWN - 1].id if len(entries) > SHOWN else None)


NOTHING = RecordHistory([], None)


def record_history(
    session: Session, subject_type: str, subject_id: int, *, before: int | None = None
) -> RecordHistory:
    """The history of one record for its page. Whoever calls knows that this person may see it."""
    return RecordHistory.of(history_of(session, subject_type, subject_id, limit=SHOWN + 1, before=before))


def note_of(entry: HistoryEntry) -> str:
    """What happened to the entry itself afterwards, where anything did."""
    if entry.is_blanked:
        return f"Its contents were taken out for good; entry {entry.blanked_by_id} says why."
    return f"Names were taken out; entry {entry.blanked_by_id} says why." if entry.blanked_by_id else ""


def _address(entry: HistoryEntry) -> str | None:
    if entry.is_blanked:
        return None
    if entry.subject_type in ("actions", "people"):
        return f"/{entry.subject_type}/{entry.subject_id}"
    return f"/incidents/{entry.incident_id}" if entry.incident_id else None


def _words(field: str) -> str:
    return field.removeprefix("is_").removesuffix("_at").replace("_", " ").capitalize()


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if isinstance(value, dict):
        return " · ".join(_shown(part) for part in value.values() if part not in (None, ""))
    text = "" if value is None else str(value)
    try:
        moment = datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        moment = None
    return f"{moment.day} {moment:%b} {moment.year}, {moment:%H:%M} UTC" if moment else text
