"""Every form of the site, sent once as somebody would: exactly one entry for each record that it changed.

A new POST route without its case here fails. What each changed is not told to this test: rows are compared before and after.
"""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.operations_sign_in import issue_password_link, issue_setup_code
from postmortem.history.checks import chain_problems
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI
from postmortem.models import metadata
from tests.support.changes import (
    PARTS,
    RECORDS,
    THE_PROGRAMS_OWN,
    TOLD_BY_THE_ACT,
    Case,
    Site,
    button,
    differences,
    snapshot,
)
from tests.support.client import PASSWORD, Browser
from tests.support.crawl import every, routes

NEW_PASSWORD = "another good long password"


# In this order, each on what the one before left.
CASES = (
    Case(
        "incidents.new",
        "/incidents/new",
        ("reported incidents",),
        {
            "title": "Search is slow",
            "severity": "sev2",
            "summary": "So *slow*.",
            "impact": "Everybody",
            "tags": "search, cache",
            "services": ["playback"],
            "teams": ["sound"],
            "lead": "lead-person@example.com",
            "detected_at": "2026-03-09T14:05",
            "detected_at_confidence": "minutes",
            "detected_at_source": "the pager",
            "detected_by": "alert",
        },
    ),
    Case(
        "incidents.edit",
        "/incidents/1/edit",
        ("edited incidents",),
        {
            "title": "Playback stopped",
            "kind": "near_miss",
            "severity": "sev1",
            "status": "resolved",
            "visibility": "restricted",
            "tags": "dns, tape",
            "services": [],
            "teams": [],
            "lead": "lead-person@example.com",
            "is_drill": "y",
            "resolved_at": "2026-03-09T15:05",
            "resolved_at_confidence": "minutes",
            "synthetic_coverable": "yes",
            "timezone": "Europe/Stockholm",
        },
    ),
    Case(
        "timeline.new_event",
        "/incidents/1/events/new",
        ("added timeline_events",),
        {
            "text": "An alarm rang.",
            "occurred_at": "2026-03-09T14:05",
            "kind": "detection",
            "actor_role": "on call",
        },
    ),
    Case(
        "timeline.edit_event",
        "/events/1/edit",
        ("edited timeline_events",),
        {
            "text": "Nobody heard it.",
            "occurred_at": "2026-03-09T14:06",
            "learnt_later": "y",
            "kind": "impact",
        },
    ),
    Case(
        "timeline.new_factor",
        "/incidents/1/factors/new",
        ("added factors",),
        {"text": "The limit was old.", "tags": "limits", "was_present_before": "yes"},
    ),
    Case(
        "timeline.edit_factor",
        "/factors/1/edit",
        ("edited factors",),
        {"text": "The limit was very old.", "tags": "limits, age", "events": []},
    ),
    Case(
        "actions.new",
        "/incidents/1/actions/new",
        ("added actions",),
        {
            "title": "Add an alarm",
            "owner": "owner-person@example.com",
            "team": "sound",
            "due_on": "2026-12-24",
            "priority": "p1",
            "kind": "detect",
            "end_state": "It rings.",
            "description": "A *loud* one.",
        },
    ),
    Case(
        "actions.edit",
        "/actions/1/edit",
        ("edited actions",),
        {
            "title": "Add two alarms",
            "owner": "owner-person@example.com",
            "team": "",
            "due_on": "2027-01-31",
            "status": "not_doing",
            "status_reason": "One is enough.",
            "description": "Two.",
            "tracker_url": "https://tracker.example/1",
        },
    ),
    button("timeline.delete_event", "/events/1/delete", "deleted timeline_events"),
    button("timeline.restore_event", "/events/1/restore", "brought back timeline_events"),
    button("timeline.delete_factor", "/factors/1/delete", "deleted factors"),
    button("timeline.restore_factor", "/factors/1/restore", "brought back factors"),
    button("actions.delete", "/actions/1/delete", "deleted actions"),
    button("actions.restore", "/actions/1/restore", "brought back actions"),
    Case(
        "writeups.new",
        "/writeups/new?incident=1",
        ("started writeups",),
        {
            "title": "A told one",
            "tldr": "In short.",
            "tags": "dns",
            "teams": ["sound"],
            "services": ["playback"],
            "authors": ["lead-person@example.com", "mallory-admin@example.com"],
        },
    ),
    Case(
        "writeups.edit",
        "/writeups/the-third/edit",
        ("edited writeups",),
        {
            "title": "The very third",
            "tldr": "Shorter.",
            "body": "## Other\n\nText.",
            "tags": "other",
            "teams": [],
            "services": [],
            "audience": "public",
            "authors": ["lead-person@example.com"],
            "incidents": "",
        },
    ),
    Case("publishing.publish", "/writeups/the-third/publish", ("published writeups",)),
    Case(
        "publishing.withdraw",
        "/writeups/the-third/withdraw",
        ("withdrew writeups",),
        {"reason": "Too early."},
    ),
    Case("writeup_deletion.delete", "/writeups/the-third/delete", ("deleted writeups",)),
    button("writeup_deletion.restore", "/writeups/the-third/restore", "brought back writeups"),
    Case("incident_deletion.delete", "/incidents/2/delete", ("deleted incidents",)),
    button("incident_deletion.restore", "/incidents/2/restore", "brought back incidents"),
    Case(
        "people.new",
        "/people/new",
        ("added people", "made a password link for people"),
        {
            "email": "new@example.com",
            "name": "New",
            "role": "facilitator",
            "handle": "new",
            "timezone": "Europe/Stockholm",
        },
    ),
    Case(
        "people.edit",
        "/people/1/edit",
        ("edited people",),
        {
            "name": "Other",
            "email": "other@example.com",
            "role": "reader",
            "handle": "o",
            "timezone": "Asia/Tokyo",
        },
    ),
    button("people.link", "/people/1/link", "made a password link for people"),
    button("people.deactivate", "/people/1/deactivate", "edited people"),
    button("people.reactivate", "/people/1/reactivate", "edited people"),
    Case("teams.new", "/teams/new", ("added teams",), {"name": "Band", "members": ["other@example.com"]}),
    Case(
        "teams.edit",
        "/teams/sound/edit",
        ("edited teams",),
        {"name": "Noise", "members": [], "is_active": None},
    ),
    Case("services.new", "/services/new", ("added services",), {"name": "Radio", "team": "band"}),
    Case("services.edit", "/services/playback/edit", ("edited services",), {"name": "Play", "team": "band"}),
    Case("me.profile", "/me/profile", ("edited people",), {"name": "Me", "timezone": "Asia/Tokyo"}),
    button(
        "me.password",
        "/me/password",
        "changed the password of people",
        current_password=PASSWORD,
        password=NEW_PASSWORD,
        password_again=NEW_PASSWORD,
    ),
    button("me.end_session", "/me/sessions/{another_session}/end", "ended a sign-in of people"),
    button("me.end_other_sessions", "/me/sessions/end-others", "ended the other sign-ins of people"),
    Case(
        "restrictions.index",
        "/settings/restrictions",
        ("added restriction_rules",),
        {"subject": "tag", "value": "security"},
    ),
    button("restrictions.remove", "/settings/restrictions/1/remove", "removed restriction_rules"),
    button(
        "restrictions.restore",
        "/settings/restrictions/restore?subject=tag&value=security",
        "added restriction_rules",
    ),
    button("trash.restore", "/settings/trash/action/1/restore", "brought back actions"),
    button("sign_in.logout", "/logout", "signed out as people"),
)
# Routes whose change is made in a test of its own below, and those that change nothing of what history tells.
BY_THEMSELVES = {"sign_in.login", "sign_in.password", "sign_in.set_up", "destroying.destroy"}
# The same, in test_history_of_sign_ins.py.
BY_THEMSELVES |= {"second_factor.switch_on", "second_factor.recovery_codes", "second_factor.switch_off"}
BY_THEMSELVES |= {"code.login_code", "deliveries.again", "deliveries.all_again", "deliveries.test_mail"}
BY_THEMSELVES |= {
    "people.mail_link",
    "access_requests.ask",
    "access_requests.decline",
    "access_requests.grant",
}
BY_THEMSELVES |= {"oidc.unlink", "people_access.end_sessions", "people_access.reset_second_factor"}
# In tests/accounts/test_proxy_sign_in.py, which has a proxy.
BY_THEMSELVES |= {"proxy.start"}
TELL_NOTHING = {
    "writeups.preview": "shows a text and keeps nothing",
    "oidc.start": "leads to the provider; signing in is told when the person comes back",
    "second_factor.begin": "makes a secret that counts only once a code was given",
    "confirmation.confirm": "looks at a password or a code",
    "confirmation.sign_in_again": "leads to the provider",
    "reset.forgot": "notes what was typed for the worker, who tells what came of it",
}


