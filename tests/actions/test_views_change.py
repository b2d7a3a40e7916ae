"""Changing, deleting and bringing back actions."""

from collections.abc import Callable
from datetime import date

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.incidents.models import Incident
from tests.factories.accounts import make_team
from tests.factories.actions import history_count, make_action, stored_actions
from tests.factories.incidents import make_incident
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]


def test_changing_every_field(session: Session, action: Action, author: Person, browser: Browser) -> None:
    make_team(session, "Playback")
    fields = {
        "title": "Add two alarms",
        "description": "Twice.",
        "kind": "prevent",
        "owner": author.email,
        "team": "playback",
        "priority": "p3",
        "due_on": "0987-01-02",
        "end_state": "Both ring.",
        "status": "in_progress",
        "status_reason": "Begun.",
        "tracker_url": "http://tracker.example/2",
    }
    page = browser.submit(f"/actions/{action.id}/edit", fields)
    assert (page.status, page.location) == (303, f"/actions/{action.id}")
    stored_actions(session)
    assert (action.owner, action.team and action.team.slug) == (author, "playback")
    assert action.due_on == date(987, 1, 2)
    for name in (
        "title",
        "description",
        "kind",
        "priority",
        "end_state",
        "status",
        "status_reason",
        "tracker_url",
    ):
        assert getattr(action, name) == fields[name]
    assert history_count(session, "edited") == 1
    form = browser.get(f"/actions/{action.id}/edit").forms[-1]
    assert {name: form.data[name] for name in fields} == {name: [value] for name, value in fields.items()}
    browser.submit(f"/actions/{action.id}/edit")
    assert history_count(session, "edited") == 1


def test_not_doing_needs_a_reason(session: Session, action: Action, browser: Browser) -> None:
    page = browser.submit(f"/actions/{action.id}/edit", {"status": "not_doing", "title": "Typed"})
    assert page.status == 422
    assert "Say why we are not doing this" in page.text
    assert page.forms[-1].data["status"] == ["not_doing"]
    assert page.forms[-1].data["title"] == ["Typed"]
    assert stored_actions(session)[0].status == "proposed"


def test_redating_is_counted_and_shown(session: Session, incident: Incident, browser: Browser) -> None:
    action = make_action(session, incident, due_on=date(2026, 3, 3))
    for due_on in ("2026-04-01", "2026-05-01"):
        browser.submit(f"/actions/{action.id}/edit", {"due_on": due_on})
    assert "re-dated twice, first due 3 March 2026" in browser.get(f"/actions/{action.id}").text


def test_a_stale_form_comes_back_with_both_texts(
    session: Session, action: Action, browser: Browser, facilitator: Person, sign_in: SignIn
) -> None:
    url = f"/actions/{action.id}/edit"
    mine = {**browser.get(url).forms[-1].data, "title": "My words", "priority": "p1"}
    sign_in(facilitator).submit(url, {"title": "Their words"})

    page = browser.post(url, mine)
    assert page.status == 409
    assert "Their words" in page.text
    assert page.forms[-1].data["title"] == ["My words"]
    assert stored_actions(session)[0].title == "Their words"

    again = browser.post(url, page.forms[-1].data)
    assert again.status == 303
    assert (stored_actions(session)[0].title, stored_actions(session)[0].priority) == ("My words", "p1")


def test_a_form_of_an_action_deleted_meanwhile_can_bring_it_back(
    session: Session, action: Action, browser: Browser
) -> None:
    url = f"/actions/{action.id}/edit"
    mine = {**browser.get(url).forms[-1].data, "title": "My words"}
    browser.post(f"/actions/{action.id}/delete")
    page = browser.post(url, mine)
    assert page.status == 409
    assert "Somebody deleted ACT-1 while you were writing." in page.text
    assert stored_actions(session)[0].deleted_at is not None

    assert browser.post(url, page.forms[-1].data).status == 303
    (action,) = stored_actions(session)
    assert (action.title, action.deleted_at) == ("My words", None)


def test_the_owner_changes_their_own_also_as_a_reader(
    session: Session, incident: Incident, reader: Person, sign_in: SignIn
) -> None:
    action = make_action(session, incident, owner=reader, end_state="It rings.")
    page = sign_in(reader).submit(f"/actions/{action.id}/edit", {"status": "accepted"})
    assert page.status == 303
    assert stored_actions(session)[0].status == "accepted"


def test_handing_on_the_only_way_to_a_restricted_incident_leads_to_the_list(
    session: Session, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    restricted = make_incident(session, author, restricted=True)
    first, second = (make_action(session, restricted, owner=outsider) for _ in range(2))
    browser = sign_in(outsider)
    assert (
        browser.submit(f"/actions/{first.id}/edit", {"owner": author.email}).location
        == f"/actions/{first.id}"
    )
    page = browser.submit(f"/actions/{second.id}/edit", {"owner": author.email})
    assert page.location == "/actions/"
    assert browser.get(f"/actions/{second.id}").status == 404
    last = make_action(session, restricted, owner=outsider)
    assert browser.post(f"/actions/{last.id}/delete").location == "/actions/"


def test_deleting_can_be_undone(session: Session, action: Action, browser: Browser) -> None:
    page = browser.post(f"/actions/{action.id}/delete")
    assert page.location == f"/incidents/{action.incident_id}#actions"
    listed = browser.get("/actions/")
    assert "ACT-1 was deleted." in listed.text
    assert "0 actions" in listed.text
    assert browser.get(f"/actions/{action.id}").status == 404
    undo = next(form for form in listed.forms if form.action == f"/actions/{action.id}/restore")
    page = browser.post(undo.action, undo.data)
    assert page.location == f"/actions/{action.id}"
    assert browser.get(f"/actions/{action.id}").status == 200
    assert stored_actions(session)[0].deleted_at is None


def test_deleting_twice_is_deleting_once(session: Session, action: Action, browser: Browser) -> None:
    for path, verb in (("delete", "deleted"), ("restore", "brought back")):
        for _ in range(2):
            assert browser.post(f"/actions/{action.id}/{path}").status == 303
        assert history_count(session, verb) == 1
