"""SQLite's half: one consistent copy while others write, and taking the place of a file that nobody has open."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from postmortem.backup.manifest import Show
from postmortem.db import BUSY_TIMEOUT_MS
from postmortem.errors import Refused

PAGES_AT_ONCE = 2000
IN_USE = (
    "Something still has the database open. Stop the server and the worker, then run this again; "
    "nothing was changed."
)


def copy_database(source: Path, target: Path, show: Show) -> None:
    """Copy one state of the database. Writers go on meanwhile, because in WAL mode a reader is in nobody's way.

    The transaction is opened before the copying: without it the copy would begin anew after each write of
    somebody else, and under load it would never end.
    """
    with closing(_open(source)) as reading, closing(sqlite3.connect(target)) as copy:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        reading.backup(
            copy,
            pages=PAGES_AT_ONCE,
            progress=lambda _status, left, total: show("Copying", total - left, total),
        )
        reading.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode=DELETE")
    target.chmod(0o600)


def damage_of(file: Path) -> str | None:
    """What is wrong with a database's file, None where it is whole."""
    with closing(_open(file)) as connection:
        try:
            if (found := connection.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
                return str(found)
            if row := connection.execute("PRAGMA foreign_key_check").fetchone():
                return f"a row of {row[0]} points at a row of {row[2]} that is not there"
        except sqlite3.DatabaseError as error:
            return str(error)
    return None


def rows_of(file: Path) -> dict[str, int]:
    """How many rows each table has."""
    names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    with closing(_open(file)) as connection:
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
            for (name,) in connection.execute(names).fetchall()
        }


def clear_tables(file: Path, names: tuple[str, ...]) -> None:
    """Empty these tables, those that there are, and leave the file in WAL mode as the program has it."""
    there = rows_of(file)
    with closing(_open(file)) as connection:
        for name in names:
            if name in there:
                connection.execute(f'DELETE FROM "{name}"')  # noqa: S608
        connection.execute("PRAGMA journal_mode=WAL")


@contextmanager
def nobody_else(file: Path) -> Iterator[None]:
    """Hold a database that nobody else has open, all of it in its one file. Raises Refused where somebody has.

    Leaving WAL mode is what SQLite allows only to the last connection. A file that is too damaged for that is
    taken as it is.
    """
    with closing(_open(file)) as connection:
        connection.execute("PRAGMA busy_timeout=1000")
        try:
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            raise Refused(IN_USE) from error
        except sqlite3.DatabaseError:
            pass
        yield


def take_place(new: Path, file: Path, aside: Path | None) -> None:
    """Put a new file in the place of the old one, in one step; the old one stays under the name `aside`."""
    if file.exists():
        with nobody_else(file):
            _exchange(new, file, aside)
    else:
        _exchange(new, file, None)
    sync_folder(file.parent)


def _exchange(new: Path, file: Path, aside: Path | None) -> None:
    if aside:
        os.link(file, aside)
        aside.chmod(0o600)
    # A journal that is left belongs to the old file and would spoil the new one.
    for suffix in ("-wal", "-shm", "-journal"):
        journal = file.with_name(file.name + suffix)
        if journal.exists() and aside:
            journal.rename(aside.with_name(aside.name + suffix))
        journal.unlink(missing_ok=True)
    new.replace(file)


def sync_folder(folder: Path) -> None:
    """Have the disk keep which names a folder holds."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _open(file: Path) -> sqlite3.Connection:
    """A connection to a file that is there; it never makes one."""
    return sqlite3.connect(
        f"{file.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000
    )
