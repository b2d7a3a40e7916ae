"""Restoring: everything is unpacked and checked beside the old, which is replaced in one step or stays as it is."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from postmortem import clock
from postmortem.backup import postgresql, sqlite
from postmortem.backup.archive import read_archive
from postmortem.backup.making import make_backup
from postmortem.backup.manifest import ATTACHMENTS, Manifest, Show
from postmortem.config import Config
from postmortem.db import Database
from postmortem.errors import Refused
from postmortem.history.checks import chain_problems, known_head_problem
from postmortem.history.operations import CLI, SITE, record
from postmortem.schema import SchemaState, schema_state, shipped_revisions

# What must not live on: sign-ins and links that ended or were used after the backup was made, and secret addresses of
# calendars that were revoked. Recovery codes stay, since
# without them a lost phone locks its owner out; one that was used since works once more, and the documents say so.
ENDED = ("sessions", "single_use_links", "oidc_requests", "calendar_links", "feed_links")


@dataclass(frozen=True)
class Restored:
    """What came back, where the replaced things are kept, and what an admin should look at."""

    manifest: Manifest
    is_current: bool
    kept: tuple[Path, ...]
    warnings: tuple[str, ...]


def restore_backup(config: Config, file: Path, *, force: bool, show: Show) -> Restored:
    """Replace the database and the attachments by those of a backup, and end every sign-in.

    Raises Refused, having changed nothing: for a file that is damaged or of another kind of database or of a later
    program, for a database with people where not forced, for one that somebody has open.
    """
    database = Database(config.database_url, secret_key=config.secret_key)
    try:
        has_something = _refuse_occupied(database, force=force)
        beside = (database.file or config.data_dir / "x").parent
        with _folder_in(beside) as folder:
            manifest = read_archive(file, folder, show)
            is_current = _check_fit(manifest, database)
            stamp = f"{clock.now():%Y%m%d-%H%M%S}"
            work = _Work(config, database, folder, manifest, stamp, keeps=has_something, show=show)
            warnings = work.sqlite(is_current) if database.is_sqlite else work.postgresql(is_current)
            return Restored(manifest, is_current, tuple(work.kept), tuple(warnings))
    except (DBAPIError, sqlite3.Error) as error:
        raise Refused(f"The database could not be restored: {getattr(error, 'orig', error)}.") from error
    except OSError as error:
        raise Refused(
            f"The backup could not be restored: {error.strerror or error} ({error.filename or file})."
        ) from error
    finally:
        database.dispose()


def _refuse_occupied(database: Database, *, force: bool) -> bool:
    """Whether there is something to keep aside. Refuses where that needs force, or is not ours at all."""
    try:
        state = schema_state(database)
        if state is SchemaState.EMPTY:
            return False
        if state is SchemaState.FOREIGN:
            raise Refused(
                "The database holds tables that are not ours. Check POSTMORTEM_DATABASE_URL, or name an empty one."
            )
        people = _people(database)
    except DBAPIError as error:
        if not database.is_sqlite:
            raise Refused(f"The database cannot be opened: {error.orig}") from error
        if not force:
            raise Refused(
                f"The database that is there cannot be read ({error.orig}). With --force it is put aside and replaced."
            ) from error
        return True
    if people and not force:
        raise Refused(
            f"The database has {people} {'person' if people == 1 else 'people'} in it. "
            "With --force it is put aside and replaced by the backup."
        )
    return bool(people)


def _people(database: Database) -> int:
    with database.reading.connect() as connection:
        if "people" not in inspect(connection).get_table_names():
            return 0
        return connection.scalar(text("SELECT count(*) FROM people")) or 0


def _check_fit(manifest: Manifest, database: Database) -> bool:
    """Whether the backup has this program's schema. Refuses what this program cannot use."""
    if (manifest.database == "sqlite") is not database.is_sqlite:
        kind = "an SQLite" if manifest.database == "sqlite" else "a PostgreSQL"
        raise Refused(
            f"This is a backup of {kind} database. Set POSTMORTEM_DATABASE_URL to one, then restore."
        )
    known, head = shipped_revisions()
    if manifest.revision not in known:
        raise Refused(
            f"This backup was made by a newer program ({manifest.program}). Install that version, then restore."
        )
    return manifest.revision == head


