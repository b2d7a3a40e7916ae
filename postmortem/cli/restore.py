"""`postmortem restore`: replace the database by a backup, or leave everything as it is."""

from pathlib import Path

import click

from postmortem.backup.restoring import restore_backup
from postmortem.cli.context import settings
from postmortem.cli.progress import shown
from postmortem.errors import Refused


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--force", is_flag=True, help="Also where the database has people; it is put aside first.")
def restore(file: Path, force: bool) -> None:
    """Bring back what the backup FILE holds. Stop the server and the worker first."""
    config = settings()
    try:
        with shown() as show:
            restored = restore_backup(config, file.absolute(), force=force, show=show)
    except Refused as refused:
        raise click.ClickException(refused.sentence) from refused
    rows = restored.manifest.rows
    click.echo(
        f"The backup of {restored.manifest.created_at} is restored and checked: {rows.get('people', 0)} people, "
        f"{rows.get('incidents', 0)} incidents, {rows.get('actions', 0)} actions, {rows.get('writeups', 0)} write-ups."
    )
    for path in restored.kept:
        click.echo(f"What was there before is in {path}")
    for warning in restored.warnings:
        click.echo(f"Look at this: {warning}")
    if not restored.is_current:
        click.echo("The backup is older than this program. Now run: postmortem db upgrade")
    click.echo("Everybody has to sign in again.")
