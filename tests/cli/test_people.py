"""`postmortem people`: who may sign in, and the way back in."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.enums import LinkPurpose, Role
from postmortem.accounts.models import Person
from postmortem.accounts.passwords import is_password
from postmortem.accounts.queries import usable_link
from postmortem.history.models import HistoryEntry
from tests.cli.conftest import Run


def person(session: Session, email: str) -> Person:
    return session.scalars(select(Person).where(Person.email == email)).one()


def test_a_person_with_a_password(run: Run, session: Session) -> None:
    shown = run(
        *("people", "add", "Ada@Example.com", "--name", "Ada", "--role", "admin", "--password-stdin"),
        input="a good long password\r\n",
    )
    assert shown.exit_code == 0
    assert "a good long password" not in shown.output
    assert "/password/" not in shown.output
    ada = person(session, "ada@example.com")
    assert ada.role is Role.ADMIN
    assert is_password(ada.password_hash, "a good long password")
    assert [entry.actor_name for entry in session.scalars(select(HistoryEntry))] == ["cli"]


def test_a_person_without_a_password_gets_a_link(run: Run, session: Session) -> None:
    shown = run("people", "add", "bo@example.com", "--name", "Bo")
    assert shown.exit_code == 0
    link = re.search(r"http://127\.0\.0\.1:8000/password/(\S+)", shown.output)
    assert link is not None
    bo = person(session, "bo@example.com")
    assert (bo.role, bo.password_hash) == (Role.READER, None)
    usable = usable_link(session, LinkPurpose.PASSWORD, link.group(1))
    assert usable is not None
    assert usable.person_id == bo.id


def test_a_new_link_ends_the_old_one(run: Run, session: Session) -> None:
    first = run("people", "add", "bo@example.com", "--name", "Bo").output.split("/password/")[1].strip()
    shown = run("people", "link", "BO@example.com")
    assert shown.exit_code == 0
    second = shown.output.split("/password/")[1].strip()
    assert usable_link(session, LinkPurpose.PASSWORD, first) is None
    assert usable_link(session, LinkPurpose.PASSWORD, second) is not None


@pytest.mark.parametrize(
    ("arguments", "password", "words"),
    [
        (("bo@example.com", "--name", "Bo"), None, "already"),
        (("BO@EXAMPLE.COM", "--name", "Bo"), None, "already"),
        (("no address", "--name", "Bo"), None, "e-mail address"),
        (("x@example.com", "--name", "  "), None, "name"),
        (("x@example.com", "--name", "X", "--password-stdin"), "short\n", "8 characters"),
        (("x@example.com", "--name", "X", "--password-stdin"), "", "8 characters"),
    ],
)
def test_what_is_refused_adds_nobody(
    run: Run, session: Session, arguments: tuple[str, ...], password: str | None, words: str
) -> None:
    run("people", "add", "bo@example.com", "--name", "Bo")
    shown = run("people", "add", *arguments, input=password)
    assert shown.exit_code == 1
    assert words in shown.stderr
    assert len(session.scalars(select(Person)).all()) == 1


def test_slips_in_the_command_line(run: Run) -> None:
    assert run("people", "add", "x@example.com").exit_code == 2
    shown = run("people", "add", "x@example.com", "--name", "X", "--role", "king")
    assert shown.exit_code == 2
    assert "king" in shown.stderr


def test_a_link_for_nobody(run: Run) -> None:
    shown = run("people", "link", "nobody@example.com")
    assert shown.exit_code == 1
    assert "Nobody here has the address nobody@example.com." in shown.stderr
