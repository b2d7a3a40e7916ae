"""In a browser: a write-up is planned for tomorrow, comes out, is corrected with a reason, and a reader sees what changed."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.db import Database
from postmortem.outbox.workplace import Workplace
from postmortem.reviews.scheduled import publish_what_is_due
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event
from tests.factories.writeups import make_writeup

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
PATH = "/writeups/two-clocks"
BODY = (
    "## What happened\n\nThe cache kept yesterday's catalogue for **nine** hours, because two clocks\ndisagreed by a minute.\n\n"
    "## What we learnt\n\nClocks disagree. Nobody had asked them.\n"
)


def shot(page: Page, name: str) -> None:
    """A picture for whoever wants to look: POSTMORTEM_SCREENSHOTS names the folder."""
    if folder := os.environ.get("POSTMORTEM_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_from_a_plan_to_an_update_that_readers_can_compare(
    session: Session,
    config: Any,
    database: Database,
    author: Person,
    reader: Person,
    frozen: Callable[[datetime], None],
    new_page: Callable[..., Page],
    axe: Callable[[Page], None],
) -> None:
    frozen(MONDAY)
    incidents = [make_incident(session, author, f"Catalogue {word}") for word in ("stale", "gone")]
    make_event(session, incidents[0], "An alarm rang.", MONDAY - timedelta(days=1))
    make_writeup(session, author, "Two clocks", body=BODY, incidents=incidents)
    page = new_page(author)
    page.goto(f"{PATH}/publish")
    axe(page)
    page.get_by_label("Day and time").fill("2026-11-23T08:00")
    page.get_by_role("button", name="Publish at this time").click()
    expect(page.get_by_role("alert")).to_contain_text("That time is over")
    shot(page, "publish-refused")
    axe(page)
    page.get_by_label("Day and time").fill("2026-11-24T09:00")
    page.get_by_role("button", name="Publish at this time").click()
    expect(page.get_by_text("Will be published Tuesday 24 November 2026, 09:00 CET.").first).to_be_visible()
    shot(page, "working-copy-planned")
    axe(page)
    page.get_by_role("link", name="Change the time, or take it back").click()
    expect(page.get_by_role("button", name="Take the plan back")).to_be_visible()
    shot(page, "publish-planned")
    axe(page)
    page.goto("/")
    expect(page.get_by_text("will be published Tuesday 24 November 2026, 09:00 CET")).to_be_visible()

    frozen(MONDAY + timedelta(days=1))
    session.commit()
    publish_what_is_due(Workplace(config, database))
    page = new_page(author)
    page.goto(f"{PATH}/edit")
    page.get_by_label("Text", exact=True).fill(BODY.replace("nine", "eleven") + "\nNow we ask them daily.\n")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Publish the changes").click()
    shot(page, "publish-again")
    page.get_by_role("button", name="Publish again").click()
    expect(page.get_by_role("alert")).to_contain_text("Say in one sentence what changed")
    page.get_by_label("What changed, and why").fill("We counted the hours again.")
    axe(page)
    page.get_by_role("button", name="Publish again").click()
    expect(page.get_by_text("Readers see the new text now.")).to_be_visible()

    small = new_page(reader, width=390, scheme="dark")
    small.goto(PATH)
    updated = small.get_by_text("Updated 24 November 2026:")
    expect(updated).to_be_visible()
    expect(small.get_by_text("We counted the hours again.")).to_be_visible()
    shot(small, "entry-updated-phone")
    axe(small)
    small.get_by_role("link", name="What changed", exact=True).click()
    changed = small.locator(".diff")
    expect(changed.locator("del")).to_have_text("nine")
    expect(changed.locator("ins").first).to_have_text("eleven")
    expect(small.get_by_text("Updated").first).to_be_visible()
    axe(small)
    shot(small, "history-phone")
    page.goto(f"{PATH}/history?edition=2")
    shot(page, "history-wide")
    axe(page)
