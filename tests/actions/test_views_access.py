"""Who may do what with actions, and what is not there."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.incidents.models import Incident
from tests.factories.actions import make_action, stored_actions
from tests.factories.incidents import make_incident
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]


@pytest.mark.parametrize("path", ["/edit", "/delete", "/restore"])
def test_a_reader_changes_nothing(
    session: Session, action: Action, reader: Person, sign_in: SignIn, path: str
) -> None:
    browser = sign_in(reader)
    page = browser.post(f"/actions/{action.id}{path}", {"title": "Mine"})
    assert page.status == 403
    assert "Only contributors and the action's owner may change it." in page.text
    shown = browser.get(f"/actions/{action.id}")
    assert shown.status == 200
    assert {form.action for form in shown.forms} == {"/actions/1/watch", "/actions/1/comments"}
    assert f"/actions/{action.id}/edit" not in shown.links
    assert browser.get(f"/actions/{action.id}/edit").status == 403
    assert (stored_actions(session)[0].title, stored_actions(session)[0].deleted_at) == (
        "Add an alarm for the queue",
        None,
    )


def test_a_reader_adds_nothing(session: Session, incident: Incident, reader: Person, sign_in: SignIn) -> None:
    url = f"/incidents/{incident.id}/actions/new"
    assert sign_in(reader).get(url).status == 403
    assert sign_in(reader).post(url, {"title": "Mine"}).status == 403
    assert stored_actions(session) == []


def test_what_is_restricted_is_not_there_for_outsiders(
    session: Session, author: Person, outsider: Person, facilitator: Person, sign_in: SignIn
) -> None:
    action = make_action(session, make_incident(session, author, "Secret", restricted=True), "Hidden words")
    for person in (outsider, facilitator):
        browser = sign_in(person)
        for url in (
            f"/actions/{action.id}",
            f"/actions/{action.id}/edit",
            f"/incidents/{action.incident_id}/actions/new",
        ):
            page = browser.get(url)
            assert page.status == 404
            assert "Hidden words" not in page.html and "Secret" not in page.html
        for url in ("edit", "delete", "restore"):
            assert browser.post(f"/actions/{action.id}/{url}", {"title": "Mine"}).status == 404
        page = browser.get("/actions/")
        assert "0 actions" in page.text and "Hidden words" not in page.html
    assert stored_actions(session)[0].title == "Hidden words"
    assert "Hidden words" in sign_in(author).get("/actions/").text


@pytest.mark.parametrize("path", ["/actions/", "/actions/1", "/actions/1/edit", "/incidents/1/actions/new"])
def test_signed_out_people_are_asked_to_sign_in(action: Action, anonymous: Browser, path: str) -> None:
    page = anonymous.get(path)
    assert page.status == 303
    assert page.location is not None and page.location.startswith("/login?next=")


@pytest.mark.parametrize("path", ["edit", "delete", "restore"])
def test_signed_out_posts_change_nothing(
    session: Session, action: Action, anonymous: Browser, path: str
) -> None:
    assert anonymous.post(f"/actions/{action.id}/{path}", {"title": "Mine"}).location == "/login"
    assert (stored_actions(session)[0].title, stored_actions(session)[0].deleted_at) == (
        "Add an alarm for the queue",
        None,
    )


@pytest.mark.parametrize("number", ["999", "0", "-1", "x", "2147483648", "9" * 30])
def test_there_is_no_such_action(author: Person, browser: Browser, number: str) -> None:
    for path in (f"/actions/{number}", f"/actions/{number}/edit", f"/incidents/{number}/actions/new"):
        assert browser.get(path).status == 404
    assert browser.post(f"/actions/{number}/delete").status == 404


@pytest.mark.parametrize("path", ["/actions/1/delete", "/actions/1/restore"])
def test_reading_an_address_that_changes_things_does_nothing(
    session: Session, action: Action, browser: Browser, path: str
) -> None:
    page = browser.get(path)
    assert (page.status, page.headers["Allow"]) == (405, "OPTIONS, POST")
    assert stored_actions(session)[0].deleted_at is None
