"""A reader asks below an entry and is answered; what the entry leaves open is settled, in a real Chromium."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from tests.factories.writeups import publish_writeup

NewPage = Callable[..., Page]
Axe = Callable[[Page], None]
BODY = "## What happened\n\nA cache.\n\n## Open questions\n\n- Why did nobody notice?\n- Who owns the spare lamp?\n"


def test_from_asking_to_settling(
    session: Session, author: Person, reader: Person, new_page: NewPage, axe: Axe
) -> None:
    publish_writeup(session, author, "Told", body=BODY)

    # A reader wonders below the entry, and asks.
    asks = new_page(reader)
    asks.goto("/writeups/told")
    asks.get_by_role("link", name="Ask a question about this").click()
    expect(asks.get_by_text("Nobody has asked anything yet")).to_be_visible()
    axe(asks)
    asks.get_by_role("button", name="Ask").click()
    expect(asks.get_by_role("alert")).to_be_visible()
    axe(asks)
    asks.fill("#question-text", "Was it the **blue** one?")
    asks.get_by_role("button", name="Ask").click()
    thread = asks.locator(".thread")
    expect(thread.get_by_text("Was it the blue one?")).to_be_visible()
    axe(asks)

    # A new hire looks for what is open, finds all three, and narrows them.
    hired = new_page(author)
    hired.goto("/")
    hired.get_by_role("navigation", name="Main").get_by_role("link", name="Questions").click()
    expect(hired.get_by_text("3 questions")).to_be_visible()
    axe(hired)
    hired.fill("#q", "LAMP")
    hired.get_by_role("button", name="Show").click()
    expect(hired.locator(".question")).to_have_count(1)
    expect(hired.locator(".question")).to_contain_text("spare lamp")

    # Its author answers, and settles what was found out since.
    hired.goto("/questions?kind=readers")
    hired.get_by_role("link", name="Was it the blue one?").click()
    hired.get_by_role("link", name="Answer this question").click()
    hired.fill("#answer-text", "The green one.")
    axe(hired)
    hired.get_by_role("button", name="Answer").click()
    expect(hired.locator(".said--author")).to_contain_text("The green one.")
    hired.get_by_role("link", name="Say what we found out about “Why did nobody notice?”").click()
    hired.fill("#outcome", "The alarm was off.")
    axe(hired)
    hired.get_by_role("button", name="Settle it").click()
    expect(hired.get_by_text("The alarm was off.")).to_be_visible()
    axe(hired)

    # The reader has the answer, and one thing is still open.
    asks.goto("/writeups/told/questions")
    expect(asks.locator(".thread")).to_contain_text("The green one.")
    expect(asks.locator(".thread")).to_contain_text("Answered")
    asks.goto("/questions")
    expect(asks.locator(".question")).to_have_count(1)

    # They delete their question, and want it back.
    asks.goto("/writeups/told/questions")
    asks.get_by_role("button", name="Delete the question").click()
    expect(asks.locator(".thread")).to_have_count(0)
    asks.get_by_role("button", name="Undo").click()
    expect(asks.locator(".thread")).to_contain_text("The green one.")


def test_a_phone_shows_all_of_it(session: Session, author: Person, new_page: NewPage, axe: Axe) -> None:
    body = "## Open questions\n\n- " + "Whynot" * 60 + "\n"
    publish_writeup(session, author, "Told", body=body)
    page = new_page(author)
    page.set_viewport_size({"width": 390, "height": 800})
    for path in ("/questions", "/writeups/told/questions", "/open-questions/1/settle"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        axe(page)
