"""`postmortem doctor`: each setting, where it came from, and what is wrong."""

import os

import click
from sqlalchemy.exc import DBAPIError

from postmortem.cli.checks import database_problems, disk_problems, file_problems, picture_problems
from postmortem.config import BadSettings, load_config, unknown_variables
from postmortem.db import Database
from postmortem.history.checks import history_head
from postmortem.schema import SchemaState, schema_state


@click.command()
def doctor() -> None:
    """Print every setting, where it came from and what is wrong. Exit code 1 when something is."""
    try:
        config = load_config()
    except BadSettings as error:
        for problem in error.problems:
            click.echo(f"wrong: {problem}")
        raise click.exceptions.Exit(1) from error
    for setting in config.settings:
        shown = "(secret)" if setting.is_secret and setting.origin != "default" else setting.value or "(none)"
        click.echo(f"POSTMORTEM_{setting.name} = {shown}   from {setting.origin}")
    database = Database(config.database_url, secret_key=config.secret_key)
    try:
        # Before the database is opened: that makes files of its own.
        problems = [
            *_environment_problems(),
            *file_problems(config, database),
            *disk_problems(config, database),
        ]
        _say_end_of_history(database)
        problems += database_problems(database)
        problems += picture_problems(config, database)
    finally:
        database.dispose()
    for problem in problems:
        click.echo(f"wrong: {problem}")
    if problems:
        raise click.exceptions.Exit(1)
    click.echo("Everything looks right.")


def _environment_problems() -> list[str]:
    return [f"{name} is no setting. Check its spelling." for name in unknown_variables(os.environ)]


def _say_end_of_history(database: Database) -> None:
    """To be written down elsewhere; a database that cannot be read is spoken of among what is wrong."""
    try:
        if schema_state(database) is SchemaState.CURRENT:
            with database.session(writes=False) as session:
                click.echo(f"The history ends with {history_head(session)}")
    except DBAPIError:
        pass
