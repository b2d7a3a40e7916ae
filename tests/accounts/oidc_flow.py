"""A browser's way to the provider and back, and what must not be there after a refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Identity, OidcRequest, Person, SignIn
from postmortem.config_parts import Oidc
from postmortem.history.models import HistoryEntry
from tests.support.client import Browser
from tests.support.oidc_provider import CLIENT_ID, CLIENT_SECRET, FakeProvider, query
from tests.support.pages import Page

CALLBACK = "/login/oidc/callback"
MakeApp = Callable[..., Flask]


def settings_for(provider: FakeProvider, **replaced: Any) -> Oidc:
    values = {
        "issuer": provider.issuer,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "name": "Example ID",
        "creates_people": False,
        "role_claim": "",
        "roles": (),
        "default_role": "reader",
        "teams_claim": "",
    }
    return Oidc(**{**values, **replaced})


def leave(browser: Browser, *, next_path: str | None = None) -> str:
    """Press the button; the address that the browser is led to."""
    page = browser.post("/login/oidc", query_string={"next": next_path} if next_path else None)
    assert page.status == 200, page.text
    [address] = [link for link in page.links if link.startswith("http")]
    assert f"0; url={address}".replace("&", "&amp;") in page.html
    return address


def come_back(browser: Browser, arguments: dict[str, Any]) -> Page:
    return browser.get(f"{CALLBACK}?{query(arguments)}")


def go_through(browser: Browser, provider: FakeProvider, **changed: Any) -> Page:
    """The whole way; `changed` replaces arguments of the answer, None leaves one out."""
    arguments: dict[str, Any] = provider.authorize(leave(browser)) | changed
    return come_back(browser, {name: value for name, value in arguments.items() if value is not None})


@dataclass
class Counts:
    people: int
    sessions: int
    identities: int
    entries: int

    @classmethod
    def of(cls, session: Session) -> "Counts":
        session.expire_all()
        tables = (Person, SignIn, Identity, HistoryEntry)
        return cls(*(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables))


def last_entry(session: Session) -> HistoryEntry:
    return session.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc()).limit(1)).one()


def open_requests(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(OidcRequest)) or 0
