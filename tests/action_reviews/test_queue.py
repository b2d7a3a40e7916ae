"""The queue: what stands in it, why, in which order; and who may start, pause and end a meeting."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.operations import edit_person
from postmortem.action_reviews import operations
from postmortem.action_reviews.enums import ReviewState
from postmortem.action_reviews.models import ActionReview, ActionReviewPerson
from postmortem.action_reviews.timing import clock_face, clock_of, spent_seconds
from postmortem.actions.models import Action
from postmortem.actions.operations import delete_action, edit_action
from postmortem.errors import Refused
from postmortem.history.operations import CLI
from tests.factories.accounts import make_person, make_team
from tests.factories.action_reviews import items_of, make_review
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.support.client import Browser

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


def day(days: int) -> Any:
    return NOW.date() + timedelta(days=days)


@pytest.fixture
def now(frozen: Callable[[datetime], None]) -> None:
    frozen(NOW)


def test_the_queue_is_ordered_by_what_needs_a_decision_most(
    session: Session, facilitator: Person, author: Person, outsider: Person, now: None
) -> None:
    incident = make_incident(session, author)
    owned: dict[str, Any] = {"owner": author, "end_state": "It rings.", "status": "accepted"}
    make_action(session, incident, "other", **owned, due_on=day(90))
    make_action(session, incident, "proposed", **(owned | {"status": "proposed"}), due_on=day(90))
    make_action(session, incident, "due soon", **owned, due_on=day(7))
    make_action(session, incident, "due sooner", **owned, due_on=day(0))
    make_action(session, incident, "to verify", **owned)
    make_action(session, incident, "not to verify yet", **owned)
    make_action(session, incident, "unowned", **(owned | {"owner": None}))
    make_action(session, incident, "left", **(owned | {"owner": outsider}))
    make_action(session, incident, "stale", **owned)
    make_action(session, incident, "overdue, stale, unowned", **(owned | {"owner": None}), due_on=day(-1))
    make_action(session, incident, "long overdue", **owned, due_on=day(-20))
    make_action(session, incident, "not doing", status="not_doing", status_reason="No.")
    make_action(session, incident, "deleted", **owned)
    every = {each.title: each for each in session.scalars(select(Action))}
    for title, verify_on in (("to verify", day(0)), ("not to verify yet", day(1))):
        edit_action(session, every[title], {"status": "done"}, version=None, actor=CLI)
        every[title].verify_on = verify_on
    for title in ("stale", "overdue, stale, unowned"):
        every[title].touched_at = NOW - timedelta(days=31)
    delete_action(session, every["deleted"], actor=CLI)
    edit_person(session, outsider, {"is_active": False}, version=None, actor=CLI)
    session.commit()
    queue = items_of(session, make_review(session, facilitator))
    assert [item.action.title for item in queue] == [
        "long overdue",
        "overdue, stale, unowned",
        "stale",
        "unowned",
        "left",
        "to verify",
        "due sooner",
        "due soon",
        "proposed",
        "other",
    ]
    assert queue[1].reasons_before == ["overdue", "stale", "unowned"]
    assert queue[-1].reasons_before == ["other"]
    assert [item.position for item in queue] == list(range(1, 11))


def test_a_meeting_is_started_from_the_page_for_a_team(
    session: Session, facilitator: Person, author: Person, sign_in: Callable[[Person], Browser], now: None
) -> None:
    incident, team = make_incident(session, author), make_team(session, "Sound", author)
    make_action(session, incident, "Of the team", team=team)
    make_action(session, incident, "Of nobody")
    browser = sign_in(facilitator)
    page = browser.get("/actions/review?team=sound")
    assert "1 action to decide about" in page.text
    form = max(page.forms, key=lambda form: len(form.data))
    assert form.data["title"] == ["Action review of Sound, 1 June 2026"]
    # Nobody is there before somebody says so: the minutes name who was present.
    assert "people" not in form.data
    page = browser.post(form.action, {**form.data, "people": [author.email]})
    (review,) = session.scalars(select(ActionReview))
    assert page.status == 303 and page.location == f"/actions/review/{review.id}"
    assert [item.action.title for item in items_of(session, review)] == ["Of the team"]
    assert (review.query, review.team_id, review.planned_minutes) == ("team=sound", team.id, 45)
    there = {each.person_id: each.last_seen_at for each in session.scalars(select(ActionReviewPerson))}
    assert there == {author.id: None, facilitator.id: NOW}
    assert browser.post(form.action, form.data).location == page.location
    assert session.query(ActionReview).count() == 1


def test_the_list_of_actions_leads_here_with_its_filters(
    session: Session, facilitator: Person, author: Person, sign_in: Callable[[Person], Browser]
) -> None:
    make_team(session, "Sound", author)
    browser = sign_in(facilitator)
    for rest in ("after=1~2", "group=owner"):
        links = browser.get(f"/actions/?team=sound&show=overdue&{rest}").links
        (link,) = [each for each in links if each.startswith("/actions/review")]
        assert sorted(link.removeprefix("/actions/review?").split("&")) == ["show=overdue", "team=sound"]
    assert "Team: Sound" in browser.get(link).text
    # An address of the list works here too, and how it is grouped is nothing to a meeting.
    page = browser.get(f"{link}&group=owner")
    assert "Team: Sound" in page.text and "group=" not in page.html and "Grouped" not in page.text


def test_what_cannot_be_started_says_why(
    session: Session, facilitator: Person, author: Person, sign_in: Callable[[Person], Browser], now: None
) -> None:
    make_action(session, make_incident(session, author), "Only one")
    browser = sign_in(facilitator)
    page = browser.submit("/actions/review", {"title": " ", "planned_minutes": "0"})
    assert page.status == 422
    assert "Give the meeting a title" in page.text and "between 1 and 600 minutes" in page.text
    assert browser.get("/actions/review?team=nosuch").status == 422
    assert browser.post("/actions/review?team=nosuch", {"title": "A"}).status == 422
    assert "Nothing to decide" in browser.get("/actions/review?status=closed").text
    page = browser.post("/actions/review?status=closed", {"title": "A", "planned_minutes": "5"})
    assert page.status == 422
    assert session.query(ActionReview).count() == 0


def test_more_than_anybody_walks_through_is_refused(
    session: Session, facilitator: Person, author: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = make_incident(session, author)
    for number in range(3):
        make_action(session, incident, f"Number {number}")
    monkeypatch.setattr(operations, "MOST_ITEMS", 2)
    with pytest.raises(Refused, match="more than 2 actions"):
        make_review(session, facilitator)


def test_contributors_join_and_only_facilitators_run_it(
    session: Session, facilitator: Person, author: Person, sign_in: Callable[[Person], Browser]
) -> None:
    make_action(session, make_incident(session, author))
    review = make_review(session, facilitator)
    browser = sign_in(author)
    assert browser.post("/actions/review", {"title": "A"}).status == 403
    for act in ("pause", "resume", "end"):
        assert browser.post(f"/actions/review/{review.id}/{act}").status == 403
    assert "Join" in browser.get(f"/actions/review/{review.id}").text
    for _ in range(2):
        assert browser.post(f"/actions/review/{review.id}/here").status == 303
    page = browser.get(f"/actions/review/{review.id}")
    assert "Aino Author" in page.text and "Join" not in page.text
    session.expire_all()
    assert session.get(ActionReview, review.id).state is ReviewState.RUNNING  # type: ignore[union-attr]


def test_time_does_not_run_during_a_pause(
    session: Session, facilitator: Person, author: Person, frozen: Callable[[datetime], None]
) -> None:
    frozen(NOW)
    make_action(session, make_incident(session, author))
    review = make_review(session, facilitator, planned_minutes=10)
    for minutes, act in ((4, operations.pause_review), (9, operations.resume_review), (11, None)):
        frozen(NOW + timedelta(minutes=minutes))
        if act is not None:
            act(session, review, actor=facilitator)
            act(session, review, actor=facilitator)
            session.commit()
    moment = NOW + timedelta(minutes=11)
    assert spent_seconds(review, moment) == 6 * 60
    clock = clock_of(review, 8, moment)
    assert (clock.left, clock.each) == (4 * 60, 30)
    operations.end_review(session, review, actor=facilitator)
    session.commit()
    assert spent_seconds(review, NOW + timedelta(days=9)) == 6 * 60


@pytest.mark.parametrize(("seconds", "words"), [(0, "0:00"), (65, "1:05"), (3725, "1:02:05"), (-65, "1:05")])
def test_clock_faces(seconds: int, words: str) -> None:
    assert clock_face(seconds) == words


def test_who_has_closed_the_page_is_not_there_any_more(
    session: Session, facilitator: Person, author: Person, frozen: Callable[[datetime], None]
) -> None:
    from postmortem.action_reviews.queries import people_of

    frozen(NOW)
    make_action(session, make_incident(session, author))
    seated = make_person(session, "Sid Seated")
    review = make_review(session, facilitator, people=(seated,))
    operations.come_in(session, review, actor=author)
    later = NOW + timedelta(seconds=46)
    found = {each.name: (each.is_there, each.is_seated) for each in people_of(session, review.id, NOW)}
    assert found == {"Aino Author": (1, 0), "Fay Facilitator": (1, 0), "Sid Seated": (0, 1)}
    assert [each.name for each in people_of(session, review.id, later) if each.is_there] == []


def test_a_search_too_long_to_be_kept_starts_no_meeting(
    session: Session, facilitator: Person, author: Person, sign_in: Callable[[Person], Browser]
) -> None:
    """Emoji are twelve characters each in an address: two hundred of them fit no column."""
    make_action(session, make_incident(session, author), "\U0001f600" * 190)
    browser = sign_in(facilitator)
    path = "/actions/review?q=" + "\U0001f600" * 190
    page = browser.post(path, {"title": "Hm", "planned_minutes": "45"})
    assert page.status == 422
    assert "Look for fewer words" in page.text
    assert session.scalars(select(ActionReview)).all() == []
