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
from tests.support.cases import CASES, NEW_PASSWORD
from tests.support.changes import (
    PARTS,
    RECORDS,
    THE_PROGRAMS_OWN,
    TOLD_BY_THE_ACT,
    Site,
    differences,
    snapshot,
)
from tests.support.client import PASSWORD, Browser
from tests.support.crawl import every, routes

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
# In tests/leaving/: each record that is moved has its entry; anonymising leaves one alone.
BY_THEMSELVES |= {"merging.merge", "anonymising.anonymise"}
# In tests/accounts/test_proxy_sign_in.py, which has a proxy.
BY_THEMSELVES |= {"proxy.start"}
# In tests/actions/test_list_history.py.
BY_THEMSELVES |= {"actions_bulk.change", "saved_views.edit", "saved_views.delete"}
# In tests/notifications/test_receiver_pages.py: the answer is the secret.
BY_THEMSELVES |= {"receivers.rotate", "own_receivers.rotate"}
# In tests/notifications/test_views.py: the link is a mail's.
BY_THEMSELVES |= {"unsubscribing.unsubscribe"}
# In tests/actions/test_views_calendar.py.
BY_THEMSELVES |= {"calendar.revoke"}
# In tests/writeups/test_feed_links.py.
BY_THEMSELVES |= {"feed_links.revoke"}
TELL_NOTHING = {
    "actions_around.hint": "says something about a title and keeps nothing",
    "writeups.preview": "shows a text and keeps nothing",
    "desk.autosave": "keeps what somebody typed for them alone, until they save it",
    "desk.discard": "forgets it",
    "language.look": "shows hints and keeps nothing",
    "readers.helped": "keeps a code that names nobody; an entry would",
    "review_survey.show": "keeps a code that names nobody; an entry would",
    "readers.visit": "keeps a code that names nobody; an entry would",
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
