"""`postmortem people …`"""

import sys

import click

from postmortem.accounts import operations, operations_sign_in, queries
from postmortem.accounts.enums import Role
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


def _print_link(base_url: str, token: str) -> None:
    click.echo("Link to set the password, works once and for 7 days:")
    click.echo(f"  {base_url}/password/{token}")
