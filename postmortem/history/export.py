"""History as lines of JSON and as CSV, read in batches, so that memory does not grow with its length."""

import json
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session

from postmortem.history.checks import history_head
from postmortem.history.models import HistoryEntry
from postmortem.text.csv import csv_line

_AT_ONCE = 500
_table: Any = HistoryEntry.__table__
# What the chain is made of goes with each line, so that an export can be checked by itself.
FIELDS = (
    *("id", "at", "actor_id", "actor_name", "verb", "subject_type", "subject_id", "subject_label"),
    *("incident_id", "changes", "salt", "digest", "position", "chain", "covers", "redacted_digest"),
    "blanked_by_id",
)
CSV_FIELDS = FIELDS[: FIELDS.index("salt")]


def entries_in_order(session: Session, *where: ColumnElement[bool]) -> Iterator[Any]:
    """The entries that match, by time, oldest first."""
    key = (_table.c.at, _table.c.id)
    behind: list[ColumnElement[bool]] = []
    while True:
        statement = select(_table).where(*where, *behind).order_by(*key).limit(_AT_ONCE)
        batch = session.execute(statement).all()
        yield from batch
        if len(batch) < _AT_ONCE:
            return
        behind = [tuple_(*key) > tuple_(batch[-1].at, batch[-1].id)]


def json_lines(session: Session, *where: ColumnElement[bool]) -> Iterator[str]:
    """One line for each entry; the last one is the end of the chain, to compare with a later one."""
    for entry in entries_in_order(session, *where):
        yield json.dumps(_plain(entry), ensure_ascii=False) + "\n"
    head = history_head(session)
    end = {"position": head.position, "chain": head.chain, "signature": head.signature}
    yield json.dumps({"head": end}) + "\n"


def csv_lines(session: Session, *where: ColumnElement[bool]) -> Iterator[str]:
    """A heading and one line for each entry; what changed stands as JSON in one cell."""
    yield csv_line(CSV_FIELDS)
    for entry in entries_in_order(session, *where):
        plain = _plain(entry)
        changes = json.dumps(plain["changes"], ensure_ascii=False) if plain["changes"] else ""
        yield csv_line([{**plain, "changes": changes}[name] for name in CSV_FIELDS])


def _plain(entry: Any) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in FIELDS}
    return {**values, "at": entry.at.astimezone(UTC).isoformat()}
