"""`postmortem people …`"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from postmortem.accounts import operations, operations_second_factor, operations_sign_in, queries
from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person
from postmortem.cli.context import settings, writing_session
from postmortem.history.operations import CLI


@click.group()
def people() -> None:
    """People who may sign in."""


@people.command("add")
@click.argument("email")
@click.option("--name", required=True, help="The name to show.")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.READER.value, show_default=True
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(email: str, name: str, role: str, password_stdin: bool) -> None:
    """Add a person. Without a password, print a single-use link to set one, valid 7 days."""
    config = settings()
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with writing_session(config) as session:
        person = operations.add_person(
            session, email=email, name=name, role=Role(role), password=password, actor=CLI
        )
        link = None if password_stdin else operations_sign_in.issue_password_link(session, person, actor=CLI)
    click.echo(f"{person.name} <{person.email}> is here now, with the role {person.role.value}.")
    if link:
        _print_link(config.base_url, link)


@people.command("link")
@click.argument("email")
def link_command(email: str) -> None:
    """Print a new single-use link to set the password of EMAIL, valid 7 days. The way back in."""
    config = settings()
    with writing_session(config) as session:
        person = queries.person_by_email(session, email)
        if person is None:
            raise click.ClickException(f"Nobody here has the address {email}.")
        link = operations_sign_in.issue_password_link(session, person, actor=CLI)
    _print_link(config.base_url, link)


@people.command("activate")
@click.argument("email")
def activate(email: str) -> None:
    """Let EMAIL sign in again after they were deactivated."""
    with _person(email) as (session, person):
        operations.edit_person(session, person, {"is_active": True}, version=None, actor=CLI)
    click.echo(f"{person.name} may sign in again.")


@people.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice([role.value for role in Role]))
def role_command(email: str, role: str) -> None:
    """Give EMAIL another ROLE."""
    with _person(email) as (session, person):
        operations.edit_person(session, person, {"role": Role(role)}, version=None, actor=CLI)
    click.echo(f"{person.name} has the role {role} now.")


@people.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Let EMAIL sign in without a second factor, until they set up another."""
    with _person(email) as (session, person):
        operations_second_factor.reset_second_factor(session, person, actor=CLI)
    click.echo(f"{person.name} signs in without a second factor now.")


@people.command("merge")
@click.argument("gone", metavar="FROM")
@click.argument("stays", metavar="INTO")
@click.option("--yes", is_flag=True, help="Do not ask.")
def merge_command(gone: str, stays: str, yes: bool) -> None:
    """Let everything that points at FROM point at INTO. FROM is closed for good: there is no way back."""
    from postmortem.leaving.operations_merge import merge

    if not yes:
        click.confirm(f"Merge {gone} into {stays}? This cannot be undone.", abort=True)
    with _person(gone) as (session, person):
        into = queries.person_by_email(session, stays)
        if into is None:
            raise click.ClickException(f"Nobody here has the address {stays}.")
        merge(session, person.id, into.id, typed=person.email, actor=CLI)
    click.echo(f"Everything points at {into.name} <{into.email}> now.")


@people.command("anonymise")
@click.argument("email")
@click.option("--reason", required=True, help="One sentence that stays in the history, without the name.")
@click.option(
    "--also", multiple=True, help="Another name to look for: a maiden name, a misspelling. Repeat it."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def anonymise_command(email: str, reason: str, also: tuple[str, ...], yes: bool) -> None:
    """Take the name, address and handle of EMAIL out of every record, text and entry of the history, for good."""
    from postmortem.db import Database
    from postmortem.leaving.file import LEFT, forget_freed
    from postmortem.leaving.operations_anonymise import anonymise

    if not yes:
        click.confirm(f"Anonymise {email} everywhere? This cannot be undone.", abort=True)
    with _person(email) as (session, person):
        now_called = anonymise(session, person.id, typed=person.email, reason=reason, also=also, actor=CLI)
    click.echo(f"They are {now_called} now, everywhere.")
    database = Database(settings().database_url)
    try:
        if not forget_freed(database):
            click.echo(LEFT)
    finally:
        database.dispose()


@contextmanager
def _person(email: str) -> Iterator[tuple[Session, Person]]:
    """A session that writes and the person with this address; exits with a sentence when there is nobody."""
    with writing_session(settings()) as session:
        person = queries.person_by_email(session, email)
        if person is None:
            raise click.ClickException(f"Nobody here has the address {email}.")
        yield session, person


def _print_link(base_url: str, token: str) -> None:
    click.echo("Link to set the password, works once and for 7 days:")
    click.echo(f"  {base_url}/password/{token}")
