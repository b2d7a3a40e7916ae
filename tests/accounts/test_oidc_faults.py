"""Whatever a provider does wrong: a friendly page, one entry in history, nobody signed in, no secret anywhere."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts import oidc_http
from postmortem.accounts.models import Person
from postmortem.accounts.operations_oidc import REQUEST_LIFE
from postmortem.history.models import HistoryEntry
from tests.accounts.oidc_faults import ARGUMENTS, FAULTS, Fault
from tests.accounts.oidc_flow import (
    Counts,
    MakeApp,
    come_back,
    go_through,
    last_entry,
    leave,
    open_requests,
    settings_for,
)
from tests.factories.accounts import make_person, make_team
from tests.support.client import Browser
from tests.support.oidc_provider import OTHER_RSA, FakeProvider
from tests.support.pages import Page


@pytest.fixture
def browser(
    make_app: MakeApp,
    provider: FakeProvider,
    ada: Person,
    session: Session,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Browser]:
    """Before a provider that decides about as much as it can; at the end no secret is anywhere."""
    caplog.set_level(logging.DEBUG)
    make_team(session, "Sound")
    settings = settings_for(
        provider, role_claim="groups", roles=(("leads", "facilitator"),), teams_claim="teams"
    )
    yield Browser(make_app(oidc=settings))
    entries = session.scalars(select(HistoryEntry)).all()
    kept = caplog.text + json.dumps([[entry.verb, entry.subject_label, entry.changes] for entry in entries])
    for secret in ("zqs", *filter(None, provider.verifiers)):
        assert secret not in kept


def check_refused(page: Page, browser: Browser, session: Session, before: Counts) -> None:
    assert 400 <= page.status < 500
    assert "Not signed in" in page.text
    assert "zqs" not in page.html
    assert Counts.of(session) == Counts(before.people, before.sessions, before.identities, before.entries + 1)
    entry = last_entry(session)
    assert (entry.actor_name, entry.actor_id) == ("somebody signed out", None)
    assert entry.verb == "was refused at single sign-on for"
    assert set(entry.changes) == {"reason"}
    assert browser.get("/me").location == "/login?next=/me"


def attempt(browser: Browser, provider: FakeProvider) -> Page:
    """As far as it goes: some faults show before the browser has left."""
    page = browser.post("/login/oidc")
    if page.status != 200:
        return page
    [address] = [link for link in page.links if link.startswith("http")]
    assert all(secret not in page.html for secret in ("zqs-client-secret", "code_verifier"))
    return come_back(browser, provider.authorize(address))


@pytest.mark.parametrize(
    ("reason", "fault"),
    [(reason, fault) for reason, faults in FAULTS.items() for fault in faults.values()],
    ids=[name for faults in FAULTS.values() for name in faults],
)
def test_every_fault_of_the_provider_is_refused(
    browser: Browser,
    provider: FakeProvider,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    reason: str,
    fault: Fault,
) -> None:
    before = Counts.of(session)
    if "not in time" in reason:
        monkeypatch.setattr(oidc_http, "TIMEOUT_SECONDS", 0.3)
    fault(provider)
    check_refused(attempt(browser, provider), browser, session, before)
    assert last_entry(session).changes == {"reason": [None, reason]}
    if "status 30" in reason:
        assert "/keys" not in provider.requests


@pytest.mark.parametrize("changed", ARGUMENTS.values(), ids=ARGUMENTS)
def test_every_fault_of_the_answer_is_refused(
    browser: Browser, provider: FakeProvider, session: Session, changed: dict[str, Any]
) -> None:
    before = Counts.of(session)
    page = go_through(browser, provider, **changed)
    check_refused(page, browser, session, before)
    assert provider.requests.count("/token") == (1 if changed.get("code") == "x" else 0)
    # Whatever came with it: a state that was right is used up.
    assert open_requests(session) == (1 if "state" in changed else 0)


def test_without_a_fault_the_same_way_leads_in(browser: Browser, provider: FakeProvider) -> None:
    """Without this the others could be refused for a reason of their own."""
    assert attempt(browser, provider).status == 303
    assert browser.get("/me").status == 200


def test_a_state_works_once(browser: Browser, provider: FakeProvider, session: Session) -> None:
    answer = provider.authorize(leave(browser))
    copy = Browser(browser.app)
    cookie = browser.client.get_cookie("postmortem")
    assert cookie is not None
    copy.client.set_cookie("postmortem", cookie.value)
    assert come_back(browser, answer).status == 303
    before = Counts.of(session)
    check_refused(come_back(copy, answer), copy, session, before)


def test_a_state_works_only_in_the_browser_that_began_and_is_not_used_up_by_another(
    browser: Browser, provider: FakeProvider, session: Session
) -> None:
    answer, other = provider.authorize(leave(browser)), Browser(browser.app)
    before = Counts.of(session)
    check_refused(come_back(other, answer), other, session, before)
    leave(other)
    assert come_back(other, answer).status == 400
    assert come_back(browser, answer).status == 303


def test_a_state_works_for_ten_minutes(
    browser: Browser, provider: FakeProvider, session: Session, frozen: Any
) -> None:
    start = clock.now()
    frozen(start)
    early, late = provider.authorize(leave(browser)), provider.authorize(leave(browser))
    frozen(start + REQUEST_LIFE)
    before = Counts.of(session)
    check_refused(come_back(browser, late), browser, session, before)
    frozen(start + REQUEST_LIFE - timedelta(seconds=1))
    assert come_back(browser, early).status == 303


def test_a_code_works_once(browser: Browser, provider: FakeProvider, session: Session) -> None:
    used = provider.authorize(leave(browser))
    assert come_back(browser, used).status == 303
    other = Browser(browser.app)
    before = Counts.of(session)
    check_refused(go_through(other, provider, code=used["code"]), other, session, before)


def test_a_token_of_another_sign_in_is_refused(
    browser: Browser, provider: FakeProvider, session: Session
) -> None:
    caught: list[str] = []

    def catch(header: dict[str, Any], claims: dict[str, Any]) -> str:
        caught.append(provider.signed(header, claims))
        return caught[0]

    provider.sign = catch
    assert go_through(browser, provider).status == 303
    other = Browser(browser.app)
    before = Counts.of(session)
    check_refused(go_through(other, provider), other, session, before)


def test_a_code_of_another_browser_is_refused(
    browser: Browser, provider: FakeProvider, session: Session
) -> None:
    """Its challenge is that of another verifier: the provider refuses, and so do we."""
    stolen = provider.authorize(leave(Browser(browser.app)))["code"]
    before = Counts.of(session)
    check_refused(go_through(browser, provider, code=stolen), browser, session, before)


@pytest.mark.parametrize("address", ["ada@example.com", "ADA@Example.com"])
def test_another_subject_with_the_address_of_a_linked_person_is_refused(
    browser: Browser, provider: FakeProvider, session: Session, address: str
) -> None:
    assert go_through(browser, provider).status == 303
    provider.claims |= {"sub": "eve-1", "email": address}
    other = Browser(browser.app)
    before = Counts.of(session)
    check_refused(go_through(other, provider), other, session, before)


def test_an_issuer_that_is_promised_must_be_there(
    browser: Browser, provider: FakeProvider, session: Session
) -> None:
    provider.metadata["authorization_response_iss_parameter_supported"] = True
    before = Counts.of(session)
    check_refused(go_through(browser, provider), browser, session, before)
    assert go_through(browser, provider, iss=provider.issuer).status == 303


def test_userinfo_about_somebody_else_is_refused(
    browser: Browser, provider: FakeProvider, session: Session
) -> None:
    provider.left_out |= {"email"}
    provider.userinfo = {"sub": "eve-1", "email": "ada@example.com", "email_verified": True}
    before = Counts.of(session)
    check_refused(go_through(browser, provider), browser, session, before)


def test_a_provider_that_is_gone_is_refused_and_not_asked_again_at_once(
    browser: Browser, provider: FakeProvider, session: Session
) -> None:
    provider.instead["/.well-known/openid-configuration"] = (503, {}, b"")
    before = Counts.of(session)
    check_refused(attempt(browser, provider), browser, session, before)
    assert browser.post("/login/oidc").status == 400
    assert len(provider.requests) == 1


def test_unknown_keys_do_not_make_us_ask_all_the_time(browser: Browser, provider: FakeProvider) -> None:
    provider.key = OTHER_RSA
    for _ in range(4):
        assert go_through(Browser(browser.app), provider).status == 400
    assert provider.requests.count("/keys") == 1


def test_an_unchecked_address_tells_nothing_about_who_is_here(
    browser: Browser, provider: FakeProvider, session: Session
) -> None:
    """Not by the page, and not where people are added by themselves either."""
    make_person(session, "Ben")
    pages = []
    for address in ("ben@example.com", "nobody@example.com"):
        provider.claims |= {"email": address, "email_verified": False}
        pages.append(go_through(Browser(browser.app), provider))
    assert [page.status for page in pages] == [403, 403]
    assert pages[0].text == pages[1].text


def test_who_is_refused_stays_signed_in_as_before(
    browser: Browser, provider: FakeProvider, ada: Person
) -> None:
    browser.sign_in(ada)
    assert come_back(browser, {"state": "x", "code": "y"}).status == 400
    assert browser.get("/me").status == 200
