"""Deciding in a meeting: what each decision does, what it leaves, taking it back, and two at once."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.action_reviews.enums import Decision
from postmortem.action_reviews.models import ActionReview
from postmortem.action_reviews.operations import pause_review
from postmortem.actions.enums import ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.models_around import Verification
from postmortem.actions.operations import edit_action
from postmortem.history.operations import CLI
from tests.factories.action_reviews import decisions_of, items_of, make_review, sent
from tests.factories.actions import make_action, stored_actions
from tests.factories.incidents import make_incident
from tests.support.client import Browser

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
TODAY = NOW.date()
KEPT = ("owner_id", "due_on", "first_due_on", "redated_count", "status", "status_reason", "end_state")
STATE = (*KEPT, "closed_at", "touched_at", "verify_on")


@pytest.fixture
def now(frozen: Callable[[datetime], None]) -> None:
    frozen(NOW)


@pytest.fixture
def meeting(session: Session, facilitator: Person, author: Person, now: None) -> ActionReview:
    """One open action of the author's, one that is done, and a meeting about both."""
    incident = make_incident(session, author)
    due = TODAY - timedelta(days=3)
    make_action(session, incident, "Add an alarm", owner=author, due_on=due, end_state="It rings.")
    done = make_action(session, incident, "Rehearse it", owner=author)
    edit_action(session, done, {"status": "done"}, version=None, actor=CLI)
    done.verify_on = TODAY
    session.commit()
    return make_review(session, facilitator)


def decide(
    browser: Browser, session: Session, meeting: ActionReview, place: int, decision: str, **fields: Any
) -> Any:
    item = items_of(session, meeting)[place]
    return browser.post(f"/actions/review/{meeting.id}/decide", sent(item, decision, **fields))


# Decision, which of the two actions, what is filled in, and what becomes of the action.
DECISIONS: tuple[tuple[str, int, dict[str, Any], dict[str, Any]], ...] = (
    ("keep", 0, {}, {"status": ActionStatus.PROPOSED, "touched_at": NOW}),
    ("redate", 0, {"due_on": "2026-07-01"}, {"redated_count": 1, "due_on": date(2026, 7, 1)}),
    ("hand_over", 0, {"owner": "otto-outsider@example.com"}, {"status": ActionStatus.PROPOSED}),
    ("start", 0, {}, {"status": ActionStatus.IN_PROGRESS}),
    ("done", 0, {}, {"status": ActionStatus.DONE, "closed_at": NOW}),
    ("not_doing", 0, {"reason": "The queue is gone."}, {"status": ActionStatus.NOT_DOING}),
    ("split", 0, {"title": "Ask the vendor"}, {"status": ActionStatus.PROPOSED}),
    ("verify", 1, {"how": "A drill."}, {"status": ActionStatus.VERIFIED}),
    ("verify", 1, {"how": "A drill.", "has_worked": "no"}, {"status": ActionStatus.IN_PROGRESS}),
    ("verify", 1, {"how": "A drill.", "has_worked": "new"}, {"status": ActionStatus.DONE, "verify_on": None}),
    ("start", 1, {}, {"status": ActionStatus.IN_PROGRESS, "closed_at": None}),
)


@pytest.mark.parametrize(("decision", "place", "fields", "becomes"), DECISIONS)
def test_each_decision_changes_the_action_and_can_be_taken_back(
    session: Session,
    meeting: ActionReview,
    outsider: Person,
    sign_in: Callable[[Person], Browser],
    decision: str,
    place: int,
    fields: dict[str, Any],
    becomes: dict[str, Any],
) -> None:
    browser, before = sign_in(outsider), [state(each) for each in stored_actions(session)]
    page = decide(browser, session, meeting, place, decision, **fields)
    assert page.status == 303
    action = stored_actions(session)[place]
    assert {name: getattr(action, name) for name in becomes} == becomes
    assert action.owner_id == outsider.id if decision == "hand_over" else True
    (made,) = decisions_of(session, meeting)
    assert (made.decision, made.person_id, items_of(session, meeting)[place].is_decided) == (
        Decision(decision),
        outsider.id,
        True,
    )
    page = browser.post(f"/actions/review/{meeting.id}/decisions/{made.id}/undo", follow=True)
    assert "Taken back" in page.text
    assert [state(each) for each in stored_actions(session) if each.deleted_at is None] == before
    assert not items_of(session, meeting)[place].is_decided
    assert decisions_of(session, meeting)[0].undone_by_id == outsider.id
    assert session.query(Verification).count() == 0
    assert decide(browser, session, meeting, place, "keep").status == 303


def state(action: Action) -> dict[str, Any]:
    return {name: getattr(action, name) for name in STATE}


