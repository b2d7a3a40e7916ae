"""From a pile of promises to minutes in everybody's hands, without script: the whole meeting through its forms."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.outbox.models import OutboxMessage
from postmortem.writeups.models import Writeup
from tests.factories.accounts import make_team
from tests.factories.actions import make_action, stored_actions
from tests.factories.incidents import make_incident
from tests.support.client import Browser
from tests.support.pages import Form, Page


def form_to(page: Page, end: str, decision: str = "") -> Form:
    """The form of a page that is sent to an address with this end (and makes this decision)."""
    return next(
        form
        for form in page.forms
        if form.action.endswith(end) and (not decision or form.data.get("decision") == [decision])
    )


def test_a_team_reviews_its_actions(
    session: Session,
    facilitator: Person,
    author: Person,
    outsider: Person,
    sign_in: Callable[[Person], Browser],
) -> None:
    incident, team = make_incident(session, author), make_team(session, "Sound", author)
    late = clock.today() - timedelta(days=3)
    for title in ("Add an alarm", "Rehearse it", "Ask the vendor"):
        make_action(session, incident, title, owner=author, team=team, due_on=late, end_state="It works.")
    make_action(session, incident, "Of another team")
    browser, other = sign_in(facilitator), sign_in(outsider)

    # Start it for the team; somebody else joins.
    started = browser.submit("/actions/review?team=sound")
    path = str(started.location)
    assert "Monday" not in browser.get(path).text and "0 of 3 decided" in browser.get(path).text
    page = other.get("/actions/review")
    assert path in page.links
    join = form_to(other.get(path), "/here")
    other.post(join.action, join.data)
    assert outsider.name in browser.get(path).text

    # Decide, take back, decide otherwise; pause and go on; the other decides too.
    page = browser.get(path)
    done = form_to(page, "/decide", "done")
    page = browser.post(done.action, done.data, follow=True)
    assert "Rehearse it" in page.title and "1 of 3 decided" in page.text
    undo = form_to(page, "/undo")
    page = browser.post(undo.action, undo.data, follow=True)
    assert "Add an alarm" in page.title
    redate = form_to(page, "/decide", "redate")
    browser.post(redate.action, redate.data | {"due_on": "2030-01-07"})
    for act in ("/pause", "/resume"):
        form = form_to(browser.get(path), act)
        assert browser.post(form.action, form.data).status == 303
    page = other.get(path)
    say = form_to(page, "/comment")
    page = other.post(say.action, say.data | {"text": "It *works* by day."}, follow=True)
    assert f"{outsider.name}: It works by day." in page.text
    keep = form_to(page, "/decide", "keep")
    assert "Rehearse it" in page.title and other.post(keep.action, keep.data).status == 303

    # Minutes: read, taken along, mailed, and the beginning of a write-up.
    browser.submit(f"{path}/notes", {"notes": "Who tells the vendor?"})
    end = form_to(browser.get(path), "/end")
    page = browser.post(end.action, end.data, follow=True)
    for words in (
        "2 of 3 actions were decided",
        outsider.name,
        "7 January 2030",
        "Who tells the vendor?",
        "Not reached (1)",
    ):
        assert words in page.text, words
    assert "# Action review of Sound" in other.get(f"{path}/minutes.md").html
    kinds = [each.payload.get("event") for each in session.scalars(select(OutboxMessage))]
    assert kinds.count("minutes") == 1
    make = form_to(page, "/writeup")
    assert browser.post(make.action, make.data).status == 303
    (writeup,) = session.scalars(select(Writeup))
    assert author.name not in writeup.body and "Sound" in writeup.body
    assert "2 decided: 1 open, 1 overdue" in other.get("/actions/review").text
    assert [each.due_on.year for each in stored_actions(session)[:1] if each.due_on] == [2030]
