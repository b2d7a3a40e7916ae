"""An admin asks why somebody sees something, or who does, and gets the rules' own answer in words."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from tests.factories.accounts import make_person
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]
WHY = "/settings/permissions"


def test_yes_with_every_reason(session: Session, admin: Person, author: Person, sign_in: SignIn) -> None:
    incident = make_incident(session, author, restricted=True, lead=author.email)
    make_action(session, incident, owner=author)
    page = sign_in(admin).get(f"{WHY}?person={author.email.upper()}&what=ACT-1")
    assert "Yes: Aino Author sees it" in page.text
    for reason in ("filed it;", "is its lead;", "owns ACT-1."):
        assert reason in page.text


def test_no_with_what_would_help(session: Session, admin: Person, author: Person, sign_in: SignIn) -> None:
    stranger = make_person(session, "Sven Stranger")
    incident = make_incident(session, author, restricted=True)
    draft = make_writeup(session, author, incidents=[incident])
    browser = sign_in(admin)
    page = browser.get(f"{WHY}?person={stranger.email}&what=/incidents/1/edit")
    assert "No: Sven Stranger does not see it" in page.text
    assert "Make Sven Stranger its lead or a participant" in page.text
    page = browser.get(f"{WHY}?person={stranger.email}&what=http://localhost/writeups/{draft.slug}")
    assert "Add Sven Stranger as an author" in page.text
    assert "INC-1 is restricted." in page.text
    stranger.is_active = False
    session.commit()
    page = browser.get(f"{WHY}?person={stranger.email}&what=INC-1")
    assert "Sven Stranger is not active" in page.text


def test_who_sees_a_restricted_one(
    session: Session, admin: Person, author: Person, facilitator: Person, sign_in: SignIn
) -> None:
    helpers = [make_person(session, f"Helper {number:02}") for number in range(30)]
    named = [(person.email, "helper") for person in helpers]
    make_incident(session, author, restricted=True, participants=named[:25])
    browser = sign_in(admin)
    page = browser.get(f"{WHY}?what=inc-1")
    assert "27 people" in page.text
    assert "took part in it (helper)" in page.text
    assert "is an admin" in page.text
    assert "Helper 00" in page.text
    [rest] = [link for link in page.links if "after=" in link]
    listed = {*page.links, *browser.get(rest).links}
    assert [f"/people/{person.id}" in listed for person in helpers] == [True] * 25 + [False] * 5
    assert f"/people/{facilitator.id}" not in listed


def test_who_sees_what_is_open(session: Session, admin: Person, author: Person, sign_in: SignIn) -> None:
    make_incident(session, author)
    publish_writeup(session, author)
    for what in ("INC-1", "/writeups/the-cache-that-remembered"):
        page = sign_in(admin).get(f"{WHY}?what={what}")
        assert "is there for everybody who signs in" in page.text
        assert "2 people" in page.text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("what=INC-9", "There is no such incident, action or write-up."),
        ("what=nonsense", "There is no such incident, action or write-up."),
        ("what=INC-1&person=nobody@example.com", "Nobody here has the address nobody@example.com."),
        ("person=ada-admin@example.com", "Enter what it is about"),
    ],
)
def test_what_cannot_be_answered_is_said_beside_the_field(
    session: Session, admin: Person, author: Person, sign_in: SignIn, query: str, sentence: str
) -> None:
    make_incident(session, author)
    page = sign_in(admin).get(f"{WHY}?{query}")
    assert page.status == 422
    assert sentence in page.text


def test_pages_lead_admins_there_and_nobody_else(
    session: Session, admin: Person, author: Person, facilitator: Person, sign_in: SignIn
) -> None:
    incident = make_incident(session, author)
    make_action(session, incident)
    draft, published = make_writeup(session, author), publish_writeup(session, author)
    paths = {
        "/incidents/1": "INC-1",
        "/actions/1": "ACT-1",
        f"/writeups/{draft.slug}": f"/writeups/{draft.slug}",
        f"/writeups/{published.slug}": f"/writeups/{published.slug}",
    }
    deciding, others = sign_in(admin), sign_in(facilitator)
    for path, what in paths.items():
        assert f"{WHY}?what={what}" in deciding.get(path).links
        assert deciding.get(f"{WHY}?what={what}").status == 200
        assert "Who can see this?" not in others.get(path).text
    assert others.get(f"{WHY}?what=INC-1").status == 403
