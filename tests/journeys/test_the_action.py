"""The action: proposed with a weak title, coached, accepted once it is clear how we will know, talked about, done, verified."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.models_around import Verification
from postmortem.incidents.models import Incident
from tests.factories.actions import stored_actions
from tests.factories.incidents import make_incident
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]


def test_an_action_from_its_first_words_to_its_verification(
    session: Session, author: Person, reader: Person, facilitator: Person, sign_in: SignIn
) -> None:
    incident: Incident = make_incident(
        session, author, "Playback stops", summary="The queue was *full*. Nobody saw it.", severity="sev2"
    )
    browser, page_url = sign_in(author), "/actions/1"
    added = browser.submit(
        f"/incidents/{incident.id}/actions/new", {"title": "Improve monitoring"}, follow=True
    )
    assert "About the title of ACT-1" in added.text and "Say what exactly." in added.text

    page = browser.submit(f"{page_url}/edit", {"title": "Add an alarm for the queue", "status": "accepted"})
    assert page.status == 422
    assert "Say first how we will know that it is done" in page.text
    page = browser.post(f"{page_url}/edit", {**page.forms[-1].data, "end_state": "It rings in the drill."})
    assert page.status == 303

    page = browser.get(page_url)
    assert "After INC-1 Playback stops SEV 2" in page.text
    assert "The queue was full." in page.text and "Nobody saw it" not in page.text
    assert "About the title" not in page.text

    _talk(session, browser, sign_in(reader), reader)
    assert browser.submit(f"{page_url}/edit", {"status": "verified"}).status == 422
    assert browser.submit(f"{page_url}/edit", {"status": "done"}).status == 303
    checked = {"status": "verified", "status_reason": "It rang."}
    assert sign_in(facilitator).submit(f"{page_url}/edit", checked).status == 303
    (verification,) = session.scalars(select(Verification)).all()
    assert (verification.person_id, verification.how) == (facilitator.id, "It rang.")

    page = browser.get(page_url)
    order = [
        "Aino Author added this action",
        "accepted it, renamed it from “Improve monitoring”",
        "Does it ring at night?",
        "Aino Author said that it is done",
        "Fay Facilitator recorded that it works: “It rang.”",
    ]
    places = [page.text.index(words) for words in order]
    assert places == sorted(places)
    assert stored_actions(session)[0].status == "verified"


def _talk(session: Session, browser: Browser, readers: Browser, reader: Person) -> None:
    """A reader comments and watches, puts it otherwise, and nobody else may; a link shows its key."""
    form = next(form for form in readers.get("/actions/1").forms if form.action == "/actions/1/comments")
    assert readers.post(form.action, {**form.data, "text": " "}).status == 422
    assert (
        readers.post(form.action, {**form.data, "text": "Does it ring?"}).location == "/actions/1#comment-1"
    )
    assert (
        readers.post(form.action, {**form.data, "text": "Does it ring?"}).location == "/actions/1#comment-1"
    )
    assert readers.submit("/action-comments/1/edit", {"text": "Does it ring *at night*?"}).status == 303
    assert browser.get("/action-comments/1/edit").status == 403
    assert browser.post("/action-comments/1/delete").status == 403
    page = readers.get("/actions/1")
    assert "Does it ring at night?" in page.text and page.text.count("Does it ring") == 1
    assert "You hear of what changes here, because you commented." in page.text

    assert readers.post("/actions/1/watch").status == 303
    assert "Unwatch" in readers.get("/actions/1").text
    link = {"url": "https://github.com/larkspool/player/issues/12", "title": "Ring the bell"}
    assert readers.post("/actions/1/links", link).status == 403
    assert browser.post("/actions/1/links", link).status == 303
    assert "larkspool/player#12 Ring the bell" in browser.get("/actions/1").text
    assert browser.post("/actions/1/links", link).status == 422
