"""One migrated database per test process, emptied before each test."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, NullPool, create_engine, event, text

from postmortem import schema
from postmortem.db import Database
from postmortem.models import metadata

SKIPPED_POSTGRESQL = "PostgreSQL is not installed; on Debian: apt-get install postgresql"


class TestDatabase:
    """Where it is and how it is emptied."""

    __test__ = False

    def __init__(self, url: str, template: Path | None) -> None:
        self.url = url
        self._template = template
        self._copy: Path | None = None
        self._numbers = count(1)
        if not template:
            # No connection is kept: a restore wants to be alone.
            self._engine = create_engine(url, poolclass=NullPool)

    def empty(self) -> None:
        """Every table without rows. On SQLite a new file each time: a late reader of the old one harms nobody."""
        if self._template:
            if self._copy:
                for path in self._copy.parent.glob(f"{self._copy.name}*"):
                    path.unlink()
            self._copy = self._template.with_name(f"test-{next(self._numbers)}.db")
            shutil.copyfile(self._template, self._copy)
            self.url = f"sqlite:///{self._copy}"
            return
        # Deleting the few rows of a test is five times as fast as truncating all tables.
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            filled = connection.scalars(text(_FILLED)).all()
            used = connection.scalars(text(_USED_SEQUENCES)).all()
            statements = [_EMPTIED.get(name, f'DELETE FROM "{name}"') for name in filled]
            statements += [f"ALTER SEQUENCE {name} RESTART" for name in used]
            if statements:
                connection.execute(text("; ".join(statements)))

    def dispose(self) -> None:
        if not self._template:
            self._engine.dispose()


_FILLED = " UNION ALL ".join(
    f"SELECT '{table.name}' WHERE EXISTS (SELECT 1 FROM \"{table.name}\")" for table in metadata.sorted_tables
)
# Deleted rows leave gaps, which new ones fill: history must be found in the order in which it was written.
_EMPTIED = {"history_entries": "TRUNCATE history_entries"}
_USED_SEQUENCES = "SELECT quote_ident(sequencename) FROM pg_sequences WHERE last_value IS NOT NULL"


def arranging_engine(url: str) -> Engine:
    """An engine for tests to arrange rows and read them again: every statement is committed at once.

    So a test's session holds no lock while the application works, and always reads what is stored now
    (`session.refresh(row)` or `session.expire_all()` for objects it already has).
    """
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _connect(connection: Any, _record: object) -> None:
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA busy_timeout=5000")
            connection.execute("PRAGMA synchronous=OFF")

    return engine


def in_memory() -> Path | None:
    """A folder that is on no disk, or None: every commit waits for the disk, as in earnest, and there it costs nothing."""
    shared = Path("/dev/shm")
    is_fit = os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 2**30
    return shared if is_fit else None


@contextmanager
def test_database(folder: Path) -> Iterator[TestDatabase]:
    """The database that POSTMORTEM_TEST_DATABASE asks for, with its tables made by the migrations."""
    if os.environ.get("POSTMORTEM_TEST_DATABASE", "sqlite") == "postgresql":
        with postgresql_server(folder) as url:
            _migrate(url)
            found = TestDatabase(url, None)
            yield found
            found.dispose()
        return
    template = folder / "template.db"
    _migrate(f"sqlite:///{template}", wal=False)
    yield TestDatabase(f"sqlite:///{folder / 'test.db'}", template)


test_database.__test__ = False  # type: ignore[attr-defined]


def _migrate(url: str, *, wal: bool = True) -> None:
    database = Database(url)
    schema.upgrade(database)
    if not wal:
        # A file in WAL mode is copied safely only once everything is in the main file.
        with database.writing.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
    database.dispose()


def postgresql_binaries() -> Path | None:
    """The newest PostgreSQL server's programs, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return found[-1].parent if found else None


@contextmanager
def postgresql_server(folder: Path) -> Iterator[str]:
    """A PostgreSQL server of our own on a Unix socket, thrown away at the end; yields its URL."""
    binaries = postgresql_binaries()
    if binaries is None:
        pytest.skip(SKIPPED_POSTGRESQL)
    # PostgreSQL refuses to run as root, and its socket's path must be short.
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    home = Path(tempfile.mkdtemp(prefix="pm-pg-"))
    if as_postgres:
        shutil.chown(home, "postgres")
    data = home / "data"

    def run(*command: str) -> None:
        subprocess.run([*as_postgres, *command], check=True, capture_output=True, cwd="/")

    run(
        str(binaries / "initdb"),
        "-D",
        str(data),
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "-N",
    )
    options = f"-c listen_addresses= -k {home} -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off"
    run(str(binaries / "pg_ctl"), "-D", str(data), "-l", str(home / "log"), "-w", "-o", options, "start")
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={home}"
    finally:
        run(str(binaries / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)