@contextmanager
def _folder_in(parent: Path) -> Iterator[Path]:
    """A folder for the work, 0700, on the disk where the result belongs."""
    folder = Path(tempfile.mkdtemp(prefix=".postmortem-restore-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Work:
    """One restore."""

    def __init__(
        self,
        config: Config,
        database: Database,
        folder: Path,
        manifest: Manifest,
        stamp: str,
        *,
        keeps: bool,
        show: Show,
    ) -> None:
        self.config, self.database, self.folder, self.manifest = config, database, folder, manifest
        self.stamp, self.keeps, self.show = stamp, keeps, show
        self.kept: list[Path] = []

    def sqlite(self, is_current: bool) -> list[str]:
        """Check the copy, finish it, and let it take the place of the old file."""
        new, file = self.folder / self.manifest.database_member, self.database.file or Path()
        self.show("Checking", 0, 0)
        if damage := sqlite.damage_of(new):
            raise Refused(f"The database in this backup is damaged: {damage}. Use another backup.")
        if sqlite.rows_of(new) != self.manifest.rows:
            raise Refused("The database in this backup does not have the rows that the backup lists.")
        sqlite.clear_tables(new, ENDED)
        warnings = []
        if is_current:
            copy = Database(f"sqlite:///{new}", secret_key=self.config.secret_key)
            try:
                warnings = self._finish(copy)
            finally:
                copy.dispose()
        self.database.dispose()
        with self._attachments():
            aside = file.with_name(f"{file.name}.replaced-{self.stamp}") if self.keeps else None
            sqlite.take_place(new, file, aside)
            self.kept += [aside] if aside else []
        return warnings

    def postgresql(self, is_current: bool) -> list[str]:
        """Keep a backup of what is there, then replace all of it in one transaction."""
        if self.keeps:
            aside = self.config.data_dir / f"replaced-{self.stamp}.tar.gz"
            make_backup(self.config, aside, show=self.show)
            self.kept.append(aside)
        dumped = self.folder / self.manifest.database_member
        with self._attachments():
            postgresql.replace_all(
                self.database, dumped, rows=self.manifest.rows, cleared=ENDED, show=self.show
            )
        return self._finish(self.database) if is_current else []

    def _finish(self, database: Database) -> list[str]:
        """Follow the history to its end, and note the restoring in it."""
        with database.session(writes=True) as session:
            problems = list(chain_problems(session))
            known = self.manifest.history_head
            if known and (problem := known_head_problem(session, known)):
                problems.append(problem)
            changes = {"backup_made_at": [None, self.manifest.created_at]}
            record(session, "restored a backup of", SITE, actor=CLI, changes=changes)
            session.commit()
        return problems

    @contextmanager
    def _attachments(self) -> Iterator[None]:
        """Exchange the folder of attachments; back again where the database cannot be exchanged."""
        here, new = self.config.data_dir / ATTACHMENTS, self.folder / ATTACHMENTS
        aside = here.with_name(f"{ATTACHMENTS}.replaced-{self.stamp}")
        was_there = here.exists()
        if was_there:
            here.rename(aside)
        try:
            if new.exists():
                shutil.copytree(new, here) if new.stat().st_dev != here.parent.stat().st_dev else new.rename(
                    here
                )
                here.chmod(0o700)
            yield
        except BaseException:
            shutil.rmtree(here, ignore_errors=True)
            if was_there:
                aside.rename(here)
            raise
        if was_there and self.keeps:
            self.kept.append(aside)
        elif was_there:
            shutil.rmtree(aside)
