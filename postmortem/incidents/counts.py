"""Exact counts that are not counted twice.

Counting ten thousand rows costs as much as the rest of the page. So each database connection remembers its
counts until anybody writes anything: SQLite and PostgreSQL both say cheaply whether that has happened.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, text
from sqlalchemy.orm import Session

REMEMBERED = 200
_KEY = "incident_counts"


def remembered_count(session: Session, statement: Select[int], values: Mapping[str, Any]) -> int:
    """The count that `statement` gives with these values, as of this transaction.

    The statement must be one object for equal questions (it is part of the key).
    """
    version = _version(session)
    kept = session.connection().info.setdefault(_KEY, {})
    if kept.get("version") != version or len(kept) > REMEMBERED:
        kept.clear()
        kept["version"] = version
    key = (id(statement), tuple(sorted(values.items())))
    if key not in kept:
        # The statement is kept too, so that no other one can get its id.
        kept[key] = (session.scalar(statement, values) or 0, statement)
    count: int = kept[key][0]
    return count


def _version(session: Session) -> Any:
    """What differs once another connection has committed anything."""
    if session.connection().dialect.name == "sqlite":
        return session.connection().exec_driver_sql("PRAGMA data_version").scalar()
    return session.scalar(text("SELECT CAST(pg_current_snapshot() AS text)"))
