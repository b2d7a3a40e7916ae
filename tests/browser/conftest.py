"""A real Chromium against the running application; skipped with a reason where Chromium is missing."""

import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from postmortem.accounts.models import Person
from postmortem.imports.demo import load_samples
from tests.run import CHROMIUM, SKIPPED_CHROMIUM
from tests.support.client import PASSWORD

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs the browser."""
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the whole run: starting it takes two seconds."""
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip(SKIPPED_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def site(make_app: Callable[..., Flask]) -> Iterator[str]:
    """The application, served; yields its address."""
    holder: dict[str, Any] = {}

    def application(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        # The server forgets to close an answer when the browser went away in its middle; a generator does not.
        answer = holder["app"](environ, start_response)
        try:
            yield from answer
        finally:
            answer.close()

    server = make_server("127.0.0.1", 0, application, threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    holder["app"] = make_app(base_url=address)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def new_page(chromium: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Open a page of the site: `new_page()`, `new_page(author)` signed in, `new_page(width=390, scheme="dark")`.

    A test fails when the page's console shows an error: a refused script or style, a missing file.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def make(
        person: Person | None = None, *, width: int = 1280, scheme: str = "light", script: bool = True
    ) -> Page:
        context = chromium.new_context(
            base_url=site,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: _note(complaints, message))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if person is not None:
            page.goto("/login")
            page.fill("#email", person.email)
            page.fill("#password", PASSWORD)
            page.click("main button[type=submit]")
            page.wait_for_url(f"{site}/")
        return page

    yield make
    for context in contexts:
        context.close()
    assert not complaints, complaints


def _note(complaints: list[str], message: Any) -> None:
    # A 422 or 409 answer to a form is the page under test, and the console mentions it.
    if message.type == "error" and not any(code in message.text for code in ("422", "409", "404", "410")):
        complaints.append(message.text)


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Fail with what axe found: WCAG 2.2 A and AA, and its best practices."""

    def check(page: Page) -> None:
        found = Axe().run(page).response["violations"]
        said = [
            f"{page.url}: {item['id']}: {item['help']}: {[node['html'][:160] for node in item['nodes'][:3]]}"
            for item in found
        ]
        assert not said, "\n".join(said)

    return check


@pytest.fixture
def sample_company(session: Session, admin: Person) -> Person:
    """The sample company is loaded; returns an admin."""
    load_samples(session, actor=admin)
    session.commit()
    return admin
