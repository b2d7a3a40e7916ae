"""Live blocks in a real Chromium: chosen from the desk's menu, seen beside the text; templates are put in order."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from tests.factories.accounts import make_person
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event, make_factor
from tests.factories.writeups import make_writeup

NewPage = Callable[..., Page]
Axe = Callable[[Page], None]


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_events_are_chosen_and_stand_in_the_text(
    session: Session, author: Person, new_page: NewPage, axe: Axe, width: int, scheme: str
) -> None:
    incident = make_incident(session, author)
    make_event(session, incident, "An alarm rang.", datetime(2026, 3, 9, 14, 5, tzinfo=UTC))
    second = make_event(session, incident, "It was put back.", datetime(2026, 3, 9, 15, 5, tzinfo=UTC))
    make_factor(session, incident, "A limit of 2019.")
    long = "\n".join(
        f"line {number} of a log that goes on and on to the right of every screen" for number in range(250)
    )
    wide = "|" + " a column |" * 20 + "\n|" + "---|" * 20 + "\n|" + " words and numbers |" * 20
    body = f"## What happened\n\nFirst.\n\n```\n{long}\n```\n\n{wide}\n"
    make_writeup(session, author, "Told", body=body, incidents=[incident])
    page = new_page(author, width=width, scheme=scheme)
    page.goto("/writeups/told/edit")
    if width == 390:
        page.get_by_role("tab", name="Text").click()
    menu = page.locator("[data-insert-details]")
    menu.locator("summary").first.click()
    menu.get_by_text("Some events…").click()
    menu.get_by_label("It was put back.").check()
    axe(page)
    menu.get_by_role("button", name="Insert these").click()
    expect(menu).not_to_have_attribute("open", "")
    text = page.locator("[data-desk-text]")
    assert f"{{{{timeline: {second.id}}}}}" in text.input_value()
    menu.locator("summary").first.click()
    menu.get_by_role("button", name="All factors").click()
    assert "\n\n{{factors}}\n" in text.input_value()
    if width == 390:
        page.get_by_role("tab", name="Preview").click()
    preview = page.locator("[data-preview-view]")
    expect(preview).to_contain_text("It was put back.")
    expect(preview).to_contain_text("A limit of 2019.")
    expect(preview).not_to_contain_text("An alarm rang.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/writeups/told")
    # The log is folded, and neither it nor the table makes the page scroll sideways.
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.get_by_text("line 249 of")).to_be_hidden()
    page.get_by_text("240 more of 250 lines").click()
    expect(page.get_by_text("line 249 of")).to_be_visible()
    axe(page)


def test_sections_of_a_template_are_put_in_order(session: Session, new_page: NewPage, axe: Axe) -> None:
    page = new_page(make_person(session, "Template Admin", role="admin"))
    page.goto("/settings/templates")
    axe(page)
    page.get_by_role("link", name="Near miss").click()
    page.locator("#section-2").get_by_role("button", name="Up").click()
    expect(page.locator("[name=heading_1]")).to_have_value("What stopped it")
    expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.wait_for_url("**/settings/templates")
    page.get_by_role("link", name="Near miss").click()
    expect(page.locator("[name=heading_1]")).to_have_value("What stopped it")