def test_every_route_that_changes_something_has_its_case(app: Flask) -> None:
    there = {rule.endpoint for rule in routes(app, "POST")}
    known = {case.endpoint for case in CASES} | BY_THEMSELVES | set(TELL_NOTHING)
    assert not there - known, f"no case in this file: {sorted(there - known)}"
    assert not known - there, f"no such route: {sorted(known - there)}"


def test_every_table_has_its_place() -> None:
    lists = [set(RECORDS), set(PARTS), TOLD_BY_THE_ACT, THE_PROGRAMS_OWN]
    names = [name for each in lists for name in each]
    assert sorted(names) == sorted({table.name for table in metadata.sorted_tables})


@pytest.fixture
def site(app: Flask, session: Session, sign_in: Callable[[Person], Browser]) -> Site:
    return Site(app, session, sign_in)


def test_each_change_leaves_exactly_one_entry_that_tells_all_of_it(site: Site, session: Session) -> None:
    wrong = []
    for case in CASES:
        if case.endpoint == "trash.restore":
            site.browser.post("/actions/1/delete")
        try:
            wrong += [f"{case.endpoint}: {each}" for each in site.send(case)]
        except Exception as error:
            wrong.append(f"{case.endpoint}: {error!r}")
    assert not wrong, every(wrong)
    assert list(chain_problems(session)) == []


