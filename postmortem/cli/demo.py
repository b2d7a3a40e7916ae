"""`postmortem demo …`"""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from postmortem.imports.demo import Loaded

PASSWORD_FILE = "demo-password"  # noqa: S105
ROLES = ("admin", "facilitator", "contributor", "reader")


@click.group()
def demo() -> None:
    """The sample company."""


@demo.command("load")
def load() -> None:
    """Load the sample company, and say how to sign in as its people. A second time it only says that.

    On an empty database all its people get one random password; it is kept in the data folder.
    """
    from postmortem.accounts.queries import has_people
    from postmortem.cli.context import settings, writing_session
    from postmortem.history.operations import CLI
    from postmortem.imports.demo import load_samples

    config = settings()
    file = config.data_dir / PASSWORD_FILE
    password = None
    with writing_session(config) as session:
        if not has_people(session):
            password = _new_password(file)
        loaded = load_samples(session, actor=CLI, password=password)
    click.echo(_sentence(loaded))
    _say_how_to_sign_in(file, is_new=password is not None or loaded.was_here)


def _sentence(loaded: "Loaded") -> str:
    if loaded.was_here:
        return "The sample company is here already; nothing was changed."
    return (
        f"Loaded the sample company Larkspool: {loaded.incidents} incidents, {loaded.writeups} write-ups, "
        f"{loaded.people} people."
    )


def _new_password(file: Path) -> str:
    """A random password, kept in a file that only this user can read."""
    password = secrets.token_urlsafe(12)
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        opened.write(password + "\n")
    return password


def _say_how_to_sign_in(file: Path, *, is_new: bool) -> None:
    from postmortem.imports.demo import sample_people

    cast = {person["role"]: person["email"] for person in reversed(sample_people())}
    if is_new and file.exists():
        password = file.read_text().strip()
        for role in ROLES:
            click.echo(f"Sign in as {cast[role]} ({role}) with password {password}")
        return
    click.echo("The sample people have no password. A link to set one:")
    click.echo(f"  postmortem people link {cast['admin']}")
