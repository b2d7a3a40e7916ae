"""What `postmortem doctor` looks at: files, disk, database, history, deliveries. One sentence for each wrong thing."""

import os
import shutil
import time
from collections.abc import Iterator
from itertools import islice

from sqlalchemy.exc import DBAPIError

from postmortem.attachments.checks import missing_files
from postmortem.backup.manifest import ATTACHMENTS
from postmortem.cli.context import PROBLEMS
from postmortem.config import Config
from postmortem.db import Database
from postmortem.errors import Refused
from postmortem.history.checks import chain_problems
from postmortem.outbox.queries import problems as outbox_problems
from postmortem.schema import schema_state

ROOM_BYTES = 100 * 1024 * 1024
# https://www.sqlite.org/pragma.html#pragma_synchronous
FULL = 2
OLD_SECONDS = 24 * 3600
# With any of these off a power cut loses what was acknowledged, or more.
DURABLE = ("fsync", "full_page_writes", "synchronous_commit")


def file_problems(config: Config, database: Database) -> Iterator[str]:
    """Who can read what should be ours alone, and whether we can write where we must."""
    wanted = {
        config.data_dir: 0o700,
        config.data_dir / "secret-key": 0o600,
        config.data_dir / ATTACHMENTS: 0o700,
    }
    if file := database.file:
        wanted |= {file.with_name(file.name + suffix): 0o600 for suffix in ("", "-wal", "-shm")}
    for path, mode in wanted.items():
        if not path.exists():
            continue
        if (found := path.stat().st_mode & 0o777) & 0o077:
            yield f"Others on this machine can read {path} (mode {found:o}). Run: chmod {mode:o} {path}"
        if not os.access(path, os.R_OK | os.W_OK):
            yield f"This user cannot write {path}. Give it to the user who runs the program: chown USER {path}"


def disk_problems(config: Config, database: Database) -> Iterator[str]:
    """Whether there is room to go on, and nothing that an interrupted restore or backup left behind."""
    file = database.file
    size = file.stat().st_size if file and file.exists() else 0
    for folder in {config.data_dir, *([file.parent] if file else [])}:
        if not folder.exists():
            continue
        free = shutil.disk_usage(folder).free
        if free < max(ROOM_BYTES, size):
            yield (
                f"The disk of {folder} has {free // 1024**2} MB left. Make room: when it is full, nothing can be saved."
            )
        for left in sorted(folder.glob(".postmortem-*")):
            if time.time() - left.stat().st_mtime > OLD_SECONDS:
                yield f"{left} is what an interrupted backup or restore left behind. Remove it."


def database_problems(database: Database) -> list[str]:
    """Whether the database answers, is of this version, and whole; then what is in it."""
    try:
        if problem := PROBLEMS.get(schema_state(database)):
            return [problem]
        look = _sqlite_problems if database.is_sqlite else _postgresql_problems
        damage = list(look(database))
        if damage and database.is_sqlite:
            return damage
        with database.session(writes=False) as session:
            return [*damage, *islice(chain_problems(session), 20), *outbox_problems(session)]
    except DBAPIError as error:
        said = str(error.orig).strip().partition("\n")[0].rstrip(".")
        return [
            f"The database cannot be opened: {said}. Check POSTMORTEM_DATABASE_URL, and that it is running."
        ]


def picture_problems(config: Config, database: Database) -> list[str]:
    """Pictures whose file is missing or damaged, the first 20; nothing where the database cannot be read."""
    try:
        if PROBLEMS.get(schema_state(database)):
            return []
        with database.session(writes=False) as session:
            return list(islice(missing_files(session, config.data_dir), 20))
    except DBAPIError:
        return []


def _sqlite_problems(database: Database) -> Iterator[str]:
    with database.reading.connect() as connection:
        found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
        if found != "ok":
            yield f"The database file is damaged: {found}. Restore a backup: postmortem restore FILE --force"
            return
        if row := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            yield f"Rows of {row[0]} point at rows of {row[2]} that are not there. Restore a backup, or ask for help."
        if (mode := connection.exec_driver_sql("PRAGMA journal_mode").scalar()) != "wal":
            yield f"The database file is in {mode} mode: reading waits for writing. Start the server once, it sets WAL."
    # Straight to the driver: a transaction of this engine would take the write lock.
    writing = database.writing.raw_connection()
    try:
        cursor = writing.cursor()
        cursor.execute("PRAGMA synchronous")
        if (found := cursor.fetchone()) and found[0] < FULL:
            yield "SQLite does not wait for the disk (synchronous is not FULL): a power cut may lose what was saved."
    finally:
        writing.close()


def _postgresql_problems(database: Database) -> Iterator[str]:
    from postmortem.backup.postgresql import program, server_version

    with database.reading.connect() as connection:
        for name in DURABLE:
            if connection.exec_driver_sql(f"SHOW {name}").scalar() == "off":
                yield f"PostgreSQL runs with {name} = off: a power cut may lose what was saved. Set it to on."
        server = server_version(connection)
    for name in ("pg_dump", "pg_restore", "psql"):
        try:
            program(name, server)
        except Refused as refused:
            yield f"No backup can be made or restored here. {refused.sentence}"
            return
