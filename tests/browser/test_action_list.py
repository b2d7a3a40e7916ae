"""The list of actions in a real Chromium: one box for all, accessible in groups, and no wider than a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from tests.factories.actions import make_action, stored_actions
from tests.factories.incidents import make_incident

NewPage = Callable[..., Page]


@pytest.fixture
def actions(session: Session, author: Person) -> None:
    incident = make_incident(session, author)
    for number in range(4):
        make_action(session, incident, f"Add alarm {number}", owner=author if number % 2 else None)


def test_one_box_ticks_all_and_one_button_changes_them(
    session: Session, author: Person, actions: None, new_page: NewPage
) -> None:
    page = new_page(author)
    page.goto("/actions/?group=owner")
    every = page.get_by_label("Tick all on this page")
    every.check()
    boxes = page.locator('tbody input[name="row"]')
    expect(boxes).to_have_count(4)
    for number in range(4):
        expect(boxes.nth(number)).to_be_checked()
    boxes.nth(3).uncheck()
    assert every.evaluate("box => box.indeterminate")
    chosen = page.locator("summary", has_text="3 chosen: change them")
    # The list is longer than the window, and what was ticked is changed from where one is.
    page.evaluate("scrollTo(0, 0)")
    expect(chosen).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("3 chosen", exact=True)).to_have_attribute("role", "status")
    chosen.click()
    page.get_by_label("Why?").fill("The parts come in spring.")
    page.get_by_label("New due date").fill("2027-02-28")
    page.get_by_role("button", name="Re-date").click()
    expect(page.get_by_text("3 actions are changed.")).to_be_visible()
    assert sum(action.due_on is not None for action in stored_actions(session)) == 3


def test_without_script_each_row_has_its_box(
    session: Session, author: Person, actions: None, new_page: NewPage
) -> None:
    page = new_page(author, script=False)
    page.goto("/actions/?status=open")
    page.locator('tbody input[name="row"]').first.check()
    page.locator("summary", has_text="Change the ticked ones").click()
    page.get_by_label("Why?").fill("It is mine now.")
    page.get_by_label("New owner").fill(author.name)
    page.get_by_role("button", name="Hand over").click()
    expect(page.get_by_text("1 action is changed.")).to_be_visible()
    assert sum(action.owner_id is not None for action in stored_actions(session)) == 3


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_can_be_used_by_everybody_and_fits(
    author: Person, actions: None, new_page: NewPage, axe: Callable[[Page], None], width: int, scheme: str
) -> None:
    page = new_page(author, width=width, scheme=scheme)
    for path in ("/actions/?group=owner&status=open", "/actions/views/new?status=open", "/me"):
        page.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
