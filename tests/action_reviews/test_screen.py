"""What the screen says of its action: what was asked, its story in words, and why a key leads nowhere."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.action_reviews.models import ActionReview
from postmortem.action_reviews.operations import end_review, save_notes
from postmortem.actions.models import Action
from postmortem.actions.operations import delete_action, edit_action
from postmortem.actions.operations_comments import add_comment
from postmortem.actions.operations_verification import raise_questions
from postmortem.history.operations import CLI
from postmortem.incidents.enums import RelationKind
from postmortem.incidents.models import Incident
from postmortem.incidents.operations import edit_incident
from tests.factories.accounts import make_team
from tests.factories.action_reviews import decisions_of, items_of, make_review, sent
from tests.factories.actions import make_action, stored_actions
from tests.factories.incidents import make_incident
from tests.support.client import Browser

SECRET = "zqxsecret"


@pytest.fixture
def action(session: Session, author: Person) -> Action:
    made = make_action(session, make_incident(session, author), "Add an alarm", owner=author)
    made.verify_on = None
    return made


def finish(session: Session, action: Action) -> None:
    """It was done some days ago and is to be verified since yesterday."""
    edit_action(session, action, {"status": "done"}, version=None, actor=CLI)
    action.closed_at = clock.now() - timedelta(days=9)
    action.verify_on = clock.today() - timedelta(days=1)
    session.commit()


def ask_again(session: Session, action: Action, by: Incident) -> None:
    """Somebody relates the incident of the action to a later one."""
    pairs = [(action.incident_id, RelationKind.SAME_CAUSE_AS)]
    edit_incident(session, by, {"relations": pairs}, version=None, actor=CLI)
    raise_questions(session, by, actor=CLI)
    session.commit()


def test_what_is_to_be_verified_says_since_when(
    session: Session, action: Action, facilitator: Person, sign_in: Callable[[Person], Browser]
) -> None:
    finish(session, action)
    review = make_review(session, facilitator)
    text = sign_in(facilitator).get(f"/actions/review/{review.id}").text
    assert "Done on" in text and "to be verified since" in text and "Did it work?" in text


def test_the_incident_that_asked_again_is_named_to_whom_may_see_it(
    session: Session,
    action: Action,
    admin: Person,
    facilitator: Person,
    author: Person,
    sign_in: Callable[[Person], Browser],
) -> None:
    finish(session, action)
    later = make_incident(session, author, f"{SECRET} later", restricted=True)
    ask_again(session, action, later)
    review = make_review(session, facilitator)
    page = sign_in(admin).get(f"/actions/review/{review.id}")
    assert f"{later.reference} {SECRET} later is said to have the same cause. Did this work?" in page.text
    assert f"asked whether it really worked, because of {later.reference}" in page.text
    page = sign_in(facilitator).get(f"/actions/review/{review.id}")
    assert "Another incident is said to be related. Did this work?" in page.text
    assert "asked whether it really worked" in page.text
    assert SECRET not in page.html and later.reference not in page.text


def test_handing_over_says_that_it_lets_somebody_in(
    session: Session, action: Action, facilitator: Person, sign_in: Callable[[Person], Browser]
) -> None:
    told = "The incident is restricted: whoever gets its action can see it from then on."
    review = make_review(session, facilitator)
    assert told not in sign_in(facilitator).get(f"/actions/review/{review.id}").text
    values = {"visibility": "restricted"}
    edit_incident(session, action.incident, values, version=None, actor=CLI)
    action.owner = facilitator
    session.commit()
    assert told in sign_in(facilitator).get(f"/actions/review/{review.id}").text


def test_its_story_is_told_in_words(
    session: Session,
    action: Action,
    facilitator: Person,
    author: Person,
    outsider: Person,
    sign_in: Callable[[Person], Browser],
) -> None:
    make_team(session, "Sound", author)
    edit_action(session, action, {"due_on": clock.today()}, version=None, actor=author)
    edit_action(session, action, {"owner": outsider.email, "team": "sound"}, version=None, actor=author)
    add_comment(session, action, "It rings **too late**, see [the log](https://e.example/x).", actor=outsider)
    session.commit()
    review = make_review(session, facilitator)
    page = sign_in(facilitator).get(f"/actions/review/{review.id}")
    assert (
        "Aino Author handed it from Aino Author to Otto Outsider and gave it to the team Sound" in page.text
    )
    assert "Aino Author set the due date to" in page.text
    assert "Otto Outsider: It rings too late, see the log." in page.text
    story = page.html.split('id="story-title"')[1].split("</ol>")[0]
    for raw in ("@example.com", "due_on", "**", "→", "owner_id"):
        assert raw not in story, raw


@pytest.mark.parametrize(
    ("status", "sentences"),
    [
        ("proposed", ["Only what is done can be verified."]),
        ("in_progress", ["Only what is done can be verified.", "Work on this has begun already."]),
        (
            "done",
            [
                "What is done has no date to move.",
                "This is done already.",
                "It can be verified, or go back to “In progress”",
                "Only what is open can be split.",
            ],
        ),
        ("not_doing", ["It was decided not to do this."]),
    ],
)
def test_keys_that_lead_nowhere_say_why(
    session: Session,
    action: Action,
    facilitator: Person,
    sign_in: Callable[[Person], Browser],
    status: str,
    sentences: list[str],
) -> None:
    review = make_review(session, facilitator)
    values: dict[str, Any] = {"status": status, "status_reason": "So.", "end_state": "It rings."}
    edit_action(session, action, values, version=None, actor=CLI)
    session.commit()
    page = sign_in(facilitator).get(f"/actions/review/{review.id}")
    for sentence in sentences:
        assert sentence in page.text
    offered = {form.data["decision"][0] for form in page.forms if form.action.endswith("/decide")}
    refused = page.html.count("key__why-not")
    assert refused == {"proposed": 1, "in_progress": 2, "done": 4, "not_doing": 7}[status]
    assert len(offered) + refused == 8


def test_what_did_not_work_can_become_a_new_action(
    session: Session, action: Action, facilitator: Person, sign_in: Callable[[Person], Browser]
) -> None:
    finish(session, action)
    review = make_review(session, facilitator)
    browser, path = sign_in(facilitator), f"/actions/review/{review.id}"
    (item,) = items_of(session, review)
    data = sent(item, "verify", how="Cut the wire; silence.", has_worked="new")
    for _ in range(2):
        assert browser.post(f"{path}/decide", data).status == 303
    first, second = stored_actions(session)
    assert (first.status, second.status, second.came_from_id) == ("done", "proposed", first.id)
    assert (second.title, second.owner_id) == (first.title, first.owner_id)
    (made,) = decisions_of(session, review)
    assert made.outcome == f"it did not work; {second.reference} takes its place"
    assert made.outcome in browser.get(f"{path}/minutes").text
    delete_action(session, second, actor=CLI)
    session.commit()
    told = f"it did not work; {second.reference} took its place, and was deleted since"
    assert told in browser.get(f"{path}/minutes").text and told in browser.get(f"{path}?item=1").text
    # The same words with another button are another decision, which comes too late.
    assert browser.post(f"{path}/decide", data | {"has_worked": "yes"}).status == 409
    browser.post(f"{path}/decisions/{made.id}/undo")
    first, second = stored_actions(session)
    assert second.deleted_at and not first.deleted_at
    assert first.verify_on == clock.today() - timedelta(days=1)


def test_the_end_says_exactly_who_gets_the_minutes(
    session: Session,
    action: Action,
    facilitator: Person,
    author: Person,
    reader: Person,
    sign_in: Callable[[Person], Browser],
) -> None:
    alone = make_review(session, facilitator, title="Alone")
    review = make_review(session, facilitator, people=(author,))
    browser = sign_in(facilitator)
    for each in (alone, review):
        (item,) = items_of(session, each)
        assert browser.post(f"/actions/review/{each.id}/decide", sent(item, "keep")).status == 303
    assert "its minutes go to nobody" in browser.get(f"/actions/review/{alone.id}").text
    text = browser.get(f"/actions/review/{review.id}").text
    assert "to everybody else who was ticked, has joined or has decided something: Aino Author." in text
    other = sign_in(reader)
    assert "press Join, and you get them too" in other.get(f"/actions/review/{review.id}").text
    other.post(f"/actions/review/{review.id}/here")
    assert "press Join" not in other.get(f"/actions/review/{review.id}").text
    assert "Aino Author, Rita Reader." in browser.get(f"/actions/review/{review.id}").text


def test_open_questions_are_shown_as_they_were_rendered(
    session: Session, action: Action, facilitator: Person, sign_in: Callable[[Person], Browser]
) -> None:
    review = make_review(session, facilitator)
    save_notes(session, review, "Who *pays*?", version=None, actor=facilitator)
    session.commit()
    browser, path = sign_in(facilitator), f"/actions/review/{review.id}"
    (item,) = items_of(session, review)
    browser.post(f"{path}/decide", sent(item, "keep"))
    stored = session.scalars(select(ActionReview)).one()
    stored.notes_html = "<p>Who <strong>pays</strong>?</p>"
    session.commit()
    over = browser.get(path)
    assert "Open questions so far" in over.text and "<strong>pays</strong>" in over.html
    end_review(session, stored, actor=facilitator)
    session.commit()
    page = browser.get(f"{path}/minutes")
    assert page.html.count("pays") == 1 and "<strong>pays</strong>" in page.html
    assert "## Open questions\n\nWho *pays*?" in browser.get(f"{path}/minutes.md").html
