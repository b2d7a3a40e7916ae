"""Counting the statements that a request sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from postmortem.db import Database


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Collect every statement but those that read no rows: `with counted(database) as sent: …`."""
    sent: list[str] = []

    def listen(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SELECT CAST(pg_current_snapshot")):
            sent.append(statement)

    engines = {database.reading, database.writing}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", listen)
    try:
        yield sent
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", listen)
