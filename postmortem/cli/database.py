"""`postmortem db …`"""

import click

from postmortem.cli.context import PROBLEMS, settings, state_of
from postmortem.db import Database
from postmortem.schema import SchemaState, upgrade


@click.group()
def db() -> None:
    """The database's schema."""


@db.command("upgrade")
def upgrade_command() -> None:
    """Make the tables, or bring them up to this program's version. Does nothing when they are."""
    database = Database(settings().database_url)
    state = state_of(database)
    if state in (SchemaState.NEWER, SchemaState.FOREIGN):
        raise click.ClickException(PROBLEMS[state])
    if state is SchemaState.CURRENT:
        click.echo("The database is up to date.")
        return
    upgrade(database)
    if file := database.file:
        file.chmod(0o600)
    click.echo("The database is made." if state is SchemaState.EMPTY else "The database is upgraded.")
