"""The main job as a person does it, in a real Chromium: with the mouse, with script and without, and axe on every page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from postmortem.accounts.models import Person


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_file_write_up_publish_and_read(
    new_page: Callable[..., Page], author: Person, reader: Person, axe: Callable[[Page], None], script: bool
) -> None:
    """axe itself is script, so the pages are checked in the run that has it."""
    check = axe if script else (lambda _page: None)
    page = new_page(author, script=script)
    check(page)
    page.get_by_role("link", name="File an incident").first.click()
    check(page)
    page.get_by_label("Title").fill("Search returns nothing for one in ten listeners")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Search returns nothing")
    check(page)
    incident = page.url

    page.goto(f"{incident}/events/new")
    page.fill("#occurred_at", "2026-03-09T14:12")
    page.locator("#text").fill("The on-call engineer saw the error rate rise.")
    check(page)
    page.get_by_role("button", name="Save", exact=False).first.click()
    expect(page.get_by_text("The on-call engineer saw the error rate rise.").first).to_be_visible()

    page.goto(f"{incident}/actions/new")
    page.fill("#title", "Add an alarm for empty search results")
    check(page)
    page.get_by_role("button", name="Save", exact=False).first.click()
    expect(page.get_by_text("Add an alarm for empty search results").first).to_be_visible()
    check(page)

    page.get_by_role("link", name="Write it up").first.click()
    check(page)
    page.locator("main form button[type=submit]").last.click()
    page.fill("#tldr", "Search was half blind for an hour.")
    page.fill("#body", "## What happened\n\nThe index lost **one shard** of ten.")
    if script:
        expect(page.locator("#panel-preview strong")).to_have_text("one shard")
    check(page)
    page.get_by_role("button", name="Save", exact=False).first.click()
    page.get_by_role("link", name="Publish", exact=False).first.click()
    check(page)
    page.get_by_role("button", name="Publish", exact=True).click()
    check(page)

    reading = new_page(reader, script=script)
    check(reading)
    reading.get_by_role("link", name="Search returns nothing", exact=False).first.click()
    expect(reading.locator("article strong").first).to_have_text("one shard")
    check(reading)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_of_page_passes_axe_and_fits(
    new_page: Callable[..., Page],
    sample_company: Person,
    axe: Callable[[Page], None],
    width: int,
    scheme: str,
) -> None:
    """The pages of the sample company, at both widths and in both schemes: no violation, nothing sticks out."""
    page = new_page(sample_company, width=width, scheme=scheme)
    for path in PAGES:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        axe(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} pixels too wide at {width}"


PAGES = (
    "/", "/incidents/", "/incidents/?severity=sev1", "/incidents/new", "/incidents/1", "/incidents/1/edit",
    "/incidents/1/events/new", "/incidents/1/factors/new", "/incidents/1/actions/new", "/actions/", "/actions/1",
    "/actions/1/edit", "/writeups/new?incident=1", "/people/", "/teams/", "/services/", "/tags/", "/me", "/me/profile",
    "/me/sessions", "/people/new", "/teams/new", "/services/new",
)  # fmt: skip
