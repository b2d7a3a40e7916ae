"""Ideas on an incident's page: adding, changing, deleting, and making one an action."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions.drafts import ActionDraft
from postmortem.actions.operations import delete_action
from postmortem.actions.policy import AS_SHIPPED
from postmortem.errors import Refused
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI
from postmortem.ideas.operations import add_idea, delete_idea, promote
from postmortem.incidents.models import Incident
from tests.factories.actions import stored_actions
from tests.factories.ideas import make_idea, stored_ideas
from tests.factories.incidents import make_incident
from tests.ideas.conftest import MONDAY, SUNDAY_NIGHT, THURSDAY
from tests.support.client import Browser
from tests.support.pages import Form, Page

SignIn = Callable[[Person], Browser]
Freeze = Callable[[datetime], None]


def box_form(page: Page) -> Form:
    return next(form for form in page.forms if (form.action or "").endswith("/ideas"))


def told(session: Session, verb: str) -> list[HistoryEntry]:
    found = select(HistoryEntry).where(HistoryEntry.subject_type == "ideas", HistoryEntry.verb == verb)
    return list(session.scalars(found.order_by(HistoryEntry.id)))


def test_an_idea_is_added_from_the_box_once_however_often_it_is_sent(
    session: Session, browser: Browser, author: Person
) -> None:
    form = box_form(browser.get("/incidents/1"))
    data = {**form.data, "text": "What if O'Hara's <b>queue</b> & ours…"}
    for _ in range(2):
        page = browser.post("/incidents/1/ideas", data)
        assert (page.status, page.location) == (303, "/incidents/1#ideas")
    [idea] = stored_ideas(session)
    assert (idea.text, idea.added_by) == ("What if O'Hara's <b>queue</b> & ours…", author)
    [entry] = told(session, "added")
    assert (entry.actor_id, entry.incident_id) == (author.id, 1)
    page = browser.get("/incidents/1")
    assert "What if O'Hara's <b>queue</b> & ours…" in page.text
    assert f"{author.name}, 5 March 2026" in page.text
    assert "Can become an action from Monday 9 March on" in page.text


@pytest.mark.parametrize("text", ["", "   ", "x" * 1001])
def test_a_blank_or_endless_idea_comes_back_with_a_sentence(
    session: Session, browser: Browser, text: str
) -> None:
    page = browser.post("/incidents/1/ideas", {"text": text})
    assert page.status == 422
    assert ("Shorten this" if text.strip() else "Write the idea down") in page.text
    assert stored_ideas(session) == []
    sent = browser.post(page.forms[-1].action or "", {**page.forms[-1].data, "text": "Shorter"})
    assert sent.status == 303
    assert [idea.text for idea in stored_ideas(session)] == ["Shorter"]


def test_an_idea_is_changed_deleted_and_brought_back(
    session: Session, incident: Incident, browser: Browser
) -> None:
    idea = make_idea(session, incident)
    assert browser.submit("/ideas/1/edit", {"text": "Better"}).location == "/incidents/1#ideas"
    assert browser.submit("/ideas/1/edit").status == 303
    assert stored_ideas(session)[0].text == "Better"
    assert len(told(session, "edited")) == 1
    for _ in range(2):
        page = browser.post("/ideas/1/delete", follow=True)
    assert "The idea was deleted." in page.text
    assert "/ideas/1/edit" not in page.links
    assert "/ideas/1/restore" in [form.action for form in page.forms]
    assert browser.get("/ideas/1/edit").status == 404
    assert browser.get("/ideas/1/promote").status == 404
    for _ in range(2):
        browser.post("/ideas/1/restore")
    session.refresh(idea)
    assert idea.deleted_at is None
    assert (len(told(session, "deleted")), len(told(session, "brought back"))) == (1, 1)


def test_who_was_overtaken_sees_both_texts(
    session: Session, incident: Incident, browser: Browser, admin: Person, sign_in: SignIn
) -> None:
    make_idea(session, incident)
    mine = browser.get("/ideas/1/edit").forms[-1].data
    sign_in(admin).submit("/ideas/1/edit", {"text": "Theirs"})
    page = browser.post("/ideas/1/edit", {**mine, "text": "Mine"})
    assert page.status == 409
    assert "Theirs" in page.text
    assert "Mine" in page.text
    assert stored_ideas(session)[0].text == "Theirs"
    assert browser.post("/ideas/1/edit", page.forms[-1].data).status == 303
    assert stored_ideas(session)[0].text == "Mine"


def test_an_idea_deleted_while_somebody_writes_comes_back_only_on_purpose(
    session: Session, incident: Incident, browser: Browser
) -> None:
    idea = make_idea(session, incident)
    mine = browser.get("/ideas/1/edit").forms[-1].data
    delete_idea(session, idea, actor=CLI)
    session.commit()
    page = browser.post("/ideas/1/edit", {**mine, "text": "Mine"})
    assert page.status == 409
    assert "Somebody deleted this idea" in page.text
    assert browser.post("/ideas/1/edit", page.forms[-1].data).status == 303
    [idea] = stored_ideas(session)
    assert (idea.text, idea.deleted_at) == ("Mine", None)


def test_a_soaked_idea_becomes_an_action_without_a_reason(
    session: Session, incident: Incident, author: Person, sign_in: SignIn, frozen: Freeze
) -> None:
    make_idea(session, incident, "Rehearse the “fail-over” & O'Hara's runbook")
    frozen(MONDAY)
    browser = sign_in(author)
    assert "/ideas/1/promote" in browser.get("/incidents/1").links
    form = browser.get("/ideas/1/promote").forms[-1]
    assert form.data["title"] == ["Rehearse the “fail-over” & O'Hara's runbook"]
    assert form.data["due_on"] == ["2026-03-24"]
    assert "reason" not in form.data
    page = browser.submit("/ideas/1/promote", {"end_state": "It was rehearsed."})
    [action], [idea] = stored_actions(session), stored_ideas(session)
    assert page.location == f"/actions/{action.id}"
    assert (idea.action, idea.promoted_at, action.title) == (action, MONDAY, form.data["title"][0])
    [entry] = told(session, "promoted")
    assert entry.changes == {"action": [None, action.reference]}
    assert f"Became {action.reference}" in browser.get("/incidents/1").text
    assert browser.get("/ideas/1/promote").location == f"/actions/{action.id}"
    assert browser.submit("/ideas/1/edit", {"text": "Other"}).status == 422


def test_earlier_it_takes_a_reason_that_stays_in_history(
    session: Session, incident: Incident, author: Person, sign_in: SignIn, frozen: Freeze
) -> None:
    make_idea(session, incident)
    frozen(SUNDAY_NIGHT)
    browser = sign_in(author)
    page = browser.get("/ideas/1/promote")
    assert "from Monday 9 March on" in page.text
    page = browser.submit("/ideas/1/promote", {"title": "Add an alarm"})
    assert page.status == 422
    assert "Say why this cannot wait" in page.text
    assert stored_actions(session) == []
    browser.submit("/ideas/1/promote", {"title": "Add an alarm", "reason": "It rings tonight"})
    [action] = stored_actions(session)
    assert told(session, "promoted")[0].changes == {
        "action": [None, action.reference],
        "reason": [None, "It rings tonight"],
    }


def test_a_form_sent_twice_and_two_people_make_one_action(
    session: Session, incident: Incident, browser: Browser, admin: Person, sign_in: SignIn
) -> None:
    make_idea(session, incident)
    other = sign_in(admin)
    forms = [{**each.get("/ideas/1/promote").forms[-1].data, "reason": "Now"} for each in (browser, other)]
    places = [browser.post("/ideas/1/promote", forms[0]).location for _ in range(2)]
    places.append(other.post("/ideas/1/promote", forms[1]).location)
    [action] = stored_actions(session)
    assert set(places) == {f"/actions/{action.id}"}


def test_an_idea_whose_action_was_deleted_says_so(
    session: Session, incident: Incident, browser: Browser
) -> None:
    make_idea(session, incident)
    browser.submit("/ideas/1/promote", {"reason": "Now"})
    delete_action(session, stored_actions(session)[0], actor=CLI)
    session.commit()
    page = browser.get("/incidents/1")
    assert "Became an action, which was deleted since" in page.text
    assert browser.get("/ideas/1/promote").location == "/incidents/1#ideas"


def test_a_long_idea_goes_into_the_description(
    session: Session, incident: Incident, browser: Browser
) -> None:
    text = "word " * 60
    make_idea(session, incident, text)
    data = browser.get("/ideas/1/promote").forms[-1].data
    assert len(data["title"][0]) <= 200
    assert data["description"] == [text.strip()]


def test_operations_refuse_what_cannot_be(session: Session, incident: Incident) -> None:
    with pytest.raises(Refused) as refused:
        add_idea(session, incident, " \n ", by=None, actor=CLI)
    assert refused.value.field == "text"
    idea = make_idea(session, incident, at=THURSDAY)
    delete_idea(session, idea, actor=CLI)
    with pytest.raises(Refused), clock.as_of(MONDAY):
        promote(session, idea, ActionDraft(title="Act"), reason="", policy=AS_SHIPPED, actor=CLI)


def test_readers_see_ideas_and_change_nothing(
    session: Session, incident: Incident, reader: Person, sign_in: SignIn
) -> None:
    make_idea(session, incident)
    browser = sign_in(reader)
    page = browser.get("/incidents/1")
    assert "Try a second queue" in page.text
    assert "/ideas/1/edit" not in page.links
    assert not [form for form in page.forms if "idea" in (form.action or "")]
    for path in ("/incidents/1/ideas", "/ideas/1/edit", "/ideas/1/delete", "/ideas/1/promote"):
        assert browser.post(path, {"text": "x", "title": "x"}).status == 403
    assert [idea.text for idea in stored_ideas(session)] == ["Try a second queue"]


def test_ideas_of_a_restricted_incident_are_there_for_its_insiders_alone(
    now: None, session: Session, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    make_idea(session, make_incident(session, author, restricted=True))
    assert sign_in(author).get("/ideas/1/edit").status == 200
    stranger = sign_in(outsider)
    for path in ("/ideas/1/edit", "/ideas/1/promote"):
        assert stranger.get(path).status == 404
        assert stranger.post(path, {"text": "x"}).status == 404
    assert stranger.post("/incidents/1/ideas", {"text": "x"}).status == 404
