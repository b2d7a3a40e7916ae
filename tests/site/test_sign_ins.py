"""Who one is counts at each request: a cookie from before, a role, a membership that ended meanwhile."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person
from postmortem.accounts.operations import edit_person, edit_team
from postmortem.db import Database
from postmortem.history.operations import CLI
from postmortem.incidents.operations import edit_incident
from tests.factories.accounts import make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event
from tests.support.client import PASSWORD, Browser
from tests.support.crawl import dump
from tests.support.targets import targets

SignInAs = Callable[[Person], Browser]


def cookie_of(browser: Browser) -> str:
    cookie = browser.client.get_cookie("postmortem")
    assert cookie is not None
    return cookie.value


def browser_with(app: Flask, cookie: str) -> Browser:
    browser = Browser(app)
    browser.client.set_cookie("postmortem", cookie)
    return browser


def test_a_cookie_planted_before_signing_in_is_worth_nothing_after(
    app: Flask, anonymous: Browser, author: Person, outsider: Person, sign_in: SignInAs
) -> None:
    """Fixation: neither a signed-out cookie nor somebody else's signed-in one becomes the victim's."""
    anonymous.get("/login")
    for planted in (cookie_of(anonymous), cookie_of(sign_in(outsider))):
        victim = browser_with(app, planted)
        if victim.get("/me").status == 200:
            victim.post("/logout")
        page = victim.submit("/login", {"email": author.email, "password": PASSWORD})
        assert page.status == 303
        assert "Aino Author" in victim.get("/me").text
        assert cookie_of(victim) != planted
        attacker = browser_with(app, planted)
        assert "Aino Author" not in attacker.get("/me", follow_redirects=True).text


def test_a_token_from_before_signing_in_is_no_token_after(anonymous: Browser, author: Person) -> None:
    before = anonymous.csrf_token()
    anonymous.submit("/login", {"email": author.email, "password": PASSWORD})
    answer = anonymous.client.post("/me/sessions/end-others", data={"csrf_token": before})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "end", ["sign out", "end this one", "end the others", "new password", "new link used"]
)
def test_every_copy_of_a_cookie_ends_with_the_sign_in(
    app: Flask, sign_in: SignInAs, author: Person, admin: Person, anonymous: Browser, end: str
) -> None:
    mine, other = sign_in(author), sign_in(author)
    copy = browser_with(app, cookie_of(mine))
    assert copy.get("/me").status == 200
    if end == "sign out":
        mine.post("/logout")
    elif end == "end this one":
        [own] = [form.action for form in mine.get("/me/sessions").forms if form.action.endswith("/1/end")]
        mine.post(own)
    elif end == "end the others":
        other.post("/me/sessions/end-others")
    elif end == "new password":
        data = {"current_password": PASSWORD, "password": "another long one"}
        assert other.post("/me/password", data).status == 303
    else:
        page = sign_in(admin).post(f"/people/{author.id}/link", follow=True)
        link = re.search(r"http://localhost(/password/[\w-]+)", page.html)
        assert link is not None
        assert anonymous.submit(link[1], {"password": "another long one"}).status == 303
    assert copy.get("/me").location == "/login?next=/me"
    assert copy.get("/incidents/").status == 303


@pytest.mark.parametrize("path", ["/incidents/1/edit", "/events/1/edit", "/incidents/1/events/new"])
@pytest.mark.parametrize("end", ["role", "deactivated", "signed out", "team", "participant", "restricted"])
def test_a_form_that_was_opened_while_one_still_might_changes_nothing_later(
    sign_in: SignInAs,
    author: Person,
    outsider: Person,
    session: Session,
    database: Database,
    end: str,
    path: str,
) -> None:
    team = make_team(session, "Sound", outsider)
    insider: dict[str, Any] = {"participants": [(outsider.email, "")]} if end == "participant" else {}
    insider = {"teams": ["sound"]} if end == "team" else insider
    incident = make_incident(session, author, restricted=end in ("team", "participant"), **insider)
    make_event(session, incident)
    browser = sign_in(outsider)
    [target] = targets(browser, path)
    if end == "role":
        edit_person(session, outsider, {"role": Role.READER}, version=None, actor=CLI)
    elif end == "deactivated":
        edit_person(session, outsider, {"is_active": False}, version=None, actor=CLI)
    elif end == "signed out":
        browser_with(browser.app, cookie_of(browser)).post("/logout")
    elif end == "team":
        edit_team(session, team, {"members": []}, version=None, actor=CLI)
    elif end == "participant":
        edit_incident(session, incident, {"participants": []}, version=None, actor=CLI)
    else:
        edit_incident(session, incident, {"visibility": "restricted"}, version=None, actor=CLI)
    session.commit()
    before = dump(database)
    page = browser.post(target.action, target.data | {"title": "Changed", "text": "Changed"})
    expected = {"role": 403, "deactivated": 303, "signed out": 303}.get(end, 404)
    assert page.status == expected
    assert page.status != 303 or (page.location or "").startswith("/login")
    after = dump(database)
    # A refusal is itself recorded, once; what was refused is not there.
    told = len(after.pop("history_entries")) - len(before.pop("history_entries"))
    assert (after.pop("history_head") != before.pop("history_head"), told) == (
        expected == 403,
        int(expected == 403),
    )
    assert after == before


def test_an_action_handed_on_takes_its_incident_along(
    sign_in: SignInAs, author: Person, outsider: Person, reader: Person, session: Session
) -> None:
    """Whoever saw a restricted incident as an action's owner alone does not see it any more, nor the action."""
    incident = make_incident(session, author, restricted=True)
    action = make_action(session, incident, owner=outsider)
    browser = sign_in(outsider)
    assert browser.get(f"/incidents/{incident.id}").status == 200
    page = browser.submit(f"/actions/{action.id}/edit", {"owner": reader.email})
    assert page.location == "/actions/"
    assert browser.get(f"/incidents/{incident.id}").status == 404
    assert browser.post(f"/actions/{action.id}/delete").status == 404
    assert sign_in(reader).get(f"/actions/{action.id}").status == 200
