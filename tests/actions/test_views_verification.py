"""The pages of verifying and merging: what they say, refuse and hide."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.actions.models_around import Verification
from postmortem.incidents.models import Incident
from tests.factories.actions import make_action, stored_actions
from tests.factories.incidents import make_incident
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]


@pytest.fixture
def done(session: Session, incident: Incident, author: Person) -> Action:
    return make_action(session, incident, owner=author, status="done", end_state="It rings.")


def _answer(browser: Browser, action: Action, **fields: str) -> str:
    page = browser.submit(f"/actions/{action.id}/verify", {"how": "I looked.", **fields})
    return page.location or page.text


def test_verifying_on_the_page(session: Session, done: Action, author: Person, browser: Browser) -> None:
    page = browser.get(f"/actions/{done.id}")
    assert "Nobody has checked yet." in page.text
    assert f"/actions/{done.id}/verify" in page.links
    assert "It rings." in browser.get(f"/actions/{done.id}/verify").text
    assert _answer(browser, done, outcome="worked") == f"/actions/{done.id}"
    page = browser.get(f"/actions/{done.id}")
    assert "It worked." in page.text and "I looked." in page.text
    stored_actions(session)
    assert done.status == "verified"


def test_a_new_one_from_the_page(session: Session, done: Action, browser: Browser) -> None:
    location = _answer(browser, done, outcome="new", title="Add a louder alarm", due_on="2027-02-01")
    new = stored_actions(session)[-1]
    assert location == f"/actions/{new.id}"
    assert (new.title, new.due_on and new.due_on.isoformat()) == ("Add a louder alarm", "2027-02-01")
    page = browser.get(location)
    assert "Came from: ACT-1" in page.text and f"/actions/{done.id}" in page.links
    page = browser.get(f"/actions/{done.id}").text
    assert "It did not." in page and "Add a louder alarm" in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"outcome": ""}, "Choose one of the answers."),
        ({"outcome": "perhaps"}, "Choose one of the answers."),
        ({"outcome": "worked", "how": " "}, "Say how you checked"),
        ({"outcome": "new", "due_on": "soon"}, "Enter a day like"),
    ],
)
def test_what_is_missing(
    session: Session, done: Action, browser: Browser, fields: dict[str, str], sentence: str
) -> None:
    page = browser.submit(f"/actions/{done.id}/verify", {"how": "I looked.", **fields})
    assert page.status == 422 and sentence in page.text
    assert session.scalars(select(Verification)).all() == []


def test_sent_twice_is_one_record(session: Session, done: Action, browser: Browser) -> None:
    form = browser.get(f"/actions/{done.id}/verify").forms[-1]
    data = {**form.data, "outcome": "new", "how": "I looked.", "title": "Add a louder alarm"}
    for _ in range(2):
        assert browser.post(f"/actions/{done.id}/verify", data).status == 303
    assert len(session.scalars(select(Verification)).all()) == 1
    assert len(stored_actions(session)) == 2


def test_somebody_was_quicker(
    session: Session, done: Action, browser: Browser, admin: Person, sign_in: SignIn
) -> None:
    form = browser.get(f"/actions/{done.id}/verify").forms[-1]
    _answer(sign_in(admin), done, outcome="worked", how="I was first.")
    data = {**form.data, "outcome": "reopen", "how": "Silence."}
    page = browser.post(f"/actions/{done.id}/verify", data)
    assert page.status == 409 and "it is verified now" in page.text
    again = {**page.forms[-1].data, "outcome": "reopen"}
    assert browser.post(f"/actions/{done.id}/verify", again).status == 303
    stored_actions(session)
    assert (done.status, done.status_reason) == ("in_progress", "Silence.")


def test_what_is_not_done_leads_back(session: Session, incident: Incident, browser: Browser) -> None:
    action = make_action(session, incident)
    page = browser.get(f"/actions/{action.id}/verify", follow_redirects=True)
    assert "Only what is done can be verified." in page.text


def test_filing_and_editing_related_incidents_asks_again(
    session: Session, done: Action, incident: Incident, author: Person, browser: Browser
) -> None:
    later = make_incident(session, author, "Playback stops again")
    fields = {"relations-0-number": str(incident.id), "relations-0-kind": "same_cause_as"}
    page = browser.submit(f"/incidents/{later.id}/edit", fields, follow=True)
    assert f"Whether {done.reference} worked is asked again" in page.text
    page = browser.get(f"/actions/{done.id}")
    assert f"{later.reference} Playback stops again is said to have the same cause" in page.text
    assert "Did this work?" in page.text
    assert _answer(browser, done, outcome="worked") == f"/actions/{done.id}"
    assert "Did this work?" not in browser.get(f"/actions/{done.id}").text
    # Saved again, the same relation is nothing new.
    browser.submit(f"/incidents/{later.id}/edit", {"title": "Playback stops once more"})
    stored_actions(session)
    assert done.questioned_by is None


def test_a_restricted_incident_does_not_shine_through(
    session: Session, done: Action, incident: Incident, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    later = make_incident(session, author, "Xylophone trouble", restricted=True)
    fields = {"relations-0-number": str(incident.id), "relations-0-kind": "same_cause_as"}
    sign_in(author).submit(f"/incidents/{later.id}/edit", fields)
    pages = (f"/actions/{done.id}", f"/actions/{done.id}/verify", f"/incidents/{incident.id}")
    for path in pages[:2]:
        assert later.reference in sign_in(author).get(path).text
        assert "Another incident is said to be related." in sign_in(outsider).get(path).text
    _answer(sign_in(author), done, outcome="worked")
    for path in pages:
        html = sign_in(outsider).get(path).html
        assert later.reference not in html and "Xylophone" not in html and f"incidents/{later.id}" not in html
