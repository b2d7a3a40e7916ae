"""Which schema a database has, and bringing it up to date. Alembic is imported only to migrate.

On SQLite a migration that rebuilds a table would delete the children of its rows through ON DELETE
CASCADE; so foreign keys are off while migrating and checked afterwards.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.pool import NullPool

from postmortem.db import BUSY_TIMEOUT_MS, Database

if TYPE_CHECKING:
    from alembic.config import Config

_REVISION = re.compile(r"""^(revision|down_revision)\b[^=]*= ["'](\w+)["']$""", re.MULTILINE)


class SchemaState(Enum):
    """How a database's schema stands to the program's."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"
    FOREIGN = "foreign"


class ForeignKeysBroken(Exception):
    """After a migration some rows point at rows that are not there; nothing was committed."""


def shipped(folder: str) -> Path:
    """The `templates` or `migrations` folder: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    inside = package / folder
    return inside if inside.is_dir() else package.parent / folder


def schema_state(database: Database) -> SchemaState:
    """Compare the database's revision with the migrations that this program ships."""
    if (file := database.file) and not file.exists():
        return SchemaState.EMPTY
    with database.reading.connect() as connection:
        tables = inspect(connection).get_table_names()
        if not tables:
            return SchemaState.EMPTY
        if "alembic_version" not in tables:
            return SchemaState.FOREIGN
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if found is None:
        return SchemaState.EMPTY
    known, head = shipped_revisions()
    if found == head:
        return SchemaState.CURRENT
    return SchemaState.OLDER if found in known else SchemaState.NEWER


def shipped_revisions() -> tuple[frozenset[str], str]:
    """Every revision that this program ships, and the newest of them.

    Read from the files, because `serve` asks, and Alembic would stay in the memory of every web process.
    """
    older = {}
    for path in (shipped("migrations") / "versions").glob("*.py"):
        found = dict(_REVISION.findall(path.read_text("utf-8")))
        older[found["revision"]] = found.get("down_revision")
    (head,) = older.keys() - older.values()
    return frozenset(older), head


def upgrade(database: Database, revision: str = "head") -> None:
    """Run every migration up to `revision`. Raises ForeignKeysBroken, having changed nothing."""
    from alembic import command

    with _migrating(database) as config:
        command.upgrade(config, revision)


def downgrade(database: Database, revision: str) -> None:
    """Run the migrations backwards to `revision` (`base` removes every table)."""
    from alembic import command

    with _migrating(database) as config:
        command.downgrade(config, revision)


@contextmanager
def _migrating(database: Database) -> Iterator["Config"]:
    engine = create_engine(database.url, poolclass=NullPool)
    if database.file:
        # SQLite gives its journals the mode of the file; so nobody else can read them, from the first byte on.
        database.file.touch(mode=0o600)
    if database.is_sqlite:
        _without_foreign_keys(engine)
    try:
        with engine.connect() as connection:
            yield alembic_config(connection)
            connection.commit()
    finally:
        engine.dispose()


def check_foreign_keys(connection: Connection) -> None:
    """Raise ForeignKeysBroken where a row points at nothing; called inside the migration's transaction."""
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise ForeignKeysBroken("The migration would leave rows that point at rows which are not there.")


def _without_foreign_keys(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def alembic_config(connection: Connection) -> "Config":
    """Alembic's settings for this connection; the checkout needs no ini file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
