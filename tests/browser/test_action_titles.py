"""Writing an action in a real Chromium: a word about the title comes while it is typed, and an owner is found by name."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.coaching import SAY_WHAT
from tests.factories.actions import stored_actions
from tests.factories.incidents import make_incident


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_title_is_coached_while_it_is_typed(
    session: Session,
    author: Person,
    reader: Person,
    new_page: Callable[..., Page],
    axe: Callable[[Page], None],
    width: int,
    scheme: str,
) -> None:
    incident = make_incident(session, author)
    page = new_page(author, width=width, scheme=scheme)
    page.goto(f"/incidents/{incident.id}/actions/new")
    box = page.locator("[data-coach]")
    expect(box).to_have_attribute("aria-live", "polite")
    title = page.get_by_label("What is to be done")
    title.press_sequentially("Fix bug")
    expect(box).to_have_text(f"About the title: {SAY_WHAT}")
    axe(page)
    title.fill("Fix the alarm of the second queue")
    expect(box).to_be_empty()
    page.get_by_label("Owner").fill(reader.name)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("ACT-1 was added.")).to_be_visible()
    assert stored_actions(session)[0].owner_id == reader.id
