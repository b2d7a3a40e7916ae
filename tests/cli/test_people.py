"""`postmortem people`: who may sign in, and the way back in."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.enums import LinkPurpose, Role
from postmortem.accounts.models import Person
from postmortem.accounts.passwords import is_password
from postmortem.accounts.queries import usable_link
from postmortem.history.models import HistoryEntry
from tests.cli.conftest import Run
from tests.support.client import Browser
from tests.support.second_factor import switch_on


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


@pytest.mark.parametrize("locked_out_by", ["deactivated", "role", "second factor", "password"])
def test_whoever_sits_at_the_machine_gets_back_in(
    run: Run, session: Session, admin: Person, anonymous: Browser, locked_out_by: str
) -> None:
    """The one admin there is, whatever happened to the account; only the commands are used."""
    if locked_out_by == "second factor":
        switch_on(session, admin)
    admin.is_active = locked_out_by != "deactivated"
    admin.role = Role.READER if locked_out_by == "role" else Role.ADMIN
    admin.password_hash = None if locked_out_by == "password" else admin.password_hash
    session.commit()
    if locked_out_by == "deactivated":
        assert run("people", "link", admin.email).exit_code == 1
        assert "may sign in again" in run("people", "activate", admin.email.upper()).output
    if locked_out_by == "role":
        assert "has the role admin" in run("people", "role", admin.email, "admin").output
    if locked_out_by == "second factor":
        assert "without a second factor" in run("people", "reset-second-factor", admin.email).output
    link = "/password/" + run("people", "link", admin.email).output.split("/password/")[1].strip()
    assert anonymous.submit(link, {"password": "another good password"}).location == "/"
    assert anonymous.get("/settings/").status == 200
    entries = session.scalars(select(HistoryEntry).where(HistoryEntry.actor_name == "cli")).all()
    verbs = {"deactivated": "edited", "role": "edited", "second factor": "reset the second factor of"}
    assert [each.verb for each in entries][1:] == [
        *([verbs[locked_out_by]] if locked_out_by in verbs else []),
        "made a password link for",
    ]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (("activate", "nobody@example.com"), "Nobody here has the address nobody@example.com."),
        (("role", "nobody@example.com", "admin"), "Nobody here"),
        (("role", "ada-admin@example.com", "reader"), "last admin who can sign in"),
        (("reset-second-factor", "ada-admin@example.com"), "Ada Admin has no second factor."),
        (("role", "ada-admin@example.com", "emperor"), "Invalid value"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    run: Run, session: Session, admin: Person, command: tuple[str, ...], says: str
) -> None:
    shown = run("people", *command)
    assert shown.exit_code != 0
    assert says in shown.output
    session.refresh(admin)
    assert (admin.role, admin.is_active) == (Role.ADMIN, True)


def test_who_was_merged_or_anonymised_stays_closed(run: Run, session: Session, author: Person) -> None:
    author.is_active, author.anonymised_at = False, clock.now()
    session.commit()
    shown = run("people", "activate", author.email)
    assert shown.exit_code == 1
    assert "stays closed" in shown.output
