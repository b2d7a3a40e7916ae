"""Journeys at the writing desk, in a real Chromium: write, crash, two at once, on a phone, without script."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.writeups.models import Writeup
from postmortem.writeups.models_around import Autosave
from stress.desk_typing import BYTES, arrange, keys_to_paint
from tests.browser.test_drafts import bar, crash, kept, wait_until
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup

NewPage = Callable[..., Page]
Axe = Callable[[Page], None]
BODY = "## What happened\n\nFirst.\n\nSecond.\n\n## Impact\n\nThird."


@pytest.fixture
def writeup(session: Session, author: Person) -> Writeup:
    return make_writeup(session, author, "The shard", body=BODY, template="full_review")


def at_desk(page: Page, writeup: Writeup) -> Any:
    page.goto(f"/writeups/{writeup.slug}/edit")
    expect(page.locator("#panel-preview h2").first).to_be_visible()
    return page.locator("#body")


def choose(page: Page, words: str) -> None:
    page.evaluate(
        "words => { const b = document.querySelector('#body'); const at = b.value.indexOf(words);"
        " b.focus(); b.setSelectionRange(at, at + words.length); }",
        words,
    )


def test_writing_with_buttons_and_keys_and_undo(
    new_page: NewPage, session: Session, author: Person, writeup: Writeup, axe: Axe
) -> None:
    incident = make_incident(session, author, "Search is half blind")
    page = new_page(author)
    body = at_desk(page, writeup)
    axe(page)
    choose(page, "First")
    page.keyboard.press("Control+b")
    expect(body).to_have_value(BODY.replace("First", "**First**"))
    page.keyboard.press("Control+b")
    expect(body).to_have_value(BODY)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(body).to_have_value(BODY)

    choose(page, "Second.")
    page.get_by_role("button", name="List", exact=True).click()
    expect(body).to_have_value(BODY.replace("Second.", "- Second."))
    # Enter goes on with the list, and once more ends it.
    page.keyboard.type("\nNext\n\nEnd")
    expect(body).to_have_value(BODY.replace("Second.", "- Second.\n- Next\nEnd"))
    for _ in range(30):
        page.keyboard.press("Control+z")
    expect(body).to_have_value(BODY)

    page.get_by_role("button", name="Table").click()
    expect(page.locator("#panel-preview table")).to_be_visible()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+End")
    page.keyboard.type("\n\nSee INC-sea")
    expect(page.locator("#desk-offers").get_by_role("option")).to_have_count(1)
    axe(page)
    page.keyboard.press("Enter")
    expect(page.locator(f'#panel-preview a[href="/incidents/{incident.id}"]')).to_be_visible()
    expect(page.locator("[data-desk-count]")).to_have_text("8 words · 1 min to read")
    page.keyboard.press("Control+s")
    page.wait_for_url(re.compile("/edit$"))
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(body).to_be_focused()
    session.expire_all()
    assert writeup.body == f"{BODY}\n\nSee INC-{incident.id}"


def test_sections_help_and_are_added_in_their_place(
    new_page: NewPage, author: Person, writeup: Writeup, axe: Axe
) -> None:
    page = new_page(author)
    body = at_desk(page, writeup)
    choose(page, "Third")
    prompt = page.locator("[data-desk-prompt]")
    expect(prompt).to_contain_text("Impact")
    choose(page, "First")
    page.keyboard.press("ArrowLeft")
    expect(prompt).to_contain_text("What happened")
    page.get_by_role("tab", name="Sections").click()
    axe(page)
    page.locator("#panel-sections").get_by_role("button", name=re.compile("Add this section")).last.click()
    added = str(body.input_value())
    assert added.startswith(BODY + "\n\n## ")
    page.keyboard.type("Typed below it.")
    expect(body).to_have_value(f"{added}Typed below it.")
    page.get_by_role("tab", name="Language").click()
    axe(page)


def test_what_was_typed_comes_back_after_a_crash_as_one_offer(
    new_page: NewPage, session: Session, author: Person, writeup: Writeup, axe: Axe
) -> None:
    page = new_page(author)
    body = at_desk(page, writeup)
    body.press("Control+End")
    page.keyboard.type(" Typed.")
    expect(page.locator("[data-desk-kept]")).to_have_text(re.compile(r"Kept \d\d:\d\d"), timeout=9000)
    # What the server has, the browser need not keep.
    wait_until(page, lambda: kept(page) == [])
    page = crash(page)
    body = at_desk(page, writeup)
    offer = page.locator("[data-desk-offer]")
    expect(offer).to_contain_text("that was not saved")
    expect(bar(page)).to_be_hidden()
    expect(body).to_have_value(BODY)
    axe(page)
    page.get_by_role("link", name="Look at it").click()
    expect(page.locator(".diff ins")).to_contain_text("Typed.")
    axe(page)
    page.get_by_role("link", name="Go on with it").click()
    expect(page.locator("#body")).to_have_value(BODY + " Typed.")

    # Typed on without a connection: the browser has the newer text, and offers that one alone.
    page.context.route("**/autosave", lambda route: route.abort())
    page.locator("#body").press("Control+End")
    page.keyboard.type(" More.")
    wait_until(page, lambda: "More." in str(kept(page)))
    page = crash(page)
    page.context.unroute("**/autosave")
    at_desk(page, writeup)
    expect(offer_of(page)).to_be_hidden()
    page.get_by_role("button", name=re.compile("Bring back")).click()
    expect(page.locator("#body")).to_have_value(BODY + " Typed. More.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile(r"/writeups/the-shard$"))
    session.expire_all()
    assert writeup.body == BODY + " Typed. More."
    assert session.scalars(select(Autosave)).all() == []
    assert kept(page) == []


def test_a_lost_answer_does_not_look_like_another_tab(
    new_page: NewPage, session: Session, author: Person, writeup: Writeup
) -> None:
    page = new_page(author)
    body = at_desk(page, writeup)

    lost: list[str] = []

    def lose_the_answer(route: Any) -> None:
        if not lost and "Typed" in (route.request.post_data or ""):
            lost.append(route.request.url)
            route.fetch()
            route.fulfill(status=404, body="")
        else:
            route.continue_()

    page.route("**/autosave", lose_the_answer)
    body.press("Control+End")
    page.keyboard.type(" Typed.")
    expect(page.locator("[data-desk-kept]")).to_contain_text("cannot be reached", timeout=9000)
    page.keyboard.type(" More.")
    expect(page.locator("[data-desk-kept]")).to_have_text(re.compile(r"Kept \d\d:\d\d"), timeout=15_000)
    session.expire_all()
    assert session.scalars(select(Autosave.body)).all() == [BODY + " Typed. More."]


def offer_of(page: Page) -> Any:
    return page.locator("[data-desk-offer]")


def test_two_write_at_once(
    new_page: NewPage,
    session: Session,
    author: Person,
    facilitator: Person,
    writeup: Writeup,
    axe: Axe,
) -> None:
    page, other = new_page(author), new_page(facilitator)
    body, theirs = at_desk(page, writeup), at_desk(other, writeup)
    theirs.fill(BODY.replace("Third", "3rd"))
    expect(other.locator("[data-desk-kept]")).to_contain_text("Kept", timeout=9000)
    body.fill(BODY.replace("First", "1st"))
    expect(page.locator("[data-desk-others]")).to_contain_text(
        f"{facilitator.name} is writing here too", timeout=9000
    )
    other.get_by_role("button", name="Save and go on").click()
    expect(other.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text(f"{facilitator.name} changed 1 other paragraph meanwhile")).to_be_visible()
    expect(body).to_have_value(BODY.replace("First", "1st").replace("Third", "3rd"))

    theirs.fill("## What happened\n\nTheirs.")
    body.fill("## What happened\n\nMine.")
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Both of you changed this")
    axe(other)
    other.get_by_label("In other words:").check()
    other.get_by_role("textbox", name=re.compile("in other words")).fill("Ours.")
    other.get_by_role("button", name="Save it like this").click()
    other.wait_for_url(re.compile(r"/writeups/the-shard$"))
    session.expire_all()
    assert writeup.body.endswith("Ours.")
    assert kept(other) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_the_text_and_its_preview_take_turns(
    new_page: NewPage, author: Person, writeup: Writeup, axe: Axe, scheme: str
) -> None:
    page = new_page(author, width=390, scheme=scheme)
    page.goto(f"/writeups/{writeup.slug}/edit")
    body, preview = page.locator("#body"), page.locator("#panel-preview")
    expect(body).to_be_visible()
    expect(preview).to_be_hidden()
    body.fill("## On a phone")
    axe(page)
    page.get_by_role("tab", name="Preview").click()
    expect(preview.locator("h2").first).to_contain_text("On a phone")
    expect(body).to_be_hidden()
    axe(page)
    page.get_by_role("tab", name="Text").click()
    expect(body).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_script_it_is_a_text_with_a_preview_button(
    new_page: NewPage, session: Session, author: Person, writeup: Writeup, axe: Axe
) -> None:
    page = new_page(author, script=False)
    page.goto(f"/writeups/{writeup.slug}/edit")
    expect(page.get_by_role("toolbar")).to_be_hidden()
    page.fill("#body", "Only **looking**.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("region", name="Preview").locator("strong")).to_have_text("looking")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    session.expire_all()
    assert writeup.body == "Only **looking**."


def test_a_long_text_with_many_events_is_written_without_lag(
    new_page: NewPage, session: Session, author: Person
) -> None:
    """The short form of `python -m stress.desk_typing`; on a busy machine with a wide margin."""
    where = arrange(session, author)
    page = new_page(author)
    page.goto(where)
    found = keys_to_paint(page, 25)
    assert (len(found.times), found.size >= BYTES) == (25, True)
    assert found.median < 150, found


def test_a_preview_that_fails_is_said_quietly_and_comes_back(
    new_page: NewPage, author: Person, writeup: Writeup
) -> None:
    page = new_page(author)
    body = at_desk(page, writeup)
    asked: list[str] = []

    def slow(route: Any) -> None:
        asked.append(route.request.post_data)
        if len(asked) == 1:
            route.fulfill(status=404, body="")
        else:
            route.continue_()

    page.route("**/writeups/preview*", slow)
    body.fill("## Not shown")
    expect(page.locator("[data-preview-status]")).to_contain_text("Your text is safe")
    expect(page.locator("#panel-preview h2").first).to_contain_text("What happened")
    # What other parts of the page insert goes through the same undo.
    page.evaluate(
        "document.querySelector('#body').dispatchEvent("
        "new CustomEvent('desk:insert', { detail: { text: '![a graph](/x)', isBlock: true, select: 'a graph' } }))"
    )
    expect(body).to_have_value("## Not shown\n\n![a graph](/x)\n")
    page.keyboard.type("b")
    expect(page.locator("#panel-preview h2").first).to_contain_text("Not shown")
    expect(page.locator("[data-preview-status]")).to_have_text("")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(body).to_have_value("## Not shown")