def test_the_second_of_two_is_told_what_was_decided_and_by_whom(
    session: Session,
    meeting: ActionReview,
    outsider: Person,
    author: Person,
    sign_in: Callable[[Person], Browser],
) -> None:
    item = items_of(session, meeting)[0]
    both = [sent(item, "done"), sent(item, "redate", due_on="2026-08-01")]
    path = f"/actions/review/{meeting.id}/decide"
    assert sign_in(author).post(path, both[0]).status == 303
    second = sign_in(outsider)
    page = second.post(path, both[1])
    assert page.status == 409
    assert "decided by Aino Author" in page.text and "Take it back and decide anew" in page.text
    assert stored_actions(session)[0].status is ActionStatus.DONE
    (held,) = decisions_of(session, meeting)
    second.post(f"/actions/review/{meeting.id}/decisions/{held.id}/undo")
    assert decide(second, session, meeting, 0, "redate", due_on="2026-08-01").status == 303
    assert stored_actions(session)[0].due_on == date(2026, 8, 1)


def test_the_same_decision_sent_twice_is_one(
    session: Session, meeting: ActionReview, author: Person, sign_in: Callable[[Person], Browser]
) -> None:
    item, browser = items_of(session, meeting)[0], sign_in(author)
    data = sent(item, "redate", due_on="2026-08-01")
    answers = [browser.post(f"/actions/review/{meeting.id}/decide", data) for _ in range(2)]
    assert [each.status for each in answers] == [303, 303]
    assert len(decisions_of(session, meeting)) == 1
    assert stored_actions(session)[0].redated_count == 1


def test_an_action_changed_outside_of_the_meeting_is_looked_at_again(
    session: Session, meeting: ActionReview, author: Person, sign_in: Callable[[Person], Browser]
) -> None:
    data = sent(items_of(session, meeting)[0], "redate", due_on="2026-08-01")
    edit_action(session, stored_actions(session)[0], {"title": "Add two alarms"}, version=None, actor=CLI)
    session.commit()
    page = sign_in(author).post(f"/actions/review/{meeting.id}/decide", data)
    assert page.status == 409
    assert "changed while you decided" in page.text and "Add two alarms" in page.text
    assert "2026-08-01" in page.html
    assert not decisions_of(session, meeting)


def test_what_somebody_did_since_is_not_taken_back(
    session: Session, meeting: ActionReview, author: Person, sign_in: Callable[[Person], Browser]
) -> None:
    browser = sign_in(author)
    decide(browser, session, meeting, 0, "redate", due_on="2026-08-01")
    edit_action(session, stored_actions(session)[0], {"status": "done"}, version=None, actor=CLI)
    session.commit()
    (made,) = decisions_of(session, meeting)
    page = browser.post(f"/actions/review/{meeting.id}/decisions/{made.id}/undo", follow=True)
    assert "changed again after this decision" in page.text
    assert stored_actions(session)[0].status is ActionStatus.DONE
    assert decisions_of(session, meeting)[0].undone_at is None
    assert items_of(session, meeting)[0].is_decided


@pytest.mark.parametrize(
    ("decision", "fields", "sentence"),
    [
        ("redate", {}, "Enter the new day."),
        ("redate", {"due_on": "soon"}, "Enter a day like 2026-03-09."),
        ("hand_over", {}, "Choose who answers for it"),
        ("hand_over", {"owner": "nobody@example.com"}, "Nobody active here has"),
        ("not_doing", {}, "Say why we are not doing this"),
        ("split", {}, "Say what is to be done besides"),
        ("verify", {"how": "A drill."}, "Only what is done can be verified"),
        ("", {}, "Choose one of the list."),
    ],
)
def test_what_is_missing_is_asked_for_and_nothing_changes(
    session: Session,
    meeting: ActionReview,
    author: Person,
    sign_in: Callable[[Person], Browser],
    decision: str,
    fields: dict[str, Any],
    sentence: str,
) -> None:
    before = [state(each) for each in stored_actions(session)]
    page = decide(sign_in(author), session, meeting, 0, decision, **fields)
    assert page.status == 422
    assert sentence in page.text
    assert all(str(value) in page.html for value in fields.values() if value != "nobody@example.com")
    assert [state(each) for each in stored_actions(session)] == before
    assert not decisions_of(session, meeting) and not items_of(session, meeting)[0].is_decided


def test_readers_decide_only_about_what_they_own(
    session: Session, meeting: ActionReview, reader: Person, sign_in: Callable[[Person], Browser]
) -> None:
    browser = sign_in(reader)
    assert decide(browser, session, meeting, 0, "keep").status == 403
    edit_action(session, stored_actions(session)[0], {"owner": reader.email}, version=None, actor=CLI)
    session.commit()
    assert decide(browser, session, meeting, 0, "keep").status == 303
    assert decide(browser, session, meeting, 1, "keep").status == 403


def test_nothing_is_decided_while_it_is_paused(
    session: Session, meeting: ActionReview, facilitator: Person, sign_in: Callable[[Person], Browser]
) -> None:
    browser = sign_in(facilitator)
    decide(browser, session, meeting, 0, "done")
    pause_review(session, meeting, actor=facilitator)
    session.commit()
    page = decide(browser, session, meeting, 1, "keep")
    assert page.status == 422 and "paused" in page.text
    (made,) = decisions_of(session, meeting)
    page = browser.post(f"/actions/review/{meeting.id}/decisions/{made.id}/undo", follow=True)
    assert "paused" in page.text
    assert decisions_of(session, meeting)[0].undone_at is None
