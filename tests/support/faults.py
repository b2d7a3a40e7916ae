"""Errors put into the database's way: at the n-th statement, at a commit, or right after one that went through."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from postmortem.db import Database

_STATEMENTS = ("do_execute", "do_executemany", "do_execute_no_params")
Error = Callable[[Database], Exception]


@dataclass
class Fault:
    """What was met on the way, and whether the error struck."""

    statements: int = 0
    commits: int = 0
    struck_at: str = ""


def disk_full(database: Database) -> Exception:
    """The database says that there is no room left."""
    if database.is_sqlite:
        return _sqlite_error("database or disk is full", sqlite3.SQLITE_FULL)
    from psycopg.errors import DiskFull

    return DiskFull("could not extend file: No space left on device")


def connection_lost(database: Database) -> Exception:
    """Nobody knows what became of what was under way."""
    if database.is_sqlite:
        return _sqlite_error("disk I/O error", sqlite3.SQLITE_IOERR)
    from psycopg import OperationalError

    return OperationalError("server closed the connection unexpectedly")


def our_mistake(_database: Database) -> Exception:
    """An error that no page expects."""
    return RuntimeError("zqx a mistake of ours zqx")


def _sqlite_error(text: str, code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


@contextmanager
def failing_statement(database: Database, number: int, error: Error) -> Iterator[Fault]:
    """The n-th statement of what is done inside fails, whoever sends it, and none after it."""
    fault = Fault()

    def instead(_cursor: Any, statement: str, *_rest: Any) -> None:
        fault.statements += 1
        if fault.statements == number:
            fault.struck_at = statement
            raise error(database)

    engines = list({id(each): each for each in (database.writing, database.reading)}.values())
    for engine in engines:
        for name in _STATEMENTS:
            event.listen(engine, name, instead)
    try:
        yield fault
    finally:
        for engine in engines:
            for name in _STATEMENTS:
                event.remove(engine, name, instead)


@contextmanager
def failing_commit(database: Database, number: int, *, went_through: bool) -> Iterator[Fault]:
    """The connection is lost at the n-th commit, before the database made it last or after."""
    fault, dialect = Fault(), database.writing.dialect
    really = dialect.do_commit

    def instead(connection: Any) -> None:
        fault.commits += 1
        if fault.commits != number or went_through:
            really(connection)
        if fault.commits == number:
            fault.struck_at = "COMMIT"
            if not database.is_sqlite:
                connection.dbapi_connection.close()
            raise connection_lost(database)

    dialect.do_commit = instead  # type: ignore[method-assign]
    try:
        yield fault
    finally:
        del dialect.do_commit
