"""`postmortem doctor`: each setting, where it came from, and what is wrong."""

import os
from itertools import islice

import click
from sqlalchemy.exc import DBAPIError

from postmortem.cli.context import PROBLEMS
from postmortem.config import BadSettings, Config, load_config, unknown_variables
from postmortem.db import Database
from postmortem.history.checks import chain_problems, history_head
from postmortem.schema import schema_state


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
    problems = [*_environment_problems(), *_data_dir_problems(config), *_database_problems(config)]
    for problem in problems:
        click.echo(f"wrong: {problem}")
    if problems:
        raise click.exceptions.Exit(1)
    click.echo("Everything looks right.")


def _environment_problems() -> list[str]:
    return [f"{name} is no setting. Check its spelling." for name in unknown_variables(os.environ)]


def _data_dir_problems(config: Config) -> list[str]:
    wanted = {config.data_dir: 0o700, config.data_dir / "secret-key": 0o600}
    if file := Database(config.database_url).file:
        wanted[file] = 0o600
    problems = []
    for path, mode in wanted.items():
        if path.exists() and (found := path.stat().st_mode & 0o777) & 0o077:
            problems.append(
                f"Others on this machine can read {path} (mode {found:o}). Run: chmod {mode:o} {path}"
            )
    return problems


def _database_problems(config: Config) -> list[str]:
    database = Database(config.database_url, secret_key=config.secret_key)
    try:
        if problem := PROBLEMS.get(schema_state(database)):
            return [problem]
        if database.is_sqlite:
            with database.reading.connect() as connection:
                found = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
                if found != "ok":
                    return [f"The database file is damaged: {found}. Restore a backup."]
                if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    return ["Some rows point at rows that are not there. Restore a backup, or ask for help."]
        return _history_problems(database)
    except DBAPIError as error:
        return [f"The database cannot be opened: {error.orig}"]
    finally:
        database.dispose()


def _history_problems(database: Database) -> list[str]:
    with database.session(writes=False) as session:
        click.echo(f"The history ends with {history_head(session)}")
        return list(islice(chain_problems(session), 20))
