"""The first visit: an empty database leads to /setup, a code guards it, afterwards it is gone."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person, SingleUseLink
from postmortem.accounts.operations_sign_in import issue_setup_code
from postmortem.db import Database
from postmortem.errors import Refused
from postmortem.history.models import HistoryEntry
from tests.factories.accounts import make_person
from tests.support.client import Browser

FIRST = {
    "email": "Ada@Example.com",
    "name": "Ada",
    "password": "a long password",
    "timezone": "Europe/Stockholm",
}


@pytest.fixture
def code(database: Database) -> str:
    """The code that the program prints when it starts."""
    with database.session(writes=True) as writing:
        found = issue_setup_code(writing)
        writing.commit()
    return found


def people(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Person)) or 0


@pytest.mark.parametrize(
    "path", ["/", "/login", "/people/", "/incidents/", "/incidents/7", "/me", "/writeups/feed.atom"]
)
def test_every_page_of_an_empty_site_leads_to_the_set_up(anonymous: Browser, path: str) -> None:
    page = anonymous.get(path)
    assert (page.status, page.location) == (303, "/setup")


def test_operators_and_assets_are_answered_before_the_set_up(anonymous: Browser) -> None:
    assert anonymous.get("/healthz").status == 200
    assert anonymous.get("/readyz").status == 200
    with anonymous.client.get("/static/base.css") as response:
        assert response.status_code == 200
    assert anonymous.get("/nowhere").status == 404


def test_the_first_admin_is_made_and_signed_in_and_the_set_up_is_gone(
    anonymous: Browser, code: str, session: Session
) -> None:
    page = anonymous.get(f"/setup?code={code}")
    assert page.forms[-1].data["code"] == [code]
    assert "Europe/Stockholm" in page.html
    page = anonymous.post("/setup", page.forms[-1].data | FIRST)
    assert (page.status, page.location) == (303, "/")
    ada = session.scalars(select(Person)).one()
    assert (ada.email, ada.name, ada.role, ada.timezone) == (
        "ada@example.com",
        "Ada",
        Role.ADMIN,
        "Europe/Stockholm",
    )
    assert ada.password_hash.startswith("$argon2id$")
    added, signed_in = session.scalars(select(HistoryEntry).order_by(HistoryEntry.id))
    assert (added.actor_id, added.actor_name, added.verb) == (None, "Ada", "added")
    assert (signed_in.actor_id, signed_in.verb) == (ada.id, "signed in as")
    assert anonymous.get("/people/new").status == 200
    for browser in (anonymous, Browser(anonymous.app)):
        assert browser.get(f"/setup?code={code}").status == 404
        assert browser.post("/setup", {**FIRST, "code": code, "email": "eve@example.com"}).status == 404
    assert people(session) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"code": ""}, "That is not the code."),
        ({"code": "x" * 43}, "That is not the code."),
        ({"code": "\0"}, "That is not the code."),
        ({"password": "seven77"}, "Choose a password of 8 characters or more."),
        ({"password": ""}, "Choose a password of 8 characters or more."),
        ({"password": "x" * 1001}, "Choose a password of at most 1000 characters."),
        ({"email": "ada"}, "Enter an e-mail address like ada@example.com."),
        ({"email": ""}, "Enter your e-mail address."),
        ({"name": " "}, "Enter your name."),
        ({"timezone": "Mars/Olympus"}, "Enter a time zone by its name"),
    ],
)
def test_what_is_wrong_is_said_what_was_typed_is_kept_and_the_code_still_works(
    anonymous: Browser, code: str, session: Session, changes: dict[str, str], says: str
) -> None:
    page = anonymous.submit(f"/setup?code={code}", {**FIRST, **changes})
    assert page.status == 422
    assert says in page.text
    assert FIRST["password"] not in page.html
    kept = page.forms[-1].data
    for name in ("email", "name", "timezone"):
        assert kept[name] == [changes.get(name, FIRST[name]).strip()]
    assert people(session) == 0
    assert anonymous.submit(f"/setup?code={code}", FIRST).status == 303


def test_the_code_of_the_last_start_counts_and_not_for_ever(
    anonymous: Browser, code: str, database: Database, session: Session
) -> None:
    with database.session(writes=True) as writing:
        second = issue_setup_code(writing)
        writing.commit()
    assert anonymous.submit("/setup", {**FIRST, "code": code}).status == 422
    link = session.scalars(select(SingleUseLink)).one()
    link.expires_at = clock.now() - timedelta(seconds=1)
    session.commit()
    assert anonymous.submit("/setup", {**FIRST, "code": second}).status == 422
    assert people(session) == 0


def test_a_password_link_is_no_set_up_code_and_a_code_sets_no_password(
    anonymous: Browser, code: str, session: Session
) -> None:
    make_person(session, "Ada Admin", role="admin")
    assert anonymous.get(f"/password/{code}").status == 404


def test_no_code_is_made_once_somebody_is_there(database: Database, admin: Person) -> None:
    with database.session(writes=True) as writing, pytest.raises(Refused, match="set up already"):
        issue_setup_code(writing)


def test_two_visitors_at_once_make_one_admin(app: Flask, code: str, session: Session) -> None:
    together = threading.Barrier(2)
    answers: list[int] = []

    def set_up(name: str) -> None:
        browser = Browser(app)
        data = browser.get(f"/setup?code={code}").forms[-1].data
        together.wait()
        answers.append(browser.post("/setup", {**data, **FIRST, "email": f"{name}@example.com"}).status)

    threads = [threading.Thread(target=set_up, args=(name,)) for name in ("ada", "eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers)[0] == 303
    assert sorted(answers)[1] in (404, 422)
    assert people(session) == 1


def test_the_samples_are_loaded_only_when_asked_for(
    make_app: Callable[..., Flask], code: str, session: Session
) -> None:
    app, loaded = make_app(), []
    app.config["LOAD_SAMPLES"] = lambda _session, person: loaded.append(person.email)
    page = Browser(app).submit(f"/setup?code={code}", {**FIRST, "load_samples": "y"})
    assert (page.status, loaded) == (303, ["ada@example.com"])


def test_samples_that_fail_to_load_leave_no_half_of_a_set_up(
    make_app: Callable[..., Flask], code: str, session: Session
) -> None:
    def refuse(_session: Session, _person: Person) -> None:
        raise Refused("The samples cannot be read.")

    app = make_app()
    app.config["LOAD_SAMPLES"] = refuse
    browser = Browser(app)
    page = browser.submit(f"/setup?code={code}", {**FIRST, "load_samples": "y"})
    assert page.status == 422
    assert "The samples cannot be read." in page.text
    assert people(session) == 0
    assert browser.get("/me").location == "/setup"
    assert browser.submit(f"/setup?code={code}", FIRST).status == 303


def test_processes_agree_on_whether_somebody_is_there(
    make_app: Callable[..., Flask], code: str, session: Session
) -> None:
    """Each process remembers only that somebody is there, never that nobody is."""
    one, other = Browser(make_app()), Browser(make_app())
    for browser in (one, other):
        assert browser.get("/").location == "/setup"
    one.submit(f"/setup?code={code}", FIRST)
    assert other.get("/setup").status == 404
    assert other.get("/me").location == "/login?next=/me"
    assert other.submit("/login", {"email": FIRST["email"], "password": FIRST["password"]}).location == "/"
    # Deactivating everybody does not open the set-up again: people are never deleted.
    session.scalars(select(Person)).one().is_active = False
    session.commit()
    third = Browser(make_app())
    assert third.get("/setup").status == 404
    assert third.get("/me").location == "/login?next=/me"
