"""Adding, changing, deleting and bringing back events through the pages."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.history.models import HistoryEntry
from postmortem.incidents.models import Incident
from postmortem.timeline import queries
from postmortem.timeline.models import TimelineEvent
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]
NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)


@pytest.fixture
def incident(session: Session, author: Person) -> Incident:
    return make_incident(session, author, participants=[(author.email, "on-call engineer")])


@pytest.fixture
def browser(author: Person, sign_in: SignIn) -> Browser:
    return sign_in(author)


def only_event(session: Session) -> TimelineEvent:
    session.expire_all()
    return session.scalars(select(TimelineEvent)).one()


def count(session: Session, model: Any = TimelineEvent) -> int | None:
    return session.scalar(select(func.count()).select_from(model))


def test_text_alone_is_enough_and_leads_back_to_the_event(
    browser: Browser, incident: Incident, session: Session
) -> None:
    page = browser.submit(f"/incidents/{incident.number}/events/new", {"text": "The pager rang."})
    event = only_event(session)
    assert (page.status, page.location) == (303, f"/incidents/{incident.number}#event-{event.id}")
    assert (event.text, event.occurred_at, event.in_writeup, event.learnt_later) == (
        "The pager rang.",
        None,
        True,
        False,
    )


def test_a_bare_post_without_the_other_fields_is_enough(
    browser: Browser, incident: Incident, session: Session
) -> None:
    page = browser.post(f"/incidents/{incident.number}/events/new", {"text": "The pager rang."})
    assert page.status == 303
    assert only_event(session).in_writeup is True


def test_every_field_is_stored(browser: Browser, incident: Incident, session: Session) -> None:
    browser.submit(
        f"/incidents/{incident.number}/events/new",
        {
            "text": "Rolled **back**.",
            "occurred_at": "2026-03-14T13:00",
            "ended_at": "2026-03-14T13:20",
            "timezone": "Europe/Stockholm",
            "occurred_text": "after lunch",
            "kind": "repair",
            "actor_role": "on-call engineer",
            "learnt_later": "y",
            "in_writeup": "no",
            "evidence": "https://graphs.example/d/1\r\n\r\nhttps://chat.example/2\r\n",
        },
    )
    event = only_event(session)
    assert event.occurred_at == NOON
    assert event.ended_at == NOON + timedelta(minutes=20)
    assert (event.kind, event.actor_role, event.occurred_text) == (
        "repair",
        "on-call engineer",
        "after lunch",
    )
    assert (event.learnt_later, event.in_writeup) == (True, False)
    assert event.evidence == ["https://graphs.example/d/1", "https://chat.example/2"]
    assert "<strong>back</strong>" in event.text_html


def test_the_form_starts_in_the_persons_zone_and_offers_the_roles(
    browser: Browser, incident: Incident
) -> None:
    page = browser.get(f"/incidents/{incident.number}/events/new")
    assert page.forms[0].data["timezone"] == ["Europe/Stockholm"]
    assert '<option value="on-call engineer">' in page.html


def test_adding_another_keeps_kind_zone_and_day_but_guesses_no_time(
    browser: Browser, incident: Incident, session: Session
) -> None:
    path = f"/incidents/{incident.number}/events/new"
    first = {"text": "One", "kind": "repair", "timezone": "UTC", "occurred_at": "2026-03-14T23:30"}
    page = browser.submit(path, {**first, "add_another": "1"})
    assert page.location is not None
    page = browser.get(page.location)
    assert "Added: One" in page.text
    data = page.forms[0].data
    assert (data["kind"], data["timezone"], data["text"]) == (["repair"], ["UTC"], [""])
    assert data["occurred_at"] == ["2026-03-14 "]
    browser.submit(page.response.request.full_path, {"text": "Two", "occurred_at": "2026-03-14 23:45"})
    browser.submit(page.response.request.full_path, {"text": "Three"})
    one, three, two = sorted(session.scalars(select(TimelineEvent)), key=lambda event: event.text)
    assert one.occurred_at == datetime(2026, 3, 14, 23, 30, tzinfo=UTC)
    assert two.occurred_at == datetime(2026, 3, 14, 23, 45, tzinfo=UTC)
    assert (three.occurred_text, three.kind) == ("14 March 2026, time not known", "repair")


def test_nonsense_in_the_address_of_the_form_starts_nothing(browser: Browser, incident: Incident) -> None:
    query = {"kind": "root-cause", "timezone": "Mars/Olympus", "day": "2026-02-30"}
    page = browser.get(f"/incidents/{incident.number}/events/new", query_string=query)
    data = page.forms[0].data
    assert (data["kind"], data["timezone"], data["occurred_at"]) == (["other"], ["Europe/Stockholm"], [""])


def test_the_same_form_twice_makes_one_event(browser: Browser, incident: Incident, session: Session) -> None:
    path = f"/incidents/{incident.number}/events/new"
    data = {**browser.get(path).forms[0].data, "text": "Once"}
    first, second = browser.post(path, data), browser.post(path, data)
    assert first.location == second.location
    assert count(session) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": "  "}, "one sentence is enough"),
        ({"occurred_at": "yesterday"}, "Enter a day and time like"),
        ({"occurred_at": "2026-02-30T10:00"}, "no such day"),
        ({"occurred_at": "2026-03-29T02:30"}, "did not exist"),
        ({"ended_at": "2026-10-25T02:30"}, "happened twice"),
        ({"timezone": "Mars/Olympus"}, "time zone by its name"),
        ({"kind": "root cause"}, "Choose one of the list"),
        ({"in_writeup": "maybe"}, "Choose one of the answers"),
        ({"evidence": "javascript:alert(1)"}, "is no web address"),
        ({"evidence": "\n".join(f"https://x.example/{n}" for n in range(21))}, "there are 21 here"),
        ({"actor_role": "x" * 101}, "Shorten this to 100"),
        ({"text": "x" * 20_001}, "Shorten this to 20,000"),
    ],
)
def test_bad_input_is_named_and_nothing_is_lost(
    browser: Browser, incident: Incident, session: Session, changes: dict[str, str], sentence: str
) -> None:
    kept = {"text": "Kept words", "actor_role": "support", "evidence": "https://graphs.example/kept"}
    page = browser.submit(f"/incidents/{incident.number}/events/new", {**kept, **changes})
    assert page.status == 422
    assert sentence in page.text
    for name, value in {**kept, **changes}.items():
        if name not in ("kind", "in_writeup"):
            assert page.forms[0].data[name][0].strip() == value.strip()
    assert count(session) == 0


def test_an_hour_that_came_twice_is_asked_about_and_answered(
    browser: Browser, incident: Incident, session: Session
) -> None:
    path = f"/incidents/{incident.number}/events/new"
    typed = {"text": "In the night", "occurred_at": "2026-10-25T02:30"}
    assert "occurred_at_fold" in browser.submit(path, typed).html
    browser.submit(path, {**typed, "occurred_at_fold": "1"})
    event = only_event(session)
    assert event.occurred_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert browser.get(f"/events/{event.id}/edit").forms[0].data["occurred_at_fold"] == ["1"]


def test_editing_untouched_changes_nothing(browser: Browser, incident: Incident, session: Session) -> None:
    event = make_event(
        session,
        incident,
        "A *fact*",
        NOON + timedelta(seconds=7),
        ended_at=NOON - timedelta(days=1),
        occurred_text="noonish",
        kind="impact",
        in_writeup=False,
        learnt_later=True,
        evidence=["https://graphs.example"],
    )
    before = count(session, HistoryEntry)
    page = browser.submit(f"/events/{event.id}/edit", form=0)
    assert (page.status, page.location) == (303, f"/incidents/{incident.number}#event-{event.id}")
    assert only_event(session).version == 1
    assert count(session, HistoryEntry) == before


def test_editing_changes_the_event(browser: Browser, incident: Incident, session: Session) -> None:
    event = make_event(session, incident, at=NOON)
    browser.submit(f"/events/{event.id}/edit", {"text": "Better words", "occurred_at": ""}, form=0)
    event = only_event(session)
    assert (event.text, event.occurred_at, event.version) == ("Better words", None, 2)


def test_a_day_alone_keeps_its_doubt_until_somebody_knows_the_time(
    browser: Browser, incident: Incident, session: Session, outsider: Person, sign_in: SignIn
) -> None:
    browser.submit(
        f"/incidents/{incident.number}/events/new", {"text": "Some time", "occurred_at": "2026-03-14"}
    )
    event = only_event(session)
    assert event.occurred_text == "14 March 2026, time not known"
    path = f"/events/{event.id}/edit"
    sign_in(outsider).submit(path, {"text": "Some time that day"}, form=0)
    event = only_event(session)
    assert (event.occurred_at, event.occurred_text) == (
        datetime(2026, 3, 13, 23, 0, tzinfo=UTC),
        "14 March 2026, time not known",
    )
    browser.submit(path, {"occurred_at": "2026-03-15"}, form=0)
    assert only_event(session).occurred_text == "15 March 2026, time not known"
    browser.submit(path, {"occurred_at": "2026-03-15T09:41"}, form=0)
    assert only_event(session).occurred_text == ""


def test_a_stale_form_shows_both_texts_and_saves_on_the_second_try(
    browser: Browser, incident: Incident, session: Session
) -> None:
    event = make_event(session, incident, "First words", NOON)
    path = f"/events/{event.id}/edit"
    mine = {**browser.get(path).forms[0].data, "text": "My words"}
    browser.submit(path, {"text": "Their words"}, form=0)
    page = browser.post(path, mine)
    assert page.status == 409
    assert "My words" in page.text
    assert "Their words" in page.text
    assert only_event(session).text == "Their words"
    browser.post(path, page.forms[0].data)
    assert only_event(session).text == "My words"


def test_an_edit_sent_twice_is_no_conflict(browser: Browser, incident: Incident, session: Session) -> None:
    event = make_event(session, incident, at=NOON)
    path = f"/events/{event.id}/edit"
    data = {**browser.get(path).forms[0].data, "text": "Better words"}
    assert [browser.post(path, data).status for _ in range(2)] == [303, 303]
    assert only_event(session).version == 2


def test_saving_over_a_deleted_event_asks_first_and_loses_nothing(
    browser: Browser, incident: Incident, session: Session
) -> None:
    event = make_event(session, incident)
    path = f"/events/{event.id}/edit"
    mine = {**browser.get(path).forms[0].data, "text": "A long story"}
    browser.post(f"/events/{event.id}/delete")
    assert browser.get(path).status == 404
    page = browser.post(path, mine)
    assert page.status == 409
    assert "Saving brings it back" in page.text
    assert page.forms[0].data["text"] == ["A long story"]
    assert only_event(session).deleted_at is not None
    browser.post(path, page.forms[0].data)
    event = only_event(session)
    assert (event.deleted_at, event.text) == (None, "A long story")


def test_deleting_offers_undo(browser: Browser, incident: Incident, session: Session) -> None:
    event = make_event(session, incident)
    page = browser.post(f"/events/{event.id}/delete")
    assert (page.status, page.location) == (303, f"/incidents/{incident.number}#timeline")
    assert not queries.events_of(session, incident.id)
    page = browser.get("/events/1/edit")
    assert page.status == 404
    undo = next(form for form in page.forms if form.action == f"/events/{event.id}/restore")
    page = browser.post(undo.action, undo.data)
    assert page.location == f"/incidents/{incident.number}#event-{event.id}"
    assert [found.id for found in queries.events_of(session, incident.id)] == [event.id]


def test_deleting_twice_is_deleting_once(browser: Browser, incident: Incident, session: Session) -> None:
    event = make_event(session, incident)
    for word in ("delete", "restore"):
        assert [browser.post(f"/events/{event.id}/{word}").status for _ in range(2)] == [303, 303]
    verbs = session.scalars(
        select(HistoryEntry.verb)
        .where(HistoryEntry.subject_type == "timeline_events")
        .order_by(HistoryEntry.id)
    )
    assert list(verbs) == ["added", "deleted", "brought back"]


GET_AND_POST = ("/incidents/{number}/events/new", "/events/{id}/edit")
POST_ONLY = ("/events/{id}/delete", "/events/{id}/restore")


@pytest.mark.parametrize("path", [*GET_AND_POST, *POST_ONLY])
def test_who_may_not_is_kept_out(
    incident: Incident,
    session: Session,
    sign_in: SignIn,
    reader: Person,
    outsider: Person,
    anonymous: Browser,
    author: Person,
    path: str,
) -> None:
    secret = make_incident(session, author, restricted=True)
    event, hidden = make_event(session, incident, "As it was"), make_event(session, secret, "Hidden")
    here = path.format(number=incident.number, id=event.id)
    there = path.format(number=secret.number, id=hidden.id)
    nowhere = path.format(number=999, id=10**30)
    methods = ["get", "post"] if path in GET_AND_POST else ["post"]
    for method in methods:
        for browser, address, status in (
            (anonymous, here, 303),
            (sign_in(reader), here, 403),
            (sign_in(outsider), there, 404),
            (sign_in(outsider), nowhere, 404),
        ):
            page = getattr(browser, method)(address)
            assert page.status == status, (method, address)
            assert "Hidden" not in page.html
    assert count(session) == 2
    assert {row.text for row in session.scalars(select(TimelineEvent))} == {"As it was", "Hidden"}
    assert session.scalar(select(func.count()).where(TimelineEvent.deleted_at.is_not(None))) == 0


@pytest.mark.parametrize("path", POST_ONLY)
def test_reading_deletes_nothing(browser: Browser, incident: Incident, session: Session, path: str) -> None:
    event = make_event(session, incident)
    assert browser.get(path.format(id=event.id)).status == 405
    assert only_event(session).deleted_at is None
