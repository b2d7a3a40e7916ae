"""What every command needs: checked settings, a database of the right version, one clear sentence on failure."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

# Tables name each other in foreign keys; a command needs all of them known before its first write.
import postmortem.models  # noqa: F401
from postmortem.config import BadSettings, Config, load_config
from postmortem.db import Database
from postmortem.errors import Refused
from postmortem.schema import SchemaState, schema_state

PROBLEMS = {
    SchemaState.EMPTY: "The database is empty. Run: postmortem db upgrade",
    SchemaState.OLDER: "The database is older than this program. Make a backup, then run: postmortem db upgrade",
    SchemaState.NEWER: (
        "The database is newer than this program: a later version has upgraded it. "
        "Install that version, or restore a backup made before the upgrade."
    ),
    SchemaState.FOREIGN: (
        "The database holds tables that are not ours. Check POSTMORTEM_DATABASE_URL, or name an empty database."
    ),
}


def settings(*, host: str = "127.0.0.1", port: int = 8000) -> Config:
    """The settings, or exit with what is wrong with them."""
    try:
        return load_config(listen_host=host, listen_port=port)
    except BadSettings as error:
        raise click.ClickException("\n".join(error.problems)) from error


def checked_database(config: Config) -> Database:
    """The database, or exit saying what to do when its version is not this program's."""
    database = Database(config.database_url, secret_key=config.secret_key)
    if problem := PROBLEMS.get(state_of(database)):
        raise click.ClickException(problem)
    return database


def state_of(database: Database) -> SchemaState:
    """The state of the database's schema, or exit saying why it cannot be opened."""
    try:
        return schema_state(database)
    except DBAPIError as error:
        raise click.ClickException(f"The database cannot be opened: {error.orig}") from error


@contextmanager
def writing_session(config: Config) -> Iterator[Session]:
    """A session that writes; commits at the end, rolls back and exits with the sentence when refused."""
    database = checked_database(config)
    try:
        with database.session(writes=True) as session:
            yield session
            session.commit()
    except Refused as refused:
        raise click.ClickException(refused.sentence) from refused
    except OperationalError as error:
        raise click.ClickException(
            f"The database could not be written, and nothing was changed: {error.orig}. Try again."
        ) from error
    finally:
        database.dispose()
