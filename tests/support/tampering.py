"""Doing to the history what nobody may: as somebody with the whole database would."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

TRIGGERS = ("history_entries_refuse_update", "history_entries_refuse_delete")


def unguarded(session: Session) -> None:
    """Take the triggers off the history (and the keys that would mind)."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    for name in TRIGGERS:
        session.execute(text("DROP TRIGGER " + name + ("" if is_sqlite else " ON history_entries")))


def guarded_again(session: Session, statements: list[str]) -> None:
    """Put them back; on PostgreSQL all tests share one database."""
    for statement in statements:
        session.execute(text(statement))


def guards(session: Session) -> list[str]:
    """The statements that make the triggers, as the database knows them."""
    if session.get_bind().dialect.name == "sqlite":
        found = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'history_entries'"
    else:
        found = (
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger "
            "WHERE tgrelid = 'history_entries'::regclass AND NOT tgisinternal"
        )
    return list(session.scalars(text(found)))


def run(session: Session, statement: str, **values: Any) -> None:
    session.execute(text(statement), values)
