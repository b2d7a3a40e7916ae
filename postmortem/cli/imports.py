"""`postmortem import …`"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from postmortem.imports.operations import Report
    from postmortem.imports.plan import Item, Plan

# Exit codes beside 0 and click's 1 and 2; docs/imports.md says the same.
SOME_UNUSABLE, STOPPED = 3, 130


@click.group("import")
def import_() -> None:
    """Bring in incidents and write-ups from files. A second run changes nothing."""


@import_.command("markdown")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--source", metavar="NAME", help="What to call the collection (default: its folder's name).")
@click.option("--timezone", metavar="ZONE", help="The zone of times that name none, like Europe/Stockholm.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would come in.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def markdown(path: Path, source: str | None, timezone: str | None, dry_run: bool, as_json: bool) -> None:
    """Bring in PATH: a Markdown file or a folder of them, with or without YAML front matter."""
    _check(path, source, timezone)
    with _stopping_leaves_nothing():
        report = _import(path, source, timezone, dry_run=dry_run)
    from postmortem.cli.import_report import as_json_text, as_text

    click.echo(as_json_text(report) if as_json else as_text(report))
    if report.unusable:
        raise click.exceptions.Exit(SOME_UNUSABLE)
    if not (report.came or report.here or report.deleted):
        raise click.ClickException(
            f"No incident was found in {path}. Files that come in end in .md or .markdown and have a text."
        )


def _check(path: Path, source: str | None, timezone: str | None) -> None:
    from postmortem.web import zones

    if not path.exists():
        raise click.ClickException(f"There is no file or folder {path}.")
    if source is not None and not source.strip():
        raise click.ClickException("The name of the collection (--source) must not be blank.")
    if timezone is not None and not zones.is_zone(timezone):
        raise click.ClickException(f"There is no time zone {timezone}. Use a name like Europe/Stockholm.")


@contextmanager
def _stopping_leaves_nothing() -> Iterator[None]:
    """On Ctrl-C everything was in one transaction that is not committed: say so."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo("Stopped. Nothing was brought in.", err=True)
        raise click.exceptions.Exit(STOPPED) from None


def _import(path: Path, source: str | None, timezone: str | None, *, dry_run: bool) -> "Report":
    from postmortem.cli.context import checked_database, settings, writing_session
    from postmortem.cli.progress import track
    from postmortem.history.operations import IMPORT
    from postmortem.imports.formats.markdown import plan_import
    from postmortem.imports.operations import import_plan

    def bringing_in(chunks: "Sequence[Sequence[Item]]") -> "Iterable[Sequence[Item]]":
        return track(chunks, "Bringing in", unit=" batches")

    def planned() -> "Plan":
        return plan_import(
            path, source=source, timezone=timezone, track=lambda files: track(files, "Reading")
        )

    config = settings()
    if dry_run:
        database = checked_database(config)
        try:
            with database.session(writes=False) as session:
                return import_plan(session, planned(), actor=IMPORT, dry_run=True)
        finally:
            database.dispose()
    # Checked before the files are read, which may take a while; the write lock is taken after that.
    checked_database(config).dispose()
    plan = planned()
    with writing_session(config) as session:
        return import_plan(session, plan, actor=IMPORT, track=bringing_in)
