"""PostgreSQL's half: pg_dump of one snapshot, and one transaction in which everything is replaced.

The programs of PostgreSQL are told where the database is through their environment: what stands on a command
line can be read by everybody on the machine.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from postmortem.backup.manifest import Show
from postmortem.db import Database
from postmortem.errors import Refused

INSTALLED = Path("/usr/lib/postgresql")
LOOK_EVERY_SECONDS = 0.2


def environment(database: Database) -> dict[str, str]:
    """This process's environment, and in libpq's variables which database is meant."""
    from psycopg import pq

    _, named = database.reading.dialect.create_connect_args(database.url)
    variables = {
        option.keyword.decode(): option.envvar.decode()
        for option in pq.Conninfo.get_defaults()
        if option.envvar
    }
    given = {variables[name]: str(value) for name, value in named.items() if name in variables}
    inherited = {name: value for name, value in os.environ.items() if name not in variables.values()}
    return {**inherited, **given, "PGCONNECT_TIMEOUT": "10"}


def program(name: str, server: int) -> str:
    """The path of `pg_dump` or its like, of the server's own version or the next newer one."""
    named = [shutil.which(name), *map(str, INSTALLED.glob(f"*/bin/{name}"))]
    found = {path: major for path in named if path and (major := _major(path))}
    fitting = [path for path, major in found.items() if major >= server]
    if fitting:
        return min(fitting, key=lambda path: found[path])
    if found:
        newest = max(found.values())
        raise Refused(
            f"{name} here is of version {newest} and the server of version {server}. Install the client programs of "
            f"PostgreSQL {server}; on Debian: apt-get install postgresql-client-{server}"
        )
    raise Refused(
        f"{name} is not installed here. Install the client programs of PostgreSQL {server}; "
        f"on Debian: apt-get install postgresql-client-{server}"
    )


def _major(path: str) -> int | None:
    try:
        shown = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", shown.stdout)
    return int(found[1]) if found else None


def server_version(connection: Connection) -> int:
    """The server's major version."""
    return int(connection.scalar(text("SELECT current_setting('server_version_num')::int / 10000")) or 0)


def rows_of(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    quoted = connection.dialect.identifier_preparer.quote_identifier
    return {
        name: connection.exec_driver_sql(f"SELECT count(*) FROM {quoted(name)}").scalar() or 0  # noqa: S608
        for name in sorted(inspect(connection).get_table_names())
    }


def dump(connection: Connection, database: Database, target: Path, show: Show) -> None:
    """Dump what this connection's transaction sees (REPEATABLE READ), while others write."""
    snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
    command = [
        program("pg_dump", server_version(connection)),
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        "--lock-wait-timeout=10s",
        f"--snapshot={snapshot}",
        f"--file={target}",
    ]
    _run(command, database, "The database could not be dumped", show, "Dumping", target)
    target.chmod(0o600)


def replace_all(
    database: Database, dumped: Path, *, rows: dict[str, int], cleared: Sequence[str], show: Show
) -> None:
    """Replace every table by the dump's, count the rows and empty the tables `cleared`: all of it or nothing."""
    with database.reading.connect() as connection:
        inspected = inspect(connection)
        server, there = server_version(connection), inspected.get_table_names()
        schema = inspected.default_schema_name or "public"
        others = _others(connection)
    database.dispose()
    if others:
        raise Refused(
            "Somebody else is connected to the database. Stop the server and the worker, then run this again; "
            "nothing was changed."
        )
    script, before, after = (dumped.with_name(name) for name in ("dump.sql", "before.sql", "after.sql"))
    quiet = "SET client_min_messages = warning;\n"
    before.write_text(
        quiet + "".join(f"DROP TABLE IF EXISTS {_quoted(name)} CASCADE;\n" for name in there), "utf-8"
    )
    after.write_text(_after(schema, rows, cleared), "utf-8")
    unpack = [program("pg_restore", server), "--clean", "--if-exists", "--no-owner", "--no-privileges"]
    failed = "The backup could not be restored, and nothing was changed"
    _run([*unpack, f"--file={script}", str(dumped)], database, failed, show, "Unpacking", script)
    load = [program("psql", server), "-X", "-q", "-v", "ON_ERROR_STOP=1", "--single-transaction"]
    files = [f"--file={path}" for path in (before, script, after)]
    _run([*load, "--output=/dev/null", *files], database, failed, show, "Restoring", before)


def _others(connection: Connection) -> int:
    """How many others are connected. Who has just left is still counted for a moment."""
    for _ in range(10):
        others = connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        )
        connection.rollback()
        if not others:
            break
        time.sleep(LOOK_EVERY_SECONDS)
    return others or 0


def _after(schema: str, rows: dict[str, int], cleared: Sequence[str]) -> str:
    """SQL that fails where a table has not the rows it should have."""
    wrong = "RAISE EXCEPTION 'a table does not have as many rows as the backup says'"
    counts = [
        f"  IF (SELECT count(*) FROM {_quoted(schema)}.{_quoted(name)}) <> {number} THEN {wrong}; END IF;\n"  # noqa: S608
        for name, number in rows.items()
    ]
    empty = "".join(f"DELETE FROM {_quoted(schema)}.{_quoted(name)};\n" for name in cleared if name in rows)  # noqa: S608
    return f"DO $check$ BEGIN\n{''.join(counts)}END $check$;\n{empty}"


def _quoted(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
        raise Refused(f"There is no table of ours that is called {name[:63]!r}.")
    return f'"{name}"'


def _run(command: list[str], database: Database, failed: str, show: Show, words: str, grows: Path) -> None:
    """Run one of PostgreSQL's programs to its end; Refused with what it said where it fails."""
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        process = subprocess.Popen(
            command,
            env=environment(database),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        try:
            while process.poll() is None:
                show(words, grows.stat().st_size if grows.exists() else 0, 0)
                time.sleep(LOOK_EVERY_SECONDS)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        if process.returncode:
            said.seek(0)
            lines = [line for line in said.read(100_000).splitlines() if line.strip()]
            telling = [line for line in lines if "ERROR" in line or "error:" in line] or lines
            raise Refused(f"{failed}: {telling[0] if telling else f'exit code {process.returncode}'}")
