"""The page of pictures: what is counted, for whom, by team and kind, and what it costs."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person, Team
from postmortem.actions.models import Action
from postmortem.actions.operations import delete_action
from postmortem.db import Database
from postmortem.incidents.models import Incident
from tests.factories.accounts import make_person, make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.support.client import Browser
from tests.support.sql import counted

SignIn = Callable[[Person], Browser]
NOW = datetime(2026, 3, 9, 14, 5, tzinfo=UTC)
PAGE = "/actions/pictures"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def numbers(browser: Browser, key: str, query: str = "") -> list[list[str]]:
    page = browser.get(f"{PAGE}/{key}.csv{query}")
    assert page.status == 200, page.text
    assert page.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(page.html)))


@pytest.fixture
def sound(session: Session, author: Person) -> Team:
    return make_team(session, "Sound", author)


def days(count: int) -> datetime:
    return NOW - timedelta(days=count)


@pytest.fixture
def some(session: Session, author: Person, sound: Team) -> Incident:
    """Six with a first due date that passed, of which two were done by then; one open and young."""
    incident = make_incident(session, author, "Playback stops")

    def add(**values: Any) -> None:
        made = {"owner": author, "team": sound, "kind": "repair", "created_at": days(40)} | values
        make_action(session, incident, **made)

    first = date(2026, 3, 1)
    done = {"status": "done", "due_on": first}
    add(**done, closed_at=datetime(2026, 3, 1, 23, 59, tzinfo=UTC))
    add(**done, closed_at=datetime(2026, 2, 1, tzinfo=UTC), redated_count=1)
    add(**done, closed_at=datetime(2026, 3, 2, tzinfo=UTC))
    add(due_on=first, first_due_on=date(2026, 2, 1), redated_count=7)
    add(due_on=first)
    add(due_on=date(2027, 1, 1), first_due_on=first, kind="detect", team=None)
    # Not over yet, decided against, or without a date: of no first due date that passed.
    add(due_on=date(2026, 3, 9), created_at=days(3))
    add(due_on=first, status="not_doing", status_reason="No.", closed_at=days(1))
    add(created_at=days(800))
    return incident


def test_the_numbers(some: Incident, author: Person, sign_in: SignIn) -> None:
    browser = sign_in(author)
    assert numbers(browser, "in-time")[:3] == [
        ["Name", "By", "Done by then", "Due", "Share in %"],
        ["All", "all", "2", "6", "33"],
        ["Repair", "kind", "2", "5", "40"],
    ]
    assert ["Sound", "team", "2", "5", "40"] in numbers(browser, "in-time")
    assert ["No team", "team", "0", "1", "too few"] in numbers(browser, "in-time")
    ages = [row[1] for row in numbers(browser, "age")[1:]]
    assert ages == ["1", "0", "3", "0", "0", "1"]
    months = numbers(browser, "created-closed")
    assert months[-1] == ["Mar 2026", "1", "3"]
    assert ["Feb 2026", "0", "1"] in months
    assert ["Jan 2026", "7", "0"] in months
    assert [row[1] for row in numbers(browser, "redated")[1:]] == ["6", "1", "0", "0", "0", "1"]
    assert ["Detect", "kind", "0", "1", "too few"] in numbers(browser, "redated-by")


def test_the_page_says_them_and_narrows_to_a_team_and_a_kind(
    some: Incident, author: Person, sign_in: SignIn
) -> None:
    browser = sign_in(author)
    page = browser.get(PAGE)
    assert "2 of 6 (33 %) were done by their first due date." in page.text
    assert page.html.count('<svg class="plot') == 7
    assert page.html.count("Download as CSV") == 5
    assert browser.get("/actions/").links.count(PAGE) == 1
    narrowed = browser.get(f"{PAGE}?team=none&kind=detect")
    assert "0 of 1 were done by their first due date: too few to speak of a share." in narrowed.text
    assert f"{PAGE}?kind=detect" in narrowed.links
    link = next(link for link in narrowed.links if link.startswith(f"{PAGE}/in-time.csv"))
    assert browser.get(link).html.splitlines()[1] == '"All","all","0","1","too few"'
    assert numbers(browser, "in-time", "?team=sound")[1][2:4] == ["2", "5"]


def test_a_period_is_chosen(some: Incident, author: Person, sign_in: SignIn) -> None:
    browser = sign_in(author)
    assert len(numbers(browser, "created-closed", "?months=3")) == 4
    assert sum(int(row[1]) for row in numbers(browser, "created-closed", "?months=3")[1:]) == 8
    years = numbers(browser, "created-closed", "?months=36")
    assert years[0] == ["Quarter", "Created", "Closed"] and years[-1] == ["Q1 2026", "8", "4"]
    assert sum(int(row[1]) for row in years[1:]) == 9
    # One first due date was in February 2026; an action added in January is none of the last two months'.
    assert numbers(browser, "in-time", "?months=3")[1][2:4] == ["2", "6"]
    assert sum(int(row[1]) for row in numbers(browser, "age", "?months=3")[1:]) == 5
    assert f"{PAGE}?kind=repair" in browser.get(f"{PAGE}?kind=repair&months=3").links


def test_the_list_begins_with_a_glance_of_what_one_may_see(
    session: Session, some: Incident, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    hidden = make_incident(session, author, "Hidden", restricted=True)
    make_action(session, hidden, created_at=days(2))
    page = sign_in(outsider).get("/actions/")
    assert "8 added and 4 closed in 6 months: 4 fewer than were added. All pictures" in page.text
    assert f"{PAGE}/created-closed.csv" in page.links
    assert "9 added and 4 closed in 6 months" in sign_in(author).get("/actions/").text
    # What is narrowed down is no place for a picture of everything.
    assert '<svg class="plot' not in sign_in(author).get("/actions/?status=open").html


def test_nobody_is_named(some: Incident, session: Session, author: Person, sign_in: SignIn) -> None:
    browser = sign_in(make_person(session, "Quiet Reader", role="reader"))
    main = browser.get(PAGE).html.split("<main")[1]
    everything = main + "".join(
        repr(numbers(browser, key)) for key in ("created-closed", "age", "in-time", "redated", "redated-by")
    )
    for words in (author.name, author.email, "owner"):
        assert words not in everything, words
    assert browser.get(f"{PAGE}?owner={author.email}").html.split("<main")[1] == main


def test_what_is_hidden_deleted_or_a_drill_is_not_counted(
    session: Session, author: Person, outsider: Person, admin: Person, some: Incident, sign_in: SignIn
) -> None:
    team = make_team(session, "Secret team")
    hidden = make_incident(session, author, "Hidden", restricted=True)
    late = {"due_on": date(2026, 3, 1), "created_at": days(40), "team": team}
    make_action(session, hidden, **late)
    drill = make_incident(session, author, "Drill", is_drill=True)
    make_action(session, drill, **late)
    gone = make_action(session, some, **late)
    delete_action(session, gone, actor=admin)
    session.commit()
    assert numbers(sign_in(outsider), "in-time")[1][2:4] == ["2", "6"]
    assert "Secret team" not in repr(numbers(sign_in(outsider), "in-time"))
    assert numbers(sign_in(author), "in-time")[1][2:4] == ["2", "7"]
    assert ["Secret team", "team", "0", "1", "too few"] in numbers(sign_in(author), "in-time")
    for key, was in (("age", 5), ("redated", 8)):
        assert sum(int(row[1]) for row in numbers(sign_in(outsider), key)[1:]) == was


def test_a_formula_in_a_name_is_none_in_the_csv(
    session: Session, author: Person, some: Incident, sign_in: SignIn
) -> None:
    make_action(
        session, some, team=make_team(session, "=cmd()"), due_on=date(2026, 1, 1), created_at=days(90)
    )
    assert ["'=cmd()", "team", "0", "1", "too few"] in numbers(sign_in(author), "in-time")


def test_an_address_that_asks_for_what_is_not_here(author: Person, sign_in: SignIn) -> None:
    browser = sign_in(author)
    for query in ("?team=nope", "?kind=cook", "?months=7"):
        page = browser.get(f"{PAGE}{query}")
        assert page.status == 422
        assert "to choose here" in page.text
        assert browser.get(f"{PAGE}/age.csv{query}").status == 422
    assert browser.get(f"{PAGE}/nope.csv").status == 404
    assert "Nothing was added or closed" in browser.get(PAGE).text


def test_three_thousand_cost_as_many_questions_as_three(
    database: Database, session: Session, author: Person, sound: Team, sign_in: SignIn
) -> None:
    incident = make_incident(session, author)
    browser = sign_in(author)

    def grow(count: int) -> None:
        row = {
            "incident_id": incident.id,
            "team_id": sound.id,
            "title": "Add an alarm",
            "status": "accepted",
            "created_at": days(9),
            "first_due_on": date(2026, 3, 1),
            "due_on": date(2026, 3, 1),
            "version": 1,
        }
        session.execute(insert(Action), [row] * count)
        session.commit()

    def asked() -> int:
        with counted(database) as statements:
            assert browser.get(PAGE).status == 200
        return len(statements)

    grow(3)
    browser.get(PAGE)
    grow(3)
    few = asked()
    grow(3000)
    assert asked() == few
    assert numbers(browser, "in-time")[1][2:4] == ["0", "3006"]
