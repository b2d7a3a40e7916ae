"""Timeline, factors and picture as they stand on the incident's page."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.db import Database
from postmortem.incidents.models import Incident
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event, make_factor
from tests.support.client import Browser
from tests.support.sql import counted

SignIn = Callable[[Person], Browser]
NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@pytest.fixture
def incident(session: Session, author: Person) -> Incident:
    return make_incident(
        session,
        author,
        impact_started_at=NOON,
        detected_at=NOON + timedelta(minutes=9),
        resolved_at=NOON + timedelta(hours=2),
    )


@pytest.fixture
def browser(author: Person, sign_in: SignIn) -> Browser:
    """In Stockholm, an hour before UTC in March."""
    return sign_in(author)


def in_this_order(text: str, *words: str) -> bool:
    place = 0
    return all((place := text.find(word, place)) != -1 for word in words)


def test_an_empty_timeline_says_what_to_do(browser: Browser, session: Session, author: Person) -> None:
    bare = make_incident(session, author)
    page = browser.get(f"/incidents/{bare.number}")
    assert "No events yet" in page.text
    assert "No factors yet" in page.text
    assert "timeline-title" not in page.html
    assert f"/incidents/{bare.number}/events/new" in page.links
    assert f"/incidents/{bare.number}/factors/new" in page.links


def test_events_stand_under_the_readers_days(browser: Browser, incident: Incident, session: Session) -> None:
    make_event(session, incident, "Written down later", occurred_text="some days after")
    make_event(session, incident, "Back on the next day", NOON + timedelta(hours=11, minutes=30))
    make_event(session, incident, "The pager rang", NOON + timedelta(minutes=5), kind="detection")
    text = browser.get(f"/incidents/{incident.number}").text
    assert in_this_order(
        text,
        "14 March 2026 Detection",
        "The pager rang",
        "15 March 2026 Other",
        "00:30 CET 14 Mar, 23:30 UTC",
        "Back on the next day",
        "Time not recorded Other",
        "some days after",
        "Written down later",
    )
    assert "13:05 CET 12:05 UTC" in text


def test_what_is_known_of_an_event_is_shown(browser: Browser, incident: Incident, session: Session) -> None:
    event = make_event(
        session,
        incident,
        "Rolled back",
        NOON,
        ended_at=NOON + timedelta(minutes=20),
        occurred_text="just after lunch",
        kind="repair",
        actor_role="on-call engineer",
        learnt_later=True,
        in_writeup=False,
        evidence=["https://graphs.example:8443/d/1?x=%3Cb%3E&y=2", "https://bank.example@evil.example/"],
    )
    page = browser.get(f"/incidents/{incident.number}")
    assert f'id="event-{event.id}"' in page.html
    for words in (
        "Repair",
        "just after lunch placed at 13:00 CET",
        "until 13:20 CET",
        "(20 min)",
        "on-call engineer",
        "Learnt later",
        "Not in the write-up",
        "graphs.example, evil.example",
    ):
        assert words in page.text
    assert "https://graphs.example:8443/d/1?x=%3Cb%3E&y=2" in page.links
    assert "End before start" not in page.text


def test_an_end_before_the_start_is_loud(browser: Browser, incident: Incident, session: Session) -> None:
    make_event(session, incident, at=NOON, ended_at=NOON - timedelta(minutes=1))
    page = browser.get(f"/incidents/{incident.number}")
    assert "End before start" in page.text
    assert "duration--invalid" in page.html


def test_factors_show_tags_answer_and_events(browser: Browser, incident: Incident, session: Session) -> None:
    event = make_event(session, incident, at=NOON)
    make_factor(session, incident, "It was full", was_present_before=True, tags=["disk"], events=[event.id])
    make_factor(session, incident, "It was new", was_present_before=False)
    make_factor(session, incident, "It was dark")
    page = browser.get(f"/incidents/{incident.number}")
    assert in_this_order(page.text, "Was there before", "It was full", "Shown by:", "disk")
    assert in_this_order(
        page.text, "Came with the incident", "It was new", "Not known whether", "It was dark"
    )
    assert f"#event-{event.id}" in page.links


def test_the_picture_stands_there_in_the_readers_zone(
    browser: Browser, incident: Incident, session: Session
) -> None:
    make_event(session, incident, "Renewed", NOON - timedelta(days=29))
    page = browser.get(f"/incidents/{incident.number}")
    assert "From 14 March 2026, 13:00 to 14 March 2026, 15:00." in page.html
    assert "Detect 9 min" in page.html
    assert "Too far away to draw to scale: 1 event 29 d earlier." in page.text


def test_a_reader_sees_everything_and_changes_nothing(
    incident: Incident, session: Session, reader: Person, sign_in: SignIn
) -> None:
    make_event(session, incident, "The pager rang", NOON)
    make_factor(session, incident, "It was full")
    page = sign_in(reader).get(f"/incidents/{incident.number}")
    assert "The pager rang" in page.text
    assert "It was full" in page.text
    assert not [link for link in page.links if "/events/" in link or "/factors/" in link]
    assert not [form for form in page.forms if "/events/" in form.action or "/factors/" in form.action]


def test_a_text_is_shown_and_never_run(browser: Browser, incident: Incident, session: Session) -> None:
    hostile = "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>"
    event = make_event(session, incident, hostile, NOON, actor_role=hostile[:100], occurred_text=hostile[:90])
    make_factor(session, incident, hostile, events=[event.id], tags=["<b>x</b>"])
    for path in (f"/incidents/{incident.number}", f"/events/{event.id}/edit", "/factors/1/edit"):
        html = browser.get(path).html
        assert "<script>alert" not in html
        assert "<img src=x" not in html
        assert 'href="javascript:' not in html


def test_the_page_asks_the_same_questions_for_one_row_and_for_three(
    browser: Browser, incident: Incident, session: Session, database: Database
) -> None:
    def add() -> None:
        event = make_event(session, incident, at=NOON)
        make_factor(session, incident, events=[event.id], tags=[f"tag-{event.id}"])

    add()
    path = f"/incidents/{incident.number}"
    browser.get(path)
    with counted(database) as with_one:
        browser.get(path)
    add()
    add()
    with counted(database) as with_three:
        browser.get(path)
    assert len(with_three) == len(with_one)
    on_timeline = [
        sent
        for sent in with_three
        if "timeline_events" in sent or "FROM factors" in sent or "factor_tags" in sent
    ]
    assert len(on_timeline) == 4


@pytest.mark.parametrize("path", ["/events/1/edit", "/factors/1/edit", "/incidents/1/factors/new"])
def test_forms_ask_the_same_questions_however_many_rows(
    browser: Browser, incident: Incident, session: Session, database: Database, path: str
) -> None:
    lengths = []
    for _ in range(2):
        event = make_event(session, incident, at=NOON)
        make_factor(session, incident, events=[event.id], tags=["x"])
        browser.get(path)
        with counted(database) as sent:
            assert browser.get(path).status == 200
        lengths.append(len(sent))
    assert lengths[0] == lengths[1]
