"""The exported site in a real Chromium: from a file server below an address, and from a disk."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from postmortem.app import create_app
from postmortem.config import load_config
from postmortem.history.operations import CLI
from postmortem.imports.demo import load_samples
from postmortem.writeups.drafts import WriteupDraft
from postmortem.writeups.operations import publish, start_writeups
from tests.exports.conftest import exporting
from tests.support.databases import TestDatabase
from tests.support.static_site import served

AxeCheck = Callable[[Page], None]
MANY = 30


@pytest.fixture(scope="module")
def exported(the_database: TestDatabase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company with many more short entries that all have one word in common; nobody changes it."""
    the_database.empty()
    config = load_config(
        {
            "POSTMORTEM_DATA_DIR": str(tmp_path_factory.mktemp("data")),
            "POSTMORTEM_DATABASE_URL": the_database.url,
            "POSTMORTEM_BASE_URL": "http://localhost",
        }
    )
    app = create_app(config)
    with app.extensions["database"].session(writes=True) as session:
        load_samples(session, actor=CLI)
        texts = [
            WriteupDraft(
                title=f"Café outage {number}",
                tldr="A storm of requests.",
                body=f"## What happened\n\nQueue number{number} stood still.\n",
                tags=["coffee"],
            )
            for number in range(MANY)
        ]
        for writeup in start_writeups(session, texts, actor=CLI):
            publish(
                session, writeup, actor=CLI, published_at=datetime(2020, 1, 1 + writeup.id % 28, tzinfo=UTC)
            )
        session.commit()
    site = tmp_path_factory.mktemp("exported") / "site"
    exporting(app)(site, include_internal=True, base_url="https://example.org")
    app.extensions["database"].dispose()
    return site


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`open_page(width=390, …)`; fails on any complaint in the console, and on any request to somewhere else."""
    contexts, complaints, asked = [], [], []

    def make(*, width: int = 1280, scheme: str = "light", script: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        return page

    yield make
    for context in contexts:
        context.close()
    assert not complaints, complaints
    assert asked
    assert not [url for url in asked if not url.startswith(("http://127.0.0.1:", "file:///"))], asked


def test_reading_and_searching_from_a_file_server(
    exported: Path, open_page: Callable[..., Page], axe: AxeCheck
) -> None:
    with served(exported.parent) as address:
        root = f"{address}/{exported.name}"
        for width, scheme in ((1280, "light"), (390, "dark")):
            page = open_page(width=width, scheme=scheme)
            page.goto(f"{root}/")
            axe(page)
            page.get_by_role("link", name="The day that was not there").first.click()
            expect(page.get_by_role("heading", level=1)).to_have_text("The day that was not there")
            axe(page)
            fonts = page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px Newsreader'))")
            assert fonts
            page.get_by_role("navigation", name="Main").get_by_role("link", name="Search").click()
            box = page.get_by_label("Words to look for")
            expect(box).to_be_focused()
            box.fill("29 february")
            expect(page.get_by_role("status")).to_have_text("1 write-up")
            axe(page)
            page.get_by_role("link", name="The day that was not there").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("The day that was not there")
            page.go_back()
            expect(box).to_have_value("29 february")
            expect(page.locator("#results article")).to_have_count(1)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.goto(f"{root}/browse.html")
        axe(page)


def test_searching_from_a_disk(exported: Path, open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto((exported / "search.html").as_uri())
    box, said, results = page.get_by_label("Words to look for"), page.get_by_role("status"), page.locator("#results article")  # fmt: skip

    box.fill("CAFE")
    expect(said).to_contain_text("Most write-ups have that word")
    box.fill("cafe number17")
    expect(said).to_have_text("1 write-up. Not looked for, because most write-ups have it: cafe")
    expect(results).to_contain_text("Café outage 17")
    # The beginning of a word is enough; a title that has it comes first.
    box.fill("midn")
    expect(results.first.get_by_role("heading")).to_have_text("Midnight comes three times")
    expect(results.first.locator("mark").first).to_have_text("Midn")
    box.fill("certificate lyrics")
    expect(results.first.get_by_role("link")).to_have_text("Ninety days left, said the dashboard")
    box.fill("<img src=x> constructor __proto__")
    expect(said).to_contain_text("Nothing found")
    box.fill("")
    expect(said).to_be_empty()
    expect(results).to_have_count(0)

    page.goto((exported / "search.html").as_uri() + "#q=number2")
    page.reload()
    expect(results).to_have_count(11)
    results.first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Café outage 2")
    page.get_by_role("link", name="Failing Forward, front page").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Failing Forward")
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newer")).to_be_visible()


def test_copying_needs_a_file_server(
    exported: Path, open_page: Callable[..., Page], chromium: Browser
) -> None:
    entry = "writeups/the-day-that-was-not-there.html"
    page = open_page()
    page.goto((exported / entry).as_uri())
    expect(page.get_by_role("link", name="As Markdown")).to_be_visible()
    expect(page.get_by_role("button", name="Copy as Markdown")).to_have_count(0)
    with served(exported) as address:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
        page.goto(f"{address}/{entry}")
        page.get_by_role("button", name="Copy as Markdown").click()
        expect(page.get_by_text("Copied.")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()").startswith('---\ntitle: "The day')


def test_without_script_the_search_says_what_to_do(
    exported: Path, open_page: Callable[..., Page], axe: AxeCheck
) -> None:
    page = open_page(script=False)
    page.goto((exported / "search.html").as_uri())
    expect(page.get_by_label("Words to look for")).to_be_hidden()
    page.get_by_role("link", name="All titles stand on one page").click()
    expect(page.get_by_role("link", name="Café outage 17")).to_be_visible()
    page.get_by_role("link", name="The day that was not there").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The day that was not there")


def test_on_paper_stands_the_text_alone(exported: Path, open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.goto((exported / "writeups/the-day-that-was-not-there.html").as_uri())
    page.emulate_media(media="print")
    expect(page.get_by_text("https://example.org/writeups/the-day-that-was-not-there.html")).to_be_visible()
    for name in ("Browse", "As Markdown", "Atom feed"):
        expect(page.get_by_role("link", name=name, exact=True)).to_be_hidden()
