"""The list of actions, and how many statements pages send."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.actions.operations import delete_action
from postmortem.db import Database
from postmortem.history.operations import CLI
from postmortem.incidents.models import Incident
from tests.factories.accounts import make_person, make_service, make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.support.client import Browser
from tests.support.sql import counted


def test_the_list_says_how_many_and_what_is_filtered(
    session: Session, incident: Incident, author: Person, browser: Browser
) -> None:
    make_service(session, "Player")
    make_action(session, incident, "Rehearse", owner=author, due_on=clock.today() - timedelta(days=1))
    make_action(session, incident, "Closed words", status="done")
    page = browser.get("/actions/")
    assert "2 actions" in page.text and "Active filters" not in page.html
    page = browser.get("/actions/?q=rehearse&status=open&owner=me&overdue=y&severity=sev2")
    assert "1 action" in page.text and "Closed words" not in page.text
    for label in (
        "Find: rehearse",
        "Status: Open",
        "Owner: Me",
        "Overdue",
        "Severity of the incident: SEV 2",
    ):
        assert f"Remove filter: {label}" in page.text
    assert "/actions/?q=rehearse&status=open&overdue=y&severity=sev2" in page.links
    assert "No action fits" in browser.get("/actions/?service=player").text


def test_the_list_turns_pages_and_keeps_filter_and_sorting(
    session: Session, incident: Incident, browser: Browser
) -> None:
    for number in range(27):
        make_action(session, incident, f"Do {number:02}", due_on=date(2026, 4, 1) + timedelta(days=number))
    page = browser.get("/actions/?status=open&sort=-due_on")
    assert "27 actions" in page.text and "Do 26" in page.text and "Do 00" not in page.text
    following = next(link for link in page.links if "after=" in link)
    second = browser.get(following)
    assert "27 actions" in second.text
    assert "Do 01" in second.text and "Do 00" in second.text and "Do 02" not in second.text
    back = next(link for link in second.links if "before=" in link)
    assert "Do 26" in browser.get(back).text
    assert "sort=due_on" in " ".join(page.links)


@pytest.mark.parametrize("query", ["status=banana", "owner=x%40example.com", "kind=wish", "q=" + "x" * 201])
def test_a_filter_that_does_not_exist_is_told(action: Action, browser: Browser, query: str) -> None:
    page = browser.get(f"/actions/?{query}")
    assert page.status == 422
    assert "This address asks for something that is not here" in page.text
    assert "Add an alarm" not in page.text


@pytest.mark.parametrize("cursor", ["after=x~1", "after=1", "before=1~2~3", "after=1~99999999999"])
def test_a_page_that_does_not_exist_is_told(action: Action, browser: Browser, cursor: str) -> None:
    page = browser.get(f"/actions/?{cursor}")
    assert page.status == 422
    assert "That page of the list does not exist." in page.text


@pytest.mark.parametrize(("path", "statements"), [("/actions/", 5), ("/actions/1", 10)])
def test_more_rows_need_no_more_statements(
    session: Session,
    incident: Incident,
    author: Person,
    browser: Browser,
    database: Database,
    path: str,
    statements: int,
) -> None:
    def sent() -> int:
        with counted(database) as found:
            browser.get(path)
        return len(found)

    team = make_team(session, "Playback")
    make_action(session, incident, owner=author, team=team)
    sent()
    assert sent() == statements
    for number in range(2):
        person = make_person(session, f"Person {number}")
        action = make_action(session, make_incident(session, author), owner=person, team=team)
        delete_action(session, make_action(session, action.incident), actor=CLI)
        browser.submit("/actions/1/edit", {"title": f"Title {number}"})
    sent()
    assert sent() == statements


def test_a_form_keeps_its_list_of_statements(
    session: Session, action: Action, browser: Browser, database: Database
) -> None:
    def sent(data: dict[str, Any] | None) -> int:
        with counted(database) as found:
            browser.post(f"/actions/{action.id}/edit", data)
        return len(found)

    form = browser.get(f"/actions/{action.id}/edit").forms[-1].data
    with_one = sent({**form, "title": ""})
    for number in range(3):
        make_person(session, f"Person {number}")
        make_team(session, f"Team {number}")
    assert sent({**form, "title": ""}) == with_one
