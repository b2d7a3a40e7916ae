"""The meeting's pages ask the database as often about three actions as about three hundred."""

from collections.abc import Callable

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.db import Database
from tests.factories.action_reviews import items_of, make_review, sent
from tests.factories.incidents import make_incident
from tests.support.client import Browser
from tests.support.sql import counted

SIZES = (3, 300)


@pytest.fixture
def reviews(session: Session, facilitator: Person, author: Person) -> list[int]:
    """A meeting of each size, each about an incident of its own."""
    found = []
    for size in SIZES:
        incident = make_incident(session, author)
        rows = [
            {"incident_id": incident.id, "title": f"Number {number}", "created_at": clock.now(), "version": 1}
            for number in range(size)
        ]
        session.execute(insert(Action), rows)
        session.commit()
        where = (Action.incident_id == incident.id,)
        found.append(make_review(session, facilitator, where=where, people=(author,)).id)
    return found


def test_pages_ask_as_often_about_three_as_about_three_hundred(
    reviews: list[int], author: Person, sign_in: Callable[[Person], Browser], database: Database
) -> None:
    browser = sign_in(author)
    for page, most in (("", 14), ("?item=2", 14), ("/state", 6), ("/minutes", 8), ("/minutes.md", 7)):
        browser.get(f"/actions/review/{reviews[0]}{page}")
        asked = []
        for number in reviews:
            with counted(database) as statements:
                assert browser.client.get(f"/actions/review/{number}{page}").status_code == 200
            asked.append(len(statements))
        assert asked[0] == asked[1] <= most, (page, asked)


def test_starting_deciding_and_ending_ask_as_often(
    session: Session,
    reviews: list[int],
    facilitator: Person,
    sign_in: Callable[[Person], Browser],
    database: Database,
) -> None:
    from postmortem.action_reviews.models import ActionReview

    browser = sign_in(facilitator)
    # The first request of a browser notes that its sign-in is in use.
    browser.get("/actions/review")
    asked: dict[str, list[int]] = {}
    for number in reviews:
        item = items_of(session, session.get_one(ActionReview, number))[0]
        for act, data in (("decide", sent(item, "keep")), ("end", {})):
            token = {"csrf_token": browser.csrf_token()}
            with counted(database) as statements:
                answer = browser.client.post(f"/actions/review/{number}/{act}", data={**data, **token})
            assert answer.status_code == 303
            asked.setdefault(act, []).append(len(statements))
    assert {act: few == many for act, (few, many) in asked.items()} == {"decide": True, "end": True}, asked


def test_the_page_of_meetings_asks_as_often_about_two_as_about_one(
    session: Session,
    reviews: list[int],
    facilitator: Person,
    sign_in: Callable[[Person], Browser],
    database: Database,
) -> None:
    browser = sign_in(facilitator)
    asked = []
    for number in reviews:
        browser.post(f"/actions/review/{number}/end")
        make_review(session, facilitator)
        browser.get("/actions/review")
        with counted(database) as statements:
            browser.client.get("/actions/review")
        asked.append(len(statements))
    assert asked[0] == asked[1] <= 12, asked
