"""The page before publishing: every mention with its role, ticks and roles kept, nothing lost when it is sent bare."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.blameless.models import NamingChoice
from postmortem.incidents.operations import edit_incident
from postmortem.writeups.models import Publication, Writeup
from tests.factories.accounts import make_person
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup
from tests.support.client import Browser

PATH = "/writeups/queues"
SignIn = Callable[[Person], Browser]


@pytest.fixture
def zelda(session: Session) -> Person:
    return make_person(session, "Zelda Quimby")


@pytest.fixture
def will(session: Session) -> Person:
    return make_person(session, "Will Threlkeld")


@pytest.fixture
def draft(session: Session, author: Person, zelda: Person, will: Person) -> Writeup:
    incident = make_incident(session, author, "Playback stops")
    roles = [(zelda.email, "On-call engineer"), (will.email, "scribe")]
    edit_incident(session, incident, {"participants": roles}, version=None, actor=author)
    body = "Zelda saw it, and Zelda slept. Will we? Priya Raman called."
    return make_writeup(session, author, "Queues", body=body, incidents=[incident])


def published(session: Session) -> Publication:
    session.expire_all()
    return session.scalars(select(Publication).order_by(Publication.number.desc())).first()  # type: ignore[return-value]


def sent(browser: Browser, **values: object) -> dict[str, object]:
    """What the page would send untouched, with other values."""
    [form] = [each for each in browser.get(f"{PATH}/publish").forms if each.action == f"{PATH}/publish"]
    return {**form.data, **values}


def test_the_page_lists_each_mention_and_shows_the_text_as_it_will_be(
    draft: Writeup, author: Person, sign_in: SignIn
) -> None:
    page = sign_in(author).get(f"{PATH}/publish")
    assert 'value="the on-call engineer"' in page.html
    assert page.html.count("<mark>Zelda</mark>") == 2
    assert "1 word that only looks like the name" in page.text
    assert "Priya Raman" in page.text
    assert "The on-call engineer saw it, and the on-call engineer slept. Will we?" in page.text


def test_sent_bare_everything_known_becomes_a_role(
    session: Session, draft: Writeup, author: Person, sign_in: SignIn
) -> None:
    assert sign_in(author).post(f"{PATH}/publish").status == 303
    assert published(session).body.startswith(
        "The on-call engineer saw it, and the on-call engineer slept. Will we?"
    )


def test_sent_untouched_it_is_the_same_and_keeps_no_choice(
    session: Session, draft: Writeup, author: Person, sign_in: SignIn
) -> None:
    browser = sign_in(author)
    assert browser.post(f"{PATH}/names", sent(browser)).status == 303
    assert session.scalars(select(NamingChoice)).all() == []


def test_roles_and_ticks_are_kept_and_shown_again(
    session: Session, draft: Writeup, author: Person, zelda: Person, sign_in: SignIn
) -> None:
    browser = sign_in(author)
    form = sent(browser)
    shown = form["shown"]
    assert isinstance(shown, list) and len(shown) == 3
    # The second Zelda stays, Will is somebody after all, the stranger becomes a customer.
    form |= {f"role-{zelda.email}": "the captain", "become": [shown[0], shown[2]]}
    form |= {"another": "Priya Raman", "another_as": "a customer"}
    assert browser.post(f"{PATH}/names", form).status == 303
    text = "The captain saw it, and Zelda slept. The scribe we? A customer called."
    page = browser.get(f"{PATH}/publish")
    assert text in page.text
    assert session.scalars(select(Publication)).all() == []
    assert browser.post(f"{PATH}/publish").status == 303
    assert published(session).body == text


def test_roles_that_are_sent_with_publishing_count(
    session: Session, draft: Writeup, author: Person, zelda: Person, sign_in: SignIn
) -> None:
    browser = sign_in(author)
    assert (
        browser.post(f"{PATH}/publish", sent(browser, **{f"role-{zelda.email}": "the captain"})).status == 303
    )
    assert published(session).body.startswith("The captain saw it, and the captain slept.")


def test_who_is_left_stays_named(
    session: Session, draft: Writeup, author: Person, zelda: Person, sign_in: SignIn
) -> None:
    browser = sign_in(author)
    assert browser.post(f"{PATH}/publish", sent(browser, leave=[zelda.email])).status == 303
    assert published(session).body.startswith("Zelda saw it, and Zelda slept.")


def test_a_page_that_is_out_of_date_keeps_and_publishes_nothing(
    session: Session, draft: Writeup, author: Person, zelda: Person, sign_in: SignIn
) -> None:
    browser = sign_in(author)
    stale = sent(browser, version="99", **{f"role-{zelda.email}": "the captain"})
    assert browser.post(f"{PATH}/publish", stale).status == 409
    assert browser.post(f"{PATH}/names", stale).status == 303
    assert session.scalars(select(NamingChoice)).all() == []
    assert session.scalars(select(Publication)).all() == []


def test_nobody_but_its_writers_sees_or_chooses(
    draft: Writeup, outsider: Person, reader: Person, zelda: Person, sign_in: SignIn
) -> None:
    for person in (outsider, zelda):
        assert sign_in(person).get(f"{PATH}/publish").status == 404
        assert sign_in(person).post(f"{PATH}/names", {"names": "yes"}).status == 404
        assert sign_in(person).post(f"{PATH}/naming", {"is_named": "yes"}).status == 404
    assert sign_in(reader).post(f"{PATH}/names", {"names": "yes"}).status in (403, 404)
