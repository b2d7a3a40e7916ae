"""One change of many actions: each its own entry, each its own answer, nothing overwritten unseen."""

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.enums import ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.operations import delete_action, edit_action
from postmortem.actions.operations_bulk import MOST
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI
from postmortem.incidents.models import Incident
from tests.factories.actions import history_count, make_action
from tests.factories.incidents import make_incident
from tests.support.client import Browser
from tests.support.pages import Page

SignIn = Callable[[Person], Browser]
LATER = {"change": "due_on", "due_on": "2027-02-28", "reason": "The parts come in spring."}


def ticked(*actions: Action) -> list[str]:
    return [f"{action.id}:{action.version}" for action in actions]


def sent(browser: Browser, *actions: Action, **data: Any) -> Page:
    return browser.post("/actions/bulk?status=open", {**LATER, "row": ticked(*actions), **data})


def test_each_ticked_action_is_changed_and_says_why(
    session: Session, incident: Incident, author: Person, browser: Browser
) -> None:
    first, second, other = (make_action(session, incident, title) for title in ("One", "Two", "Other"))
    page = sent(browser, first, second)
    assert (page.status, page.location) == (303, "/actions/?status=open")
    assert "2 actions are changed." in browser.get(page.location).text
    session.expire_all()
    assert [first.due_on, second.due_on, other.due_on] == [date(2027, 2, 28)] * 2 + [None]
    entries = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "edited")).all()
    assert {entry.subject_id for entry in entries} == {first.id, second.id} and len(entries) == 2
    for entry in entries:
        assert entry.changes == {"due_on": [None, "2027-02-28"], "reason": ["", LATER["reason"]]}
        assert entry.actor_id == author.id


def test_handing_over_and_setting_the_status(
    session: Session, incident: Incident, reader: Person, browser: Browser
) -> None:
    first, second = (make_action(session, incident, title, end_state="It rings.") for title in ("One", "Two"))
    sent(browser, first, second, change="owner", owner=reader.email)
    session.expire_all()
    assert [first.owner, second.owner] == [reader, reader]
    sent(browser, first, change="status", status="not_doing", reason="The queue is gone.")
    session.expire_all()
    assert (first.status, first.status_reason) == (ActionStatus.NOT_DOING, "The queue is gone.")
    assert first.closed_at is not None and second.status is ActionStatus.PROPOSED


