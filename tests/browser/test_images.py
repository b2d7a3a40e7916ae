"""Pictures at the desk: chosen or pasted, asked for their words, shown beside the text."""

import base64
import re
from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.attachments.models import Attachment
from tests.attachments.test_pictures import drawn
from tests.factories.writeups import make_writeup

NewPage = Callable[..., Page]
PICTURE = drawn("PNG", (900, 60))

PASTE = """
([data, type]) => {
  const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "a.png", { type }));
  const text = document.querySelector("textarea[data-desk-text]");
  text.focus();
  text.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
}
"""


def test_a_picture_is_chosen_worded_and_shown(
    session: Session, author: Person, new_page: NewPage, axe: Callable[[Page], None]
) -> None:
    make_writeup(session, author, "The cache fell over", body="It was like this.")
    page = new_page(author)
    page.goto("/writeups/the-cache-fell-over/edit")
    text = page.locator("textarea[data-desk-text]")
    text.press("Control+End")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Picture", exact=True).click()
    chooser.value.set_files({"name": "a.png", "mimeType": "image/png", "buffer": PICTURE})
    dialog = page.get_by_role("dialog", name="What does it show?")
    expect(dialog).to_be_visible()
    axe(page)
    dialog.get_by_role("button", name="Add the picture").click()
    expect(dialog.get_by_role("alert")).to_have_text("Say what the picture shows; one sentence is enough.")
    dialog.get_by_role("textbox").fill("The CPU at 100 %")
    dialog.get_by_role("button", name="Add the picture").click()
    expect(dialog).to_have_count(0)
    image = session.scalars(select(Attachment)).one()
    expect(text).to_have_value(re.compile(rf"^It was like this\.\n\n{re.escape(image.markdown)}\s*$"))
    shown = page.get_by_role("img", name="The CPU at 100 %")
    expect(shown).to_be_visible()
    # Loaded, not only asked for.
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=shown.element_handle())
    text.press("Control+z")
    expect(text).to_have_value("It was like this.")


def test_a_pasted_picture_is_asked_for_its_words_and_can_be_left(
    session: Session, author: Person, new_page: NewPage
) -> None:
    make_writeup(session, author, "The cache fell over", body="So.")
    page = new_page(author, width=390)
    page.goto("/writeups/the-cache-fell-over/edit")
    page.evaluate(PASTE, [base64.b64encode(PICTURE).decode(), "image/png"])
    dialog = page.get_by_role("dialog", name="What does it show?")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    page.evaluate(PASTE, [base64.b64encode(b"%PDF").decode(), "application/pdf"])
    expect(page.locator("[data-images-said]")).to_have_text(
        "Only pictures can be added here: PNG, JPEG, WebP or GIF."
    )
    assert session.scalars(select(Attachment)).all() == []
