"""Many incidents from a few: rows that the operations wrote are copied with other numbers and other times.

Whatever the operations derive (sort keys, search texts, frozen publications) is copied with the rest, so the
benchmark's data cannot differ from the program's. What follows from a moved date is worked out by the noun that owns it.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from postmortem.actions.enums import ActionStatus
from postmortem.actions.order import sort_key
from postmortem.db import UTCDateTime
from postmortem.models import metadata

Row = dict[str, Any]
# Copies share these rows.
SHARED = {"people", "teams", "team_members", "services", "tags", "sessions", "single_use_links", "form_keys"}
CHUNK = 2000


def copy_all(connection: Connection, *, times: int, shift: timedelta, never: datetime) -> None:
    """Add `times` copies of every row that is not shared, each later than the one before it by `shift`.

    `never` is the moment that stands for none and stays. Whole days keep what is derived from a time valid.
    """
    strides = {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0
        for table in metadata.sorted_tables
        if "id" in table.c and table.name not in SHARED
    }
    for table in metadata.sorted_tables:
        if table.name not in SHARED:
            templates: list[Row] = [dict(row) for row in connection.execute(select(table)).mappings()]
            changes = _Changes(table, strides, shift, never)
            for chunk in _chunks(changes.copy(row, n) for n in range(1, times + 1) for row in templates):
                connection.execute(insert(table), chunk)


class _Changes:
    """How a row of one table differs from its copies."""

    def __init__(self, table: Table, strides: dict[str, int], shift: timedelta, never: datetime) -> None:
        self.table, self.strides, self.shift, self.never = table, strides, shift, never
        self.columns: dict[str, Callable[[Row, int], Any]] = {}
        for column in table.c:
            if change := self._change(column):
                self.columns[column.name] = change

    def copy(self, row: Row, number: int) -> Row:
        """The row's copy of this number."""
        return row | {name: change(row, number) for name, change in self.columns.items()}

    def _change(self, column: Any) -> Callable[[Row, int], Any] | None:
        name = column.name
        other = next((key.column.table.name for key in column.foreign_keys), None)
        if other or name == "id":
            stride = self.strides.get(other or self.table.name, 0)
            return lambda row, n: row[name] if row[name] is None else row[name] + n * stride
        if name == "subject_id":
            return lambda row, n: row[name] + n * self.strides.get(row["subject_type"], 0)
        if isinstance(column.type, UTCDateTime):
            return lambda row, n: row[name] if row[name] in (None, self.never) else row[name] + n * self.shift
        if column.type.python_type is date:
            return lambda row, n: row[name] and row[name] + n * self.shift
        if name == "sort_key":
            return lambda row, n: self._sort_key(row, n)
        if column.unique:
            return lambda row, n: f"{row[name]}-{n}"[-column.type.length :]
        if name == "frozen":
            return lambda row, n: self._frozen(row[name], n)
        return None

    def _sort_key(self, row: Row, number: int) -> int:
        moved = {name: row[name] and row[name] + number * self.shift for name in ("due_on", "closed_at")}
        return sort_key(ActionStatus(row["status"]), moved["due_on"], moved["closed_at"])

    def _frozen(self, frozen: dict[str, Any], number: int) -> dict[str, Any]:
        tables = {"events": "timeline_events", "factors": "factors", "actions": "actions"}
        moved = {
            kind: [item | {"id": item["id"] + number * self.strides[table]} for item in frozen[kind]]
            for kind, table in tables.items()
        }
        return frozen | moved


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