def test_what_cannot_be_changed_is_named_with_why_and_the_rest_is_done(
    session: Session, incident: Incident, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    hidden = make_action(session, make_incident(session, author, "Hidden", restricted=True), "Secret words")
    gone, overtaken, good = (make_action(session, incident, title) for title in ("Gone", "Overtaken", "Good"))
    rows = ticked(hidden, gone, overtaken, good)
    delete_action(session, gone, actor=CLI)
    edit_action(session, overtaken, {"title": "Overtaken by all"}, version=None, actor=CLI)
    session.commit()
    before = history_count(session, "edited")
    page = sign_in(outsider).post("/actions/bulk", {**LATER, "row": [*rows, "9999:1"]})
    assert page.status == 200
    assert "1 action is changed." in page.text and "4 actions are as before" in page.text
    assert "Secret words" not in page.text and "Gone" not in page.text
    assert page.text.count("It is not there any more.") == 3
    assert page.text.count("Somebody changed it since this list was made.") == 1
    session.expire_all()
    assert [hidden.due_on, gone.due_on, overtaken.due_on, good.due_on] == [None] * 3 + [date(2027, 2, 28)]
    assert history_count(session, "edited") == before + 1


def test_who_is_let_in_by_handing_over_is_said_where_something_is_restricted(
    session: Session, incident: Incident, author: Person, browser: Browser
) -> None:
    told = "Whoever gets one of a restricted incident can see that incident from then on."
    make_action(session, incident, "Add an alarm")
    assert told not in browser.get("/actions/").text
    make_action(session, make_incident(session, author, "Hidden", restricted=True), "Secret words")
    assert told in browser.get("/actions/").text


def test_a_rule_that_one_action_breaks_keeps_nothing_of_its_change(
    session: Session, incident: Incident, browser: Browser
) -> None:
    without = make_action(session, incident, "Without end state")
    within = make_action(session, incident, "With", end_state="It rings.")
    page = sent(browser, without, within, change="status", status="accepted", reason="Agreed on Monday.")
    assert page.status == 200
    assert "Without end state" in page.text and "1 action is changed." in page.text
    session.expire_all()
    assert (without.status, without.status_reason) == (ActionStatus.PROPOSED, "")
    assert within.status is ActionStatus.ACCEPTED
    assert history_count(session, "edited") == 1


def test_sent_twice_nothing_more_happens(session: Session, incident: Incident, browser: Browser) -> None:
    action = make_action(session, incident)
    rows = ticked(action)
    for _ in range(2):
        assert browser.post("/actions/bulk", {**LATER, "row": rows}).status == 303
    assert history_count(session, "edited") == 1
    assert "0 actions are changed; 1 was so already." in browser.get("/actions/").text


def test_an_owner_who_reads_changes_their_own_alone(
    session: Session, incident: Incident, reader: Person, sign_in: SignIn
) -> None:
    own, other = (
        make_action(session, incident, "Mine", owner=reader),
        make_action(session, incident, "Theirs"),
    )
    browser = sign_in(reader)
    page = browser.get("/actions/")
    boxes = [form for form in page.forms if form.action.startswith("/actions/bulk")]
    assert len(boxes) == 1
    assert f'value="{own.id}:' in page.html and f'value="{other.id}:' not in page.html
    page = sent(browser, own, other)
    assert "Only contributors and the action’s owner may change it." in page.text
    session.expire_all()
    assert (own.due_on, other.due_on) == (date(2027, 2, 28), None)


def test_who_can_change_nothing_sees_no_boxes(action: Action, reader: Person, sign_in: SignIn) -> None:
    page = sign_in(reader).get("/actions/")
    assert "Add an alarm" in page.text and "Change the ticked ones" not in page.text


def test_what_is_missing_is_said_and_all_that_was_ticked_and_typed_is_kept(
    session: Session, incident: Incident, browser: Browser
) -> None:
    action = make_action(session, incident)
    for data, sentence in (
        ({"reason": ""}, "Say why"),
        ({"due_on": ""}, "Enter the new due date"),
        ({"due_on": "tomorrow"}, "Enter a day like"),
        ({"change": "owner"}, "Choose who takes them over."),
        ({"change": "status"}, "Choose the new status."),
        ({"change": "title"}, "Choose what to do"),
        ({"row": []}, "Tick the actions to change."),
        ({"row": [f"{number}:1" for number in range(1, MOST + 2)]}, f"at most {MOST}"),
        ({"row": ["1"]}, "Tick the actions on the page."),
        ({"owner": "nobody@example.com", "change": "owner"}, "Nobody active here has"),
    ):
        page = sent(browser, action, **data)
        assert page.status == 422 and sentence in page.text, data
    session.expire_all()
    assert action.due_on is None
    stale = f"{action.id}:{action.version}"
    edit_action(session, action, {"title": "Overtaken"}, version=None, actor=CLI)
    session.commit()
    page = browser.post("/actions/bulk", {**LATER, "reason": "", "row": [stale]})
    # The version that was seen stays: sending it again must not overwrite what came between.
    assert f'value="{stale}" checked' in page.html and 'value="2027-02-28"' in page.html


def test_the_pages_beside_a_refused_change_are_the_lists(
    session: Session, incident: Incident, browser: Browser
) -> None:
    for number in range(30):
        make_action(session, incident, f"Do {number}")
    page = browser.post("/actions/bulk?status=open", {"change": "due_on"})
    following = next(link for link in page.links if "after=" in link)
    assert following.startswith("/actions/?status=open&after=")
