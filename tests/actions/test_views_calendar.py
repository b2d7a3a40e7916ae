"""Calendar links: made and shown once, read without signing in, revoked; what they show and to whom."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.operations import edit_person
from postmortem.actions.operations import delete_action, edit_action
from postmortem.actions.operations_calendar import MOST_LINKS
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from postmortem.incidents.operations import edit_incident
from postmortem.incidents.operations_deletion import delete_incident
from postmortem.notifications.models import CalendarLink
from tests.factories.accounts import make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.support.client import Browser
from tests.support.crawl import dump
from tests.support.pages import Page
from tests.support.sql import counted

SignIn = Callable[[Person], Browser]
DUE = date(2026, 3, 9)


def make_link(browser: Browser, team: str = "") -> str:
    """Make one and return the path of its calendar, as it stands on the page that comes next."""
    page = browser.submit("/me/calendar", {"team": team}, follow=True)
    (url,) = set(re.findall(r'value="http://localhost(/calendar/[\w-]{43}\.ics)"', page.html))
    return str(url)


def titles(page: Page) -> list[str]:
    assert page.status == 200, page.text
    unfolded = page.html.replace("\r\n ", "")
    return re.findall(r"SUMMARY:Due: (.*) \(ACT-", unfolded)


def test_a_link_is_shown_once_and_only_its_hash_is_kept(
    session: Session, author: Person, sign_in: SignIn, database: Database
) -> None:
    browser = sign_in(author)
    path = make_link(browser)
    token = path.removeprefix("/calendar/").removesuffix(".ics")
    assert token not in browser.get("/me/calendar").html
    assert token not in repr(dump(database))
    (link,) = session.scalars(select(CalendarLink))
    assert (link.person_id, link.team_id) == (author.id, None)
    (entry,) = session.scalars(select(HistoryEntry).where(HistoryEntry.subject_type == "calendar_links"))
    assert (entry.verb, entry.actor_id) == ("made", author.id)
    assert entry.changes == {"person": [None, author.email]}


def test_a_form_sent_twice_makes_one(session: Session, author: Person, sign_in: SignIn) -> None:
    browser = sign_in(author)
    form = browser.get("/me/calendar").forms[-1]
    for _ in "12":
        assert browser.post("/me/calendar", form.data).status == 303
    assert session.scalar(select(func.count()).select_from(CalendarLink)) == 1


def test_my_calendar_is_read_without_signing_in(
    session: Session, author: Person, outsider: Person, sign_in: SignIn, anonymous: Browser
) -> None:
    incident = make_incident(session, outsider, "Playback stops")
    mine = make_action(session, incident, "Add an alarm", owner=author, due_on=DUE)
    make_action(session, incident, "Without a date", owner=author)
    make_action(session, incident, "Somebody else’s", owner=outsider, due_on=DUE)
    make_action(session, incident, "Done", owner=author, due_on=DUE, status="done")
    path = make_link(sign_in(author))
    page = anonymous.get(path)
    assert titles(page) == ["Add an alarm"]
    assert page.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert "Set-Cookie" not in page.headers
    again = anonymous.get(path, headers={"If-None-Match": page.headers["ETag"]})
    assert again.status == 304
    edit_action(session, mine, {"due_on": DUE + timedelta(days=1)}, version=None, actor=author)
    session.commit()
    moved = anonymous.get(path, headers={"If-None-Match": page.headers["ETag"]})
    assert "DTSTART;VALUE=DATE:20260310" in moved.html
    assert re.findall("UID:.*", moved.html) == re.findall("UID:.*", page.html)
    delete_action(session, mine, actor=author)
    session.commit()
    assert titles(anonymous.get(path)) == []


def test_a_team_s_calendar_is_for_its_members_to_make(
    session: Session, author: Person, outsider: Person, sign_in: SignIn, anonymous: Browser
) -> None:
    team = make_team(session, "Sound", author)
    incident = make_incident(session, outsider, "Playback stops")
    make_action(session, incident, "Of the team", team=team, owner=outsider, due_on=DUE)
    make_action(session, incident, "Mine alone", owner=author, due_on=DUE)
    page = anonymous.get(make_link(sign_in(author), "sound"))
    assert titles(page) == ["Of the team"]
    assert f"Owner: {outsider.name}" in page.html.replace("\r\n ", "")
    assert "X-WR-CALNAME:Due actions of Sound" in page.html
    assert "Sound" in sign_in(author).get("/me/calendar").text
    browser = sign_in(outsider)
    form = browser.get("/me/calendar").forms[-1]
    assert browser.post("/me/calendar", {**form.data, "team": "sound"}).status == 422
    assert session.scalar(select(func.count()).select_from(CalendarLink)) == 1


def test_it_shows_what_its_person_may_see_now(
    session: Session, author: Person, outsider: Person, sign_in: SignIn, anonymous: Browser
) -> None:
    team = make_team(session, "Sound", author, outsider)
    incident = make_incident(session, author, "Playback stops")
    make_action(session, incident, "Add zqxalarm", team=team, due_on=DUE)
    path = make_link(sign_in(outsider), "sound")
    assert titles(anonymous.get(path)) == ["Add zqxalarm"]
    edit_incident(session, incident, {"visibility": "restricted"}, version=None, actor=author)
    session.commit()
    hidden = anonymous.get(path)
    assert titles(hidden) == []
    assert "zqx" not in hidden.html
    assert "Playback" not in hidden.html
    assert titles(anonymous.get(make_link(sign_in(author), "sound"))) == ["Add zqxalarm"]
    delete_incident(session, incident, version=None, actor=author)
    session.commit()
    assert titles(anonymous.get(make_link(sign_in(author), "sound"))) == []


def ends(page: Page) -> tuple[Any, ...]:
    """All of an answer that could tell one reason from another."""
    telling = ("Content-Type", "Cache-Control", "Set-Cookie", "ETag", "Referrer-Policy")
    return page.status, [page.headers.get(name) for name in telling], page.text


def test_unknown_revoked_and_deactivated_are_answered_alike(
    session: Session, author: Person, admin: Person, outsider: Person, sign_in: SignIn, anonymous: Browser
) -> None:
    unknown = ends(anonymous.get(f"/calendar/{'x' * 43}.ics"))
    assert unknown[0] == 404
    browser = sign_in(author)
    path = make_link(browser)
    kept = make_link(browser)
    (first, _) = session.scalars(select(CalendarLink).order_by(CalendarLink.id))
    button = f"/me/calendar/{first.id}/revoke"
    assert sign_in(outsider).post(button).status == 404
    assert anonymous.get(path).status == 200
    for _ in "12":
        assert browser.post(button).location == "/me/calendar"
    assert ends(anonymous.get(path)) == unknown
    assert anonymous.get(kept).status == 200
    edit_person(session, author, {"is_active": False}, version=None, actor=admin)
    session.commit()
    assert ends(anonymous.get(kept)) == unknown
    verbs = select(HistoryEntry.verb).where(HistoryEntry.subject_type == "calendar_links")
    assert sorted(session.scalars(verbs)) == ["made", "made", "revoked"]


def test_its_use_is_noted_once_in_an_hour_and_nothing_else_is_written(
    session: Session,
    author: Person,
    sign_in: SignIn,
    anonymous: Browser,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = make_link(sign_in(author))
    before = dump(database)
    first = clock.now()
    monkeypatch.setattr(clock, "now", lambda: first)
    assert anonymous.get(path).status == 200
    after = dump(database)
    assert [table for table in before if before[table] != after[table]] == ["calendar_links"]
    for minutes, noted in ((59, first), (61, first + timedelta(minutes=61))):
        monkeypatch.setattr(clock, "now", lambda at=first + timedelta(minutes=minutes): at)
        anonymous.get(path)
        session.expire_all()
        assert session.scalars(select(CalendarLink.last_used_at)).one() == noted
    assert "Not yet" not in sign_in(author).get("/me/calendar").text


def test_nobody_makes_links_without_end(author: Person, sign_in: SignIn) -> None:
    browser = sign_in(author)
    for _ in range(MOST_LINKS):
        make_link(browser)
    page = browser.submit("/me/calendar", {})
    assert page.status == 422
    assert f"You have {MOST_LINKS} links already." in page.text


def test_many_actions_cost_as_many_questions_as_one(
    session: Session, author: Person, sign_in: SignIn, anonymous: Browser, database: Database
) -> None:
    incident = make_incident(session, author)
    make_action(session, incident, owner=author, due_on=DUE)
    path = make_link(sign_in(author))
    anonymous.get(path)

    def asked() -> int:
        with counted(database) as statements:
            assert anonymous.get(path).status == 200
        return len(statements)

    once = asked()
    for _ in range(5):
        make_action(session, incident, owner=author, due_on=DUE)
    assert asked() == once <= 3
