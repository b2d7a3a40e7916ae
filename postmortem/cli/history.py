"""`postmortem history …`"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from postmortem.cli.context import checked_database, settings, writing_session
from postmortem.cli.progress import track
from postmortem.history.appending import locked_head, sign_head
from postmortem.history.checks import Batches, chain_problems, history_head, known_head_problem
from postmortem.history.export import json_lines
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI, SITE, record

DAY = click.DateTime(["%Y-%m-%d"])
SHOWN = 20


@click.group()
def history() -> None:
    """Check the history of all changes, and write it to a file."""


@history.command()
@click.option("--head", "known", help="An end of the history that was printed or exported earlier.")
def verify(known: str | None) -> None:
    """Follow the chain of hashes from its start. Exit code 1 when an entry was changed, put in or taken out."""
    with _reading_session() as session:
        problems = list(islice(chain_problems(session, _watched), SHOWN + 1))
        if known and (problem := known_head_problem(session, known)):
            problems.insert(0, problem)
        head = history_head(session)
    for problem in problems[:SHOWN]:
        click.echo(f"wrong: {problem}")
    if len(problems) > SHOWN:
        click.echo("There is more.")
    click.echo(f"The history ends with {head}")
    if problems:
        raise click.exceptions.Exit(1)
    click.echo(f"All {head.position:,} entries are what was written.")


@history.command()
@click.argument("dest", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--since", type=DAY, help="The first day (UTC), for example 2026-03-09.")
@click.option("--until", type=DAY, help="The last day (UTC).")
def export(dest: Path, since: datetime | None, until: datetime | None) -> None:
    """Write the history to the new file DEST as lines of JSON, oldest first; only you can read the file."""
    where = []
    if since:
        where.append(HistoryEntry.at >= datetime.combine(since, time(), UTC))
    if until:
        where.append(HistoryEntry.at < datetime.combine(until, time(), UTC) + timedelta(days=1))
    with _reading_session() as session:
        try:
            descriptor = os.open(dest, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                count = _write(file, json_lines(session, *where))
        except OSError as error:
            raise click.ClickException(f"{dest} cannot be written: {error.strerror}.") from error
    click.echo(f"{count:,} entries are in {dest}.")


@history.command()
def sign() -> None:
    """Sign the end of the history anew, after the secret key was changed. Refused when the chain does not hold."""
    with writing_session(settings()) as session:
        if locked_head(session)[2]:
            click.echo("The end of the history is signed already.")
            return
        sign_head(session)
        if problem := next(chain_problems(session), None):
            raise click.ClickException(f"Not signed. {problem}")
        record(session, "signed the history of", SITE, actor=CLI)
    click.echo("The end of the history is signed.")


def _watched(batches: Batches) -> Batches:
    return track(batches, "Checking", unit=" thousand entries")


def _write(file: Any, lines: Iterable[str]) -> int:
    """Write the lines; how many entries they are (the last one is the end of the chain)."""
    count = -1
    for line in track(lines, "Writing", unit=" entries"):
        file.write(line)
        count += 1
    return count


@contextmanager
def _reading_session() -> Iterator[Session]:
    database = checked_database(settings())
    try:
        with database.session(writes=False) as session:
            yield session
    finally:
        database.dispose()
