"""Signing in by a trusted proxy's header: believed from the proxy alone, by a click, and as long as it says so."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.enums import SignInMethod
from postmortem.accounts.models import Person, SignIn
from postmortem.config_parts import Proxy
from postmortem.history.models import HistoryEntry
from tests.factories.accounts import make_person
from tests.support.client import Browser
from tests.support.pages import Page

HEADER = "X-Remote-User"
PROXY, ELSEWHERE = "10.0.0.7", "192.0.2.1"
SETTING = Proxy(HEADER, (ip_network("10.0.0.0/24"), ip_network("fd00::/64")))


@dataclass
class Behind:
    """A browser behind the proxy, and past it."""

    browser: Browser

    def get(self, path: str, user: Any = None, *, peer: str = PROXY, **headers: str) -> Page:
        return self.browser.get(path, **sent(user, peer, headers))

    def press(self, user: Any, *, peer: str = PROXY, email: str | None = None) -> Page:
        data = {"email": user if email is None else email}
        return self.browser.post("/login/proxy", data, **sent(user, peer, {}))


def sent(user: Any, peer: str, headers: dict[str, str]) -> dict[str, Any]:
    named = [] if user is None else [(HEADER, each) for each in ([user] if isinstance(user, str) else user)]
    return {"headers": [*named, *headers.items()], "environ_base": {"REMOTE_ADDR": peer}}


@pytest.fixture
def behind(make_app: Callable[..., Flask]) -> Behind:
    return Behind(Browser(make_app(proxy=SETTING)))


@pytest.fixture
def ada(session: Session, admin: Person) -> Person:
    return make_person(session, "Ada")


def sessions(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(SignIn)) or 0


@pytest.mark.parametrize("peer", [PROXY, "::ffff:10.0.0.7", "fd00::5"])
def test_nobody_is_signed_in_without_a_click(
    behind: Behind, ada: Person, session: Session, peer: str
) -> None:
    page = behind.get("/login?next=/me", "Ada@Example.com", peer=peer)
    assert "Continue as ada@example.com" in page.text
    [form] = [form for form in page.forms if form.action == "/login/proxy?next=/me"]
    assert sessions(session) == 0
    answer = behind.browser.post(form.action, form.data, **sent("ada@example.com", peer, {}))
    assert answer.location == "/me"
    assert session.scalars(select(SignIn.method)).one() == SignInMethod.PROXY
    assert "Ada" in behind.get("/me", "ada@example.com", peer=peer).text


@pytest.mark.parametrize(
    "headers", [{}, {"X-Forwarded-For": PROXY}, {"X-Real-IP": PROXY}, {"Forwarded": f"for={PROXY}"}]
)
def test_from_anywhere_else_the_header_is_ignored_and_that_is_said_once(
    behind: Behind, ada: Person, session: Session, caplog: pytest.LogCaptureFixture, headers: dict[str, str]
) -> None:
    caplog.set_level(logging.WARNING)
    for _ in range(3):
        page = behind.get("/login", "ada@example.com", peer=ELSEWHERE, **headers)
        assert "Continue as" not in page.text
        assert "proxy" not in page.text
    assert behind.press("ada@example.com", peer=ELSEWHERE).status == 403
    assert sessions(session) == 0
    assert caplog.text.count("was ignored") == 1
    assert "ada@example.com" not in caplog.text


def test_without_the_setting_there_is_nothing(app: Flask, ada: Person, session: Session) -> None:
    behind = Behind(Browser(app))
    assert "Continue as" not in behind.get("/login", "ada@example.com").text
    assert behind.press("ada@example.com").status == 404
    assert sessions(session) == 0


@pytest.mark.parametrize(
    "user",
    [
        "nobody@example.com",
        "ada",
        "ada@example.com, ada-admin@example.com",
        ["ada@example.com", "ada-admin@example.com"],
        ["ada@example.com", "ada@example.com"],
        '"ada@example.com"',
        "<script>alert(1)</script>@example.com",
        "ada@example.com\u0000",
        "x" * 5000 + "@example.com",
    ],
)
def test_what_names_nobody_signs_nobody_in(behind: Behind, ada: Person, session: Session, user: Any) -> None:
    page = behind.get("/login", user)
    assert page.status == 200
    assert "The proxy in front of this site" in page.text
    assert "Continue as" not in page.text
    before = session.scalar(select(func.count()).select_from(HistoryEntry)) or 0
    email = user if isinstance(user, str) else "ada@example.com"
    page = behind.browser.post("/login/proxy", {"email": email}, **sent(user, PROXY, {}))
    assert (page.status, "Not signed in" in page.text) == (403, True)
    assert sessions(session) == 0
    entry = session.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc()).limit(1)).one()
    assert (session.scalar(select(func.count()).select_from(HistoryEntry)) or 0) == before + 1
    assert (entry.verb, entry.actor_name) == ("was refused at single sign-on for", "somebody signed out")


def test_a_deactivated_person_is_told_what_an_unknown_one_is(
    behind: Behind, ada: Person, session: Session
) -> None:
    ada.is_active = False
    session.commit()
    known, unknown = behind.get("/login", ada.email), behind.get("/login", "bob@example.com")
    assert known.text.replace(ada.email, "x") == unknown.text.replace("bob@example.com", "x")
    assert behind.press(ada.email).status == 403
    assert sessions(session) == 0


def test_the_button_signs_in_only_whom_it_named(behind: Behind, ada: Person, session: Session) -> None:
    behind.get("/login", "ada@example.com")
    page = behind.press("ada-admin@example.com", email="ada@example.com")
    assert (page.status, sessions(session)) == (403, 0)
    assert behind.press(None, email="").status == 403


@pytest.mark.parametrize("user", [None, "", "ada-admin@example.com", ["ada@example.com", "b@example.com"]])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_session_ends_when_the_proxy_names_somebody_else_or_nobody(
    behind: Behind, ada: Person, session: Session, user: Any, method: str
) -> None:
    assert behind.press("ada@example.com").status == 303
    assert behind.get("/me", "ada@example.com").status == 200
    if method == "GET":
        page = behind.get("/me", user)
    else:
        page = behind.browser.post("/me/sessions/end-others", **sent(user, PROXY, {}))
    assert (page.location or "").startswith("/login")
    assert sessions(session) == 0
    assert behind.get("/me", "ada@example.com").status == 303
    verb = session.scalars(select(HistoryEntry.verb).order_by(HistoryEntry.id.desc()).limit(1)).one()
    assert verb == "signed out as"


def test_past_the_proxy_the_session_counts_for_nothing_and_stays(
    behind: Behind, ada: Person, session: Session
) -> None:
    behind.press("ada@example.com")
    assert behind.get("/me", "ada@example.com", peer=ELSEWHERE).location == "/login?next=/me"
    assert behind.get("/me", peer=ELSEWHERE).status == 303
    assert "Ada" not in behind.get("/login", peer=ELSEWHERE).text
    assert behind.get("/me", "ada@example.com").status == 200
    assert sessions(session) == 1


def test_without_the_setting_the_sessions_that_it_began_end(
    behind: Behind, make_app: Callable[..., Flask], ada: Person, session: Session
) -> None:
    behind.press("ada@example.com")
    cookie = behind.browser.client.get_cookie("postmortem")
    assert cookie is not None
    after = Behind(Browser(make_app()))
    after.browser.client.set_cookie("postmortem", cookie.value)
    assert after.get("/me", "ada@example.com").status == 303
    assert sessions(session) == 0


def test_a_session_by_password_does_not_depend_on_the_proxy(
    behind: Behind, ada: Person, session: Session
) -> None:
    behind.browser.sign_in(ada)
    for user in (None, "ada-admin@example.com"):
        assert "Ada" in behind.get("/me", user).text
    assert behind.get("/me", peer=ELSEWHERE).status == 200
