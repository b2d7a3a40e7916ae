"""Whom it is published for: said plainly for this site, wider with the next publication, narrower at once."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.writeups import operations
from postmortem.writeups.enums import Audience
from postmortem.writeups.models import Publication
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser

PATH = "/writeups/the-cache"


@pytest.fixture
def public_site(make_app: Callable[..., Flask]) -> Flask:
    return make_app(public_reading=True)


def signed_in(app: Flask, person: Person) -> Browser:
    browser = Browser(app)
    browser.sign_in(person)
    return browser


def test_the_page_says_who_will_read_it_on_this_site(
    session: Session, author: Person, sign_in: Callable[[Person], Browser], public_site: Flask
) -> None:
    make_writeup(session, author, "The cache")
    closed = sign_in(author).get(f"{PATH}/publish").text
    assert "Everybody here: people who sign in, and nobody else." in closed
    assert "public reading is off on this site, so for now only people who sign in read it" in closed
    opened = signed_in(public_site, author).get(f"{PATH}/publish").text
    assert "Everybody: whoever opens this site reads it, without signing in" in opened
    assert "public reading is off" not in opened
    assert "lose it at once" not in opened


def test_narrowing_is_said_and_works_at_once_and_widening_with_the_publication(
    session: Session, author: Person, public_site: Flask
) -> None:
    publish_writeup(session, author, "The cache", is_public=True)
    browser, stranger = signed_in(public_site, author), Browser(public_site)
    assert "People who do not sign in lose it at once" in browser.get(f"{PATH}/publish").text
    assert stranger.get(PATH).status == 200
    sent = {"audience": "internal", "reason": "It named a customer."}
    assert browser.submit(f"{PATH}/publish", sent).status == 303
    for path in (PATH, f"{PATH}/history"):
        assert stranger.get(path).status == 404
    assert "the-cache" not in stranger.client.get("/writeups/feed.atom").get_data(as_text=True)
    # A wish for more readers waits for the publication.
    browser.submit(f"{PATH}/edit", {"audience": "public"})
    assert stranger.get(PATH).status == 404
    assert browser.submit(f"{PATH}/publish", {"audience": "public", "reason": "Cleared."}).status == 303
    assert "Updated" in stranger.get(PATH).text


def test_planned_narrowing_happens_at_once_and_planned_widening_waits(
    session: Session, author: Person, public_site: Flask
) -> None:
    shown = publish_writeup(session, author, "The cache", is_public=True)
    browser, stranger = signed_in(public_site, author), Browser(public_site)
    later = {"when": "at", "publish_at": "2990-01-01T09:00", "reason": "It named a customer."}
    assert browser.submit(f"{PATH}/publish", {**later, "audience": "internal"}).status == 303
    assert stranger.get(PATH).status == 404
    session.expire_all()
    operations.publish(session, shown, actor=author, audience=Audience.INTERNAL)
    session.commit()
    assert browser.submit(f"{PATH}/publish", {**later, "audience": "public"}).status == 303
    assert stranger.get(PATH).status == 404


@pytest.mark.parametrize("value", ["", "nobody", "PUBLIC"])
def test_another_audience_there_is_not(
    session: Session, author: Person, sign_in: Callable[[Person], Browser], value: str
) -> None:
    make_writeup(session, author, "The cache")
    assert sign_in(author).submit(f"{PATH}/publish", {"audience": value}).status == 422
    assert session.scalars(select(Publication)).all() == []
