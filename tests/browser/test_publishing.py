"""A published write-up in a real Chromium: chosen for the month, put beside others, copied, printed, withdrawn."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from tests.factories.writeups import publish_writeup

NewPage = Callable[..., Page]
Axe = Callable[[Page], None]
SPY = """() => {
  const write = navigator.clipboard.writeText.bind(navigator.clipboard);
  navigator.clipboard.writeText = (text) => { window.copied = text; return write(text); };
}"""


def test_from_the_entry_of_the_month_to_the_page_that_is_left(
    new_page: NewPage, session: Session, author: Person, facilitator: Person, reader: Person, axe: Axe
) -> None:
    told = publish_writeup(session, author, "The quiet valve", tldr="It hissed.", body="A **pump** broke.")
    other = publish_writeup(session, author, "The loud valve", body="It rang.")
    session.commit()
    page, watching = new_page(facilitator), new_page(reader, width=390, scheme="dark")
    page.goto(f"/writeups/{told.slug}")
    page.click("text=Make it the entry of a month")
    axe(page)
    page.fill("#note", "It shows how a small thing grew.")
    page.click("text=Choose it")
    expect(page.locator("main")).to_contain_text("It shows how a small thing grew.")
    axe(page)
    page.goto(f"/writeups/{told.slug}/around")
    axe(page)
    page.fill("#related", f"/writeups/{other.slug}")
    page.click("main >> text=Save")

    watching.goto("/")
    expect(watching.locator(".entry").first).to_contain_text("Entry of the month")
    axe(watching)
    watching.click("text=The quiet valve")
    expect(watching.locator("#related, [aria-labelledby=related]").first).to_be_visible()
    # What is in the clipboard no page of ours may read.
    watching.context.grant_permissions(["clipboard-write"])
    watching.evaluate(SPY)
    watching.click("text=Copy as Markdown")
    expect(watching.locator(".colophon")).to_contain_text("Copied.")
    assert "A **pump** broke." in watching.evaluate("window.copied")
    axe(watching)
    watching.emulate_media(media="print")
    expect(watching.locator(".colophon__address")).to_be_visible()
    expect(watching.locator(".colophon__links")).to_be_hidden()
    watching.emulate_media(media="screen")

    page.goto(f"/writeups/{told.slug}/withdraw")
    page.fill("#withdrawn_reason", "Its numbers were wrong.")
    page.click("main button[type=submit]")
    answer = watching.goto(f"/writeups/{told.slug}")
    assert answer is not None
    assert answer.status == 410
    expect(watching.locator("main")).to_contain_text("Its numbers were wrong.")
    expect(watching.locator("main")).not_to_contain_text("valve")
    axe(watching)
