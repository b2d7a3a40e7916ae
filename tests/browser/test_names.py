"""In a browser: a write-up that names people is looked through, a word is ticked, a role changed, and readers meet roles."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.incidents.operations import edit_incident
from tests.factories.accounts import make_person
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup

BODY = (
    "## What Zelda saw\n\nZelda’s pager rang, and Will Threlkeld was asked. Will we be faster? "
    "Priya Raman called.\n\n```\nssh zelda@host\n```\n"
)


def test_people_become_roles_before_readers_see_them(
    session: Session,
    author: Person,
    reader: Person,
    new_page: Callable[..., Page],
    axe: Callable[[Page], None],
) -> None:
    zelda, _ = (make_person(session, name) for name in ("Zelda Quimby", "Will Threlkeld"))
    incident = make_incident(session, author, "Playback stops")
    edit_incident(
        session, incident, {"participants": [(zelda.email, "On-call engineer")]}, version=None, actor=author
    )
    make_writeup(session, author, "Zelda's night", body=BODY, tldr="Zelda met a queue.", incidents=[incident])

    page = new_page(author)
    page.goto("/writeups/zeldas-night/publish")
    axe(page)
    shown = page.get_by_role("article", name="The text as readers will see it")
    expect(shown).to_contain_text("What the on-call engineer saw")
    expect(shown).to_contain_text("a colleague was asked. Will we be faster? Priya Raman called.")
    expect(page.get_by_text("A new one without the name")).to_be_visible()

    # A better role, and a name that nobody here has.
    page.locator(f'[name="role-{zelda.email}"]').fill("the *captain*")
    page.get_by_text("Names that nobody here has").click()
    page.get_by_label("Priya Raman", exact=True).fill("a customer")
    page.get_by_role("button", name="Keep this and show the text again").click()
    expect(page.get_by_text("nothing is published yet")).to_be_visible()
    expect(shown).to_contain_text("The captain’s pager rang")
    expect(shown).to_contain_text("A customer called.")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.wait_for_url("**/writeups/the-captains-night")

    # A reader on a phone, who then agrees to be named.
    small = new_page(zelda, width=390, scheme="dark")
    small.goto("/writeups/the-captains-night")
    expect(small.get_by_role("heading", level=1)).to_have_text("The captain's night")
    text = small.locator("main").inner_text()
    assert not [name for name in ("Zelda", "Quimby", "Threlkeld", "Priya") if name in text]
    assert "ssh captain@host" in text
    small.get_by_role("link", name="Your name in it").click()
    axe(small)
    small.get_by_label("Name me", exact=True).check()
    small.get_by_role("button", name="Keep my answer").click()
    expect(small.get_by_text("You agreed to be named.").first).to_be_visible()

    page.goto("/writeups/the-captains-night/publish")
    expect(shown).to_contain_text("Zelda’s pager rang")
    old = new_page(reader).goto("/writeups/zeldas-night")
    assert old and old.status == 404
