"""The short form of `python -m stress.action_lists`: it holds, and would say when a page asked more often."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions import views_list
from postmortem.db import Database
from stress.action_lists import MEETING, PAGES, a_meeting
from tests.factories.accounts import make_person, make_service, make_team
from tests.factories.incidents import make_incident
from tests.factories.many_actions import insert_actions
from tests.support.client import Browser
from tests.support.sql import counted


@pytest.fixture
def browser(author: Person, sign_in: Callable[[Person], Browser]) -> Browser:
    return sign_in(author)


def statements(
    browser: Browser, database: Database, pages: tuple[str, ...] = PAGES, meeting: int = 0
) -> dict[str, int]:
    """How many each page sends, asked for the second time."""
    found = {}
    for path in (*pages, *(f"/actions/review/{meeting}{each}" for each in MEETING if meeting)):
        for _ in range(2):
            with counted(database) as sent:
                assert browser.client.get(path).status_code == 200, path
        found[path.replace(f"/review/{meeting}", "/review/N")] = len(sent)
    return found


def a_site(session: Session, author: Person) -> None:
    people = [make_person(session, f"Person {number}") for number in range(4)]
    make_team(session, "Sound", author, *people)
    make_service(session, "Player")
    for number in range(5):
        make_incident(session, author, f"Incident {number}", restricted=number == 4, severity="sev1")


def test_3000_actions_are_asked_for_as_often_as_3(
    session: Session, author: Person, browser: Browser, database: Database
) -> None:
    a_site(session, author)
    insert_actions(session, 3)
    few = statements(browser, database, meeting=a_meeting(session, author))
    insert_actions(session, 2_997)
    assert statements(browser, database, meeting=a_meeting(session, author)) == few
    assert max(few.values()) <= 14
    assert len(few) == len(PAGES) + len(MEETING)


def test_a_page_that_asks_for_each_row_is_noticed(
    session: Session, author: Person, browser: Browser, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_site(session, author)
    real = views_list._tick_boxes

    def one_by_one(page, person, bulk):
        for row in page.rows if page else ():
            views_list.db_session().connection().exec_driver_sql(f"SELECT {row.id}")
        return real(page, person, bulk)

    monkeypatch.setattr(views_list, "_tick_boxes", one_by_one)
    insert_actions(session, 3)
    few = statements(browser, database, ("/actions/",))
    insert_actions(session, 20)
    assert statements(browser, database, ("/actions/",)) != few
