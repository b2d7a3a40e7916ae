"""`postmortem export …`"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from postmortem.errors import Refused

if TYPE_CHECKING:
    from postmortem.config import Config
    from postmortem.exports.site.making import Exported


@click.group()
def export() -> None:
    """Write what was published to files."""


@export.command()
@click.argument("dest", type=click.Path(path_type=Path))
@click.option(
    "--base-url",
    metavar="ADDRESS",
    help="Where the site will stand, for example https://example.com/blog. Feeds need it. "
    "[default: POSTMORTEM_BASE_URL]",
)
@click.option(
    "--include-internal", is_flag=True, help="Also the write-ups that are for people who work here only."
)
def site(dest: Path, base_url: str | None, include_internal: bool) -> None:
    """Write the published blog to the folder DEST: pages, feeds, pictures and a search that needs no server.

    DEST is new, empty, or a site written earlier, which is replaced as a whole. Only public write-ups go out, unless
    --include-internal says otherwise. The site may be in use meanwhile.
    """
    from postmortem.app import create_app
    from postmortem.cli.context import checked_database, settings
    from postmortem.cli.progress import shown
    from postmortem.exports.site.making import export_site

    config = settings()
    checked_database(config).dispose()
    app = create_app(config)
    database = app.extensions["database"]
    try:
        # Pages are made by the templates of the program, for a reader who is not signed in.
        with app.test_request_context("/", base_url=config.base_url), shown() as show:
            exported = export_site(
                database,
                dest.absolute(),
                data_dir=config.data_dir,
                base_url=config.base_url if base_url is None else base_url,
                own_hosts=config.allowed_hosts,
                include_internal=include_internal,
                show=show,
            )
    except Refused as refused:
        raise click.ClickException(refused.sentence) from refused
    finally:
        database.dispose()
    _say(exported, dest, config, base_url, is_internal=include_internal)


def _say(
    exported: "Exported", dest: Path, config: "Config", base_url: str | None, *, is_internal: bool
) -> None:
    click.echo(
        f"The site is in {dest}: {_count(exported.writeups, 'write-up')}, {_count(exported.pages, 'page')}, "
        f"{_count(exported.pictures, 'picture')}. Open {dest / 'index.html'}, or put the folder on any file server."
    )
    if exported.left_out:
        click.echo(
            f"Left out, because for people who work here only: {_count(exported.left_out, 'write-up')}. "
            "With --include-internal they are in it too."
        )
    if is_internal:
        inside = f", {exported.internal:,} of them for people who work here only" if exported.internal else ""
        click.echo(
            f"Warning: this site holds {_count(exported.writeups, 'write-up')}{inside}. "
            "Whoever can open the folder can read all of it: the site asks nobody who they are.",
            err=True,
        )
    elif exported.writeups and not config.public_reading:
        click.echo(
            "Note: POSTMORTEM_PUBLIC_READING is off, so the program itself shows these only to who signs in.",
            err=True,
        )
    if base_url is None:
        click.echo(
            f"Note: the feeds name addresses below {config.base_url}. "
            "Where the site will stand somewhere else, say so with --base-url.",
            err=True,
        )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
