"""Writing in a real Chromium: hints come while one types, a click selects the words, and words are kept on purpose."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person
from postmortem.blameless.models import LanguageKeep
from tests.factories.accounts import make_person
from tests.factories.writeups import make_writeup

SELECTED = "text => text.value.slice(text.selectionStart, text.selectionEnd)"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_words_are_found_selected_and_kept_while_writing(
    session: Session,
    author: Person,
    new_page: Callable[..., Page],
    width: int,
    scheme: str,
) -> None:
    make_writeup(session, author, "A told one", body="## What happened\n\nThe disk was full.\n")
    page = new_page(author, width=width, scheme=scheme)
    page.goto("/writeups/a-told-one/edit")
    language = page.get_by_role("tab", name="Language")
    language.click()
    hints = page.locator("[data-language-panel]")
    expect(hints).to_contain_text("No hints about language in this text.")

    text = page.locator("[data-desk-text]")
    if width == 390:
        page.get_by_role("tab", name="Text").click()
    text.fill(
        "## What happened 🎉\n\n> It was human error.\n\nIt was human error. Obviously the disk was full.\n"
    )
    language.click()
    expect(hints).to_contain_text("2 places where other words might teach more.")
    found = Axe().run(page, context="[data-language-panel]").response["violations"]
    assert not found, [(each["id"], each["help"]) for each in found]
    hints.get_by_role("button", name="Obviously").click()
    # On a phone the text comes back into view for that.
    expect(text).to_be_visible()
    assert text.evaluate(SELECTED) == "Obviously"
    language.click()

    hint = hints.get_by_role("listitem").filter(has_text="People as a faulty part")
    hint.get_by_text("Keep, because…").click()
    hint.get_by_role("button", name="Keep these words").click()
    expect(hints).to_contain_text("Say in a few words why these words stay.")
    hint.get_by_label("Why these words are right here").fill("It is the name of a law.")
    hint.get_by_role("button", name="Keep these words").click()
    expect(hints).to_contain_text("1 place where other words might teach more.")
    expect(hints).to_contain_text("Kept on purpose: 1")
    assert [each.reason for each in session.scalars(select(LanguageKeep))] == ["It is the name of a law."]
    # What was typed and not saved is still there.
    assert "Obviously" in text.input_value()

    hints.get_by_text("Kept on purpose: 1").click()
    hints.get_by_role("button", name="Give this hint again").click()
    expect(hints).to_contain_text("2 places where other words might teach more.")


def test_the_pages_of_their_own_can_be_used_by_everybody(
    session: Session, new_page: Callable[..., Page], axe: Callable[[Page], None]
) -> None:
    admin = make_person(session, "Admin", role=Role.ADMIN)
    make_writeup(session, admin, "A told one", body="It was human error.\n")
    page = new_page(admin)
    for path in ("/writeups/a-told-one/language", "/settings/language"):
        page.goto(path)
        axe(page)


def test_without_script_the_preview_shows_hints_and_a_page_keeps_words(
    session: Session, author: Person, new_page: Callable[..., Page]
) -> None:
    make_writeup(session, author, "A told one", body="It was human error.\n")
    page = new_page(author, script=False)
    page.goto("/writeups/a-told-one/edit")
    page.get_by_role("link", name="Hints about the saved text").click()
    page.get_by_text("Keep, because…").click()
    page.get_by_label("Why these words are right here").fill("It is the name of a law.")
    page.get_by_role("button", name="Keep these words").click()
    expect(page.get_by_text("No open hints: what had one is kept on purpose.")).to_be_visible()
    page.goto("/writeups/a-told-one/edit")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Kept on purpose: 1")).to_be_visible()