def test_what_tells_nothing_leaves_nothing(site: Site) -> None:
    last = site.last_entry()
    assert site.browser.client.post("/writeups/preview", data={"body": "Text"}).status_code
    site.browser.post("/login/forgot", {"email": "lead-person@example.com"})
    assert site.last_entry() == last


def test_signing_in(site: Site, anonymous: Browser) -> None:
    data = {"email": site.admin.email, "password": PASSWORD}
    assert not site.check(("signed in as people",), lambda: anonymous.post("/login", data), site.admin)


def test_a_password_set_by_link(site: Site, session: Session, anonymous: Browser) -> None:
    token = issue_password_link(session, site.cast.lead, actor=CLI)
    session.commit()
    data = {"password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
    wrong = site.check(
        ("set the password of people", "signed in as people"),
        lambda: anonymous.post(f"/password/{token}", data),
        site.cast.lead,
    )
    assert not wrong


def test_the_first_set_up(app: Flask, session: Session, anonymous: Browser) -> None:
    code = issue_setup_code(session)
    session.commit()
    data = {
        "code": code,
        "email": "first@example.com",
        "name": "First",
        "password": NEW_PASSWORD,
        "password_again": NEW_PASSWORD,
        "timezone": "Europe/Stockholm",
    }
    before = snapshot(session)
    assert anonymous.post("/setup", data).status == 303
    entries = list(session.scalars(select(HistoryEntry).order_by(HistoryEntry.id)))
    assert [(entry.verb, entry.actor_name) for entry in entries][:1] == [("added", "First")]
    assert not list(differences(before, snapshot(session), entries[:1]))


def test_destroying(site: Site) -> None:
    site.browser.post("/actions/1/delete")
    path = "/settings/trash/action/1/destroy"
    form = max(site.browser.get(path).forms, key=lambda form: len(form.data))
    data = {**form.data, "number": "ACT-1", "reason": "Nobody may see it."}
    assert not site.check(("destroyed actions",), lambda: site.browser.post(path, data), site.admin)
