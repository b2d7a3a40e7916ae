"""A create form makes one record, however often and however fast it is posted."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person, Service
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from postmortem.web.models import FormKey
from postmortem.web.once import already_done, commit_once
from tests.support.client import Browser


@pytest.fixture
def browser(sign_in, admin: Person) -> Browser:
    found: Browser = sign_in(admin)
    return found


def services(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(select(Service.name)))


def test_posted_twice_it_leads_to_the_same_record(browser: Browser, session: Session) -> None:
    data = browser.get("/services/new").forms[-1].data | {"name": "Player"}
    first, second = (browser.post("/services/new", data) for _ in range(2))
    assert (first.status, first.location) == (303, "/services/player")
    assert (second.status, second.location) == (303, "/services/player")
    assert services(session) == ["Player"]
    made = select(func.count()).select_from(HistoryEntry).where(HistoryEntry.subject_type == "services")
    assert session.scalar(made) == 1


def test_the_form_opened_again_makes_another(browser: Browser, session: Session) -> None:
    browser.submit("/services/new", {"name": "Player"})
    browser.submit("/services/new", {"name": "Search"})
    assert services(session) == ["Player", "Search"]


def test_two_at_the_very_same_time_make_one(app: Flask, browser: Browser, session: Session) -> None:
    data = browser.get("/services/new").forms[-1].data | {"name": "Player"}
    cookie = browser.client.get_cookie("postmortem")
    together = threading.Barrier(4)
    answers: list[tuple[int, str | None]] = []

    def post() -> None:
        client = app.test_client()
        client.set_cookie("postmortem", cookie.value)
        together.wait()
        response = client.post("/services/new", data=data)
        answers.append((response.status_code, response.headers.get("Location")))

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [(303, "/services/player")] * 4
    assert services(session) == ["Player"]


def test_what_was_refused_can_be_mended_and_sent_again(browser: Browser, session: Session) -> None:
    browser.submit("/services/new", {"name": "Player"})
    data = browser.get("/services/new").forms[-1].data
    page = browser.post("/services/new", data | {"name": "Player"})
    assert page.status == 422
    page = browser.post("/services/new", page.forms[-1].data | {"name": "Player 2"})
    assert (page.status, page.location) == (303, "/services/player-2")
    assert services(session) == ["Player", "Player 2"]


def test_a_form_without_a_key_still_works(browser: Browser, session: Session) -> None:
    page = browser.post("/services/new", {"name": "Player", "form_key": ""})
    assert (page.status, page.location) == (303, "/services/player")


def test_a_key_is_taken_only_with_what_it_made(database: Database, session: Session) -> None:
    with database.session(writes=True) as writing:
        assert already_done(writing, "k1") is None
        writing.rollback()
    assert session.get(FormKey, "k1") is None


def test_keys_are_forgotten_after_a_week(app: Flask, database: Database, session: Session) -> None:
    for name, age in (("old", timedelta(days=7, minutes=1)), ("new", timedelta(days=6))):
        session.add(FormKey(key=name, location="/x", used_at=clock.now() - age))
        session.commit()
    with app.test_request_context(), database.session(writes=True) as writing:
        assert already_done(writing, "next") is None
        commit_once(writing, "next", "/y")
    session.expire_all()
    kept = session.execute(select(FormKey.key, FormKey.location).order_by(FormKey.key)).all()
    assert [tuple(row) for row in kept] == [("new", "/x"), ("next", "/y")]
