"""`postmortem backup`: everything but the secret key in one new file, while the site is in use."""

from pathlib import Path

import click

from postmortem.backup.making import make_backup
from postmortem.cli.context import settings
from postmortem.cli.progress import shown
from postmortem.errors import Refused


@click.command()
@click.argument("dest", type=click.Path(path_type=Path))
def backup(dest: Path) -> None:
    """Write a backup to the new file DEST. The site may be in use meanwhile."""
    config = settings()
    try:
        with shown() as show:
            manifest = make_backup(config, dest.absolute(), show=show)
    except Refused as refused:
        raise click.ClickException(refused.sentence) from refused
    rows = manifest.rows
    click.echo(
        f"The backup is in {dest}: {rows.get('people', 0)} people, {rows.get('incidents', 0)} incidents, "
        f"{rows.get('actions', 0)} actions, {rows.get('writeups', 0)} write-ups, {dest.stat().st_size:,} bytes."
    )
    click.echo("The secret key is not in it. Keep that at another place.")
