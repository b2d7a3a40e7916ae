"""Making a backup: one new file, whole or not at all."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.attachments.files import INCOMING
from postmortem.backup import postgresql, sqlite
from postmortem.backup.archive import described, write_archive
from postmortem.backup.manifest import (
    ATTACHMENTS,
    FORMAT,
    POSTGRESQL_MEMBER,
    SQLITE_MEMBER,
    Manifest,
    Show,
)
from postmortem.config import Config
from postmortem.db import Database
from postmortem.errors import Refused
from postmortem.history.checks import history_head
from postmortem.schema import SchemaState, schema_state, shipped_revisions


def make_backup(config: Config, destination: Path, *, show: Show) -> Manifest:
    """Write everything but the secret key to a new file, mode 0600. Works while the site is in use.

    Raises Refused where the file is there already, and where anything goes wrong; then nothing is left behind.
    """
    _refuse_place(destination)
    database = Database(config.database_url)
    try:
        _refuse_empty(database)
        with _folder_beside(destination) as folder:
            make = _sqlite if database.is_sqlite else _postgresql
            name, rows, revision, head = make(database, folder, show)
            sources = [(name, folder / name), *_attachments(config.data_dir)]
            manifest = Manifest(
                format=FORMAT,
                program=version("postmortem"),
                revision=revision,
                created_at=clock.now().isoformat(timespec="seconds"),
                database="sqlite" if database.is_sqlite else "postgresql",
                rows=rows,
                history_head=head,
                members=tuple(described(name, path) for name, path in sources),
            )
            write_archive(folder / "backup", manifest, sources, show)
            _link(folder / "backup", destination)
    except (DBAPIError, sqlite3.Error) as error:
        raise Refused(f"The database could not be read: {getattr(error, 'orig', error)}.") from error
    except OSError as error:
        raise Refused(
            f"The backup could not be written: {error.strerror}. No half of it was left behind."
        ) from error
    finally:
        database.dispose()
    return manifest


def _refuse_place(destination: Path) -> None:
    if destination.is_dir():
        raise Refused(
            f"{destination} is a folder. Name a new file in it, for example {destination / 'postmortem.tar.gz'}."
        )
    if destination.exists() or destination.is_symlink():
        raise Refused(
            f"{destination} is there already, and a backup never replaces anything. Name a new file."
        )
    if not destination.parent.is_dir():
        raise Refused(f"There is no folder {destination.parent}. Make it first, or name another file.")


@contextmanager
def _folder_beside(destination: Path) -> Iterator[Path]:
    """A folder for the work, 0700, on the same disk as the result, so that it can be put in place in one step."""
    folder = Path(tempfile.mkdtemp(prefix=".postmortem-backup-", dir=destination.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sqlite(database: Database, folder: Path, show: Show) -> tuple[str, dict[str, int], str, str]:
    copy = folder / SQLITE_MEMBER
    sqlite.copy_database(database.file or Path(), copy, show)
    if damage := sqlite.damage_of(copy):
        raise Refused(f"The database is damaged: {damage}. Run postmortem doctor; no backup was made of it.")
    with closing(sqlite3.connect(copy)) as connection:
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    copied = Database(f"sqlite:///{copy}")
    try:
        with copied.session(writes=False) as session:
            head = _head(session, revision)
    finally:
        copied.dispose()
    return SQLITE_MEMBER, sqlite.rows_of(copy), revision, head


def _postgresql(database: Database, folder: Path, show: Show) -> tuple[str, dict[str, int], str, str]:
    with database.reading.connect() as opened:
        connection = opened.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        postgresql.dump(connection, database, folder / POSTGRESQL_MEMBER, show)
        revision = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
        rows = postgresql.rows_of(connection)
        with Session(connection) as session:
            head = _head(session, revision)
    return POSTGRESQL_MEMBER, rows, revision, head


def _head(session: Session, revision: str) -> str:
    """The end of the history; blank where the database is of another version and may have none."""
    return str(history_head(session)) if revision == shipped_revisions()[1] else ""


def _refuse_empty(database: Database) -> None:
    state = schema_state(database)
    if state is SchemaState.EMPTY:
        raise Refused("There is nothing to back up: the database is empty. Check POSTMORTEM_DATABASE_URL.")
    if state is SchemaState.FOREIGN:
        raise Refused("The database holds tables that are not ours. Check POSTMORTEM_DATABASE_URL.")


def _attachments(data_dir: Path) -> list[tuple[str, Path]]:
    """Every attachment, by the name it gets in the backup; an upload under way is none yet."""
    root = data_dir / ATTACHMENTS
    found = sorted(
        path
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink() and path.relative_to(root).parts[0] != INCOMING
    )
    return [(f"{ATTACHMENTS}/{path.relative_to(root).as_posix()}", path) for path in found]


def _link(made: Path, destination: Path) -> None:
    """Give the finished file its name, unless somebody else took that meanwhile."""
    try:
        os.link(made, destination)
    except FileExistsError as error:
        raise Refused(
            f"{destination} is there already, and a backup never replaces anything. Name a new file."
        ) from error
    sqlite.sync_folder(destination.parent)
