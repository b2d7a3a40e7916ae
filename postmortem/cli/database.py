"""`postmortem db …`"""

import click
from sqlalchemy import inspect

from postmortem.cli.context import PROBLEMS, settings, state_of
from postmortem.db import Database
from postmortem.history.appending import sign_head
from postmortem.schema import SchemaState, upgrade


@click.group()
def db() -> None:
    """The database's schema."""


@db.command("upgrade")
def upgrade_command() -> None:
    """Make the tables, or bring them up to this program's version. Does nothing when they are."""
    config = settings()
    database = Database(config.database_url, secret_key=config.secret_key)
    state = state_of(database)
    if state in (SchemaState.NEWER, SchemaState.FOREIGN):
        raise click.ClickException(PROBLEMS[state])
    if state is SchemaState.CURRENT:
        click.echo("The database is up to date.")
        return
    has_chain = state is SchemaState.OLDER and _has_chain(database)
    upgrade(database)
    if not has_chain:
        # The migration that chained the history knows no key; nobody else was at the database meanwhile.
        with database.session(writes=True) as session:
            sign_head(session)
            session.commit()
    database.dispose()
    if file := database.file:
        file.chmod(0o600)
    click.echo("The database is made." if state is SchemaState.EMPTY else "The database is upgraded.")


def _has_chain(database: Database) -> bool:
    with database.reading.connect() as connection:
        return inspect(connection).has_table("history_head")
