"""What came in earlier, and whether its file says something else by now.

Nothing is kept for this but what is kept anyway: the incident's first history entry and the write-up's
first revision say what the file said then. Neither ever changes, however much is edited here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.history.models import HistoryEntry
from postmortem.imports.plan import Item
from postmortem.incidents.checks import checked
from postmortem.incidents.enums import MOMENTS, Visibility
from postmortem.incidents.models import ExternalId, Incident
from postmortem.writeups.models import Revision, Writeup, writeup_incidents

CHUNK = 500
PLAIN = ("title", "summary", "impact", "severity", "status")
Text = tuple[str, str, str]


@dataclass(frozen=True)
class Earlier:
    """An incident that came in earlier: its number, what was reported then, its write-up's title, tl;dr and body."""

    number: int
    is_deleted: bool
    reported: Mapping[str, Sequence[Any]]
    text: Text | None


def earlier_imports(session: Session, source: str, external_ids: Sequence[str]) -> dict[str, Earlier]:
    """Which of these ids of a source are here, by id."""
    found: dict[str, Earlier] = {}
    for ids in _chunks(external_ids):
        here = (
            select(ExternalId.external_id, ExternalId.incident_id, Incident.visibility)
            .join(Incident, Incident.id == ExternalId.incident_id)
            .where(ExternalId.source == source, ExternalId.external_id.in_(ids))
        )
        rows = session.execute(here).all()
        numbers = {row.external_id: row.incident_id for row in rows}
        deleted = {row.incident_id for row in rows if row.visibility == Visibility.DELETED}
        reported, texts = _reported(session, [*numbers.values()]), _texts(session, [*numbers.values()])
        for external_id, number in numbers.items():
            found[external_id] = Earlier(
                number, number in deleted, reported.get(number, {}), texts.get(number)
            )
    return found


def has_changed(item: Item, earlier: Earlier) -> bool:
    """Whether the file's facts or text differ from what came in. Edits made here do not count."""
    if dict(_facts(item)) != {name: _then(earlier, name) for name, _ in _facts(item)}:
        return True
    if item.writeup is None or earlier.text is None:
        return item.writeup is not None and earlier.text is None
    return earlier.text != (item.writeup.title, item.writeup.tldr.strip(), item.writeup.body)


def _facts(item: Item) -> Iterator[tuple[str, Any]]:
    """An incident's facts as history keeps them; blank ones as None."""
    values = checked(vars(item.incident))
    for name in PLAIN:
        yield name, values[name] or None
    yield "tags", sorted(values["tags"]) or None
    for name in MOMENTS:
        value = values[name].value
        yield name, value.astimezone(UTC).isoformat() if value else None


def _then(earlier: Earlier, name: str) -> Any:
    return earlier.reported.get(name, (None, None))[1]


def _reported(session: Session, numbers: Sequence[int]) -> dict[int, Mapping[str, Sequence[Any]]]:
    """The first history entry of each of these incidents."""
    first = (
        select(func.min(HistoryEntry.id))
        .where(
            HistoryEntry.subject_type == Incident.__tablename__,
            HistoryEntry.subject_id.in_(numbers),
        )
        .group_by(HistoryEntry.subject_id)
    )
    entries = select(HistoryEntry.subject_id, HistoryEntry.changes).where(HistoryEntry.id.in_(first))
    return dict(session.execute(entries).all())


def _texts(session: Session, numbers: Sequence[int]) -> dict[int, Text]:
    """The first revision of the write-up that came in with each of these incidents."""
    rows = session.execute(
        select(writeup_incidents.c.incident_id, Revision.title, Revision.tldr, Revision.body)
        .join(Writeup, Writeup.id == writeup_incidents.c.writeup_id)
        .join(Revision, Revision.writeup_id == Writeup.id)
        .where(writeup_incidents.c.incident_id.in_(numbers), Writeup.source_name != "", Revision.number == 1)
        .order_by(Writeup.id.desc())
    )
    return {number: (title, tldr, body) for number, title, tldr, body in rows}


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
