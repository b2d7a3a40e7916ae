"""A write-up is reviewed, in a real Chromium: asked, talked through, mended with one click, approved, published."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.reviews.operations import ask
from postmortem.reviews.operations_comments import answer, comment_on
from postmortem.writeups.models import Writeup
from tests.factories.accounts import make_team
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup

NewPage = Callable[..., Page]
Axe = Callable[[Page], None]
BODY = (
    "## What happened\n\nThe cache kept yesterday's catalogue.\n\nThe operator should have checked the clock."
)
URL = "/writeups/the-cache-that-remembered/review"


@pytest.fixture
def writeup(session: Session, author: Person) -> Writeup:
    incident = make_incident(session, author, severity="sev1")
    return make_writeup(session, author, incidents=[incident], body=BODY)


def passage(page: Page, words: str) -> Any:
    return page.locator(".passage").filter(has=page.locator(".passage__text", has_text=words))


def say(page: Page, words: str, text: str, suggestion: str | None = None) -> None:
    """Comment on the paragraph with these words."""
    page.goto(URL)
    passage(page, words).get_by_role("link", name="Comment").click()
    expect(page.locator("#comment-text")).to_be_focused()
    expect(passage(page, words).locator(".passage__text")).to_be_in_viewport()
    page.fill("#comment-text", text)
    if suggestion is not None:
        page.fill("#suggestion", suggestion)
    page.get_by_role("button", name="Say it").click()


def test_from_asking_to_publishing(
    session: Session,
    admin: Person,
    author: Person,
    outsider: Person,
    writeup: Writeup,
    new_page: NewPage,
    axe: Axe,
) -> None:
    # An admin decides that the worst need a review.
    office = new_page(admin)
    office.goto("/settings/reviews")
    office.select_option("#need_sev1", "required")
    office.get_by_role("button", name="Save").click()
    expect(office.get_by_text("The policy is saved.")).to_be_visible()
    axe(office)

    # Its author cannot publish yet, is told why, and asks somebody.
    writer = new_page(author)
    writer.goto("/writeups/the-cache-that-remembered/publish")
    expect(writer.get_by_text("A review is required")).to_be_visible()
    axe(writer)
    writer.get_by_role("link", name="Ask somebody").click()
    writer.fill("#whom", outsider.email)
    writer.fill("#note", "Is the cache told right?")
    writer.get_by_role("button", name="Ask for a review").click()
    expect(writer.get_by_text(f"{outsider.name} is asked")).to_be_visible()
    axe(writer)

    # Whoever is asked comments on a paragraph, and suggests other words for the next.
    reviewer = new_page(outsider)
    say(reviewer, "The cache kept", "Which *cache* was it?")
    expect(passage(reviewer, "The cache kept").get_by_text("Which cache was it?")).to_be_visible()
    say(reviewer, "The operator should", "", "The runbook did not mention the clock.")
    suggestion = passage(reviewer, "The operator should").locator(".remark__suggestion")
    expect(suggestion.locator("ins").first).to_have_text("runbook")
    expect(suggestion.get_by_role("button", name="Apply")).to_have_count(0)
    axe(reviewer)
    reviewer.get_by_role("link", name="Go through it").click()
    reviewer.get_by_role("radio", name="Not yet").first.check()
    reviewer.locator("fieldset").first.get_by_label("Note").fill("Ask whoever was on call.")
    axe(reviewer)
    reviewer.get_by_role("button", name="Save").click()
    expect(reviewer.get_by_text("1 of 5 questions are answered, 1 with “not yet”.")).to_be_visible()
    reviewer.select_option("#verdict", "changes")
    reviewer.fill("#verdict-text", "Say which cache.")
    reviewer.get_by_role("button", name="Give your verdict").click()
    expect(reviewer.locator(".verdict")).to_contain_text("asks for changes")

    # The author answers, applies the words with one click, and says which cache it was.
    writer.goto(URL)
    passage(writer, "The cache kept").get_by_role("link", name="Answer").click()
    expect(writer.locator("#answer-text")).to_be_focused()
    writer.fill("#answer-text", "The second.")
    writer.get_by_role("button", name="Answer").click()
    passage(writer, "The operator should").get_by_role("button", name="Apply").click()
    expect(writer.get_by_text("The suggestion stands in the text now")).to_be_visible()
    expect(passage(writer, "The runbook did not mention the clock.")).to_have_count(1)
    writer.get_by_role("link", name="Edit", exact=True).click()
    text = writer.locator("#body")
    text.fill(text.input_value().replace("The cache kept", "It was in spring.\n\nThe second cache kept"))
    writer.get_by_role("button", name="Save", exact=True).click()
    writer.wait_for_url(lambda url: "/edit" not in url)

    # The comment is still at its paragraph, which says that it was changed; the verdict is about an earlier text.
    writer.goto(URL)
    thread = passage(writer, "The second cache kept").locator(".remark").first
    expect(thread).to_contain_text("The paragraph was changed since. It read:")
    expect(thread).to_contain_text("The second.")
    expect(writer.locator(".verdict")).to_contain_text("About an earlier text.")
    thread.get_by_role("button", name="Resolve").click()
    expect(writer.get_by_text("No comment is open.")).to_be_visible()
    writer.get_by_role("button", name="Ask again").click()
    expect(writer.get_by_role("button", name="Ask again")).to_have_count(0)
    axe(writer)

    # The reviewer looks again and approves; now it can be published.
    reviewer.goto(URL)
    reviewer.select_option("#verdict", "approve")
    reviewer.get_by_role("button", name="Give your verdict").click()
    expect(reviewer.get_by_text(f"Approved by {outsider.name}.")).to_be_visible()
    writer.goto("/writeups/the-cache-that-remembered/publish")
    expect(writer.get_by_text(f"Approved by {outsider.name}.")).to_be_visible()
    writer.get_by_role("button", name="Publish", exact=True).click()
    writer.wait_for_url(lambda url: url.endswith("/writeups/the-cache-that-remembered"))
    expect(writer.get_by_role("link", name="Review", exact=True)).to_be_visible()


def test_who_leads_it_and_going_without(
    session: Session, author: Person, admin: Person, writeup: Writeup, new_page: NewPage, axe: Axe
) -> None:
    writer = new_page(author)
    writer.goto(URL)
    writer.fill("#facilitator", admin.email)
    writer.locator("form", has=writer.locator("#facilitator")).get_by_role("button", name="Save").click()
    writer.wait_for_load_state()
    expect(writer.locator("#facilitator")).to_have_value(admin.email)
    office = new_page(admin)
    office.goto("/settings/reviews")
    office.select_option("#need_sev1", "required")
    office.get_by_role("button", name="Save").click()
    writer.goto("/writeups/the-cache-that-remembered/publish")
    writer.fill("#skip-reason", "Everybody who knows it left.")
    writer.get_by_role("button", name="Skip the review").click()
    expect(writer.get_by_text("Published without, because: “Everybody who knows it left.”")).to_be_visible()
    axe(writer)


def test_words_are_kept_from_the_review(
    session: Session, author: Person, writeup: Writeup, new_page: NewPage, axe: Axe
) -> None:
    writer = new_page(author)
    writer.goto(URL)
    writer.get_by_text("hint about its words").click()
    writer.get_by_text("Keep, because…").click()
    axe(writer)
    writer.get_by_label("Why these words are right here").fill("The alarm said so.")
    writer.get_by_role("button", name="Keep these words").click()
    expect(writer.get_by_text("Kept on purpose: 1")).to_be_visible()
    assert writer.url.endswith(f"{URL}#language")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_long_talk_reads_on_every_screen(
    session: Session,
    author: Person,
    outsider: Person,
    writeup: Writeup,
    new_page: NewPage,
    axe: Axe,
    width: int,
    scheme: str,
) -> None:
    for whom in (outsider, make_team(session, "Sound", outsider)):
        ask(session, writeup, whom, note="The *cache*?", actor=author)
    for number in range(12):
        comment = comment_on(
            session, writeup, f"Oh {number}.", revision=1, paragraph=3, suggestion="Other.", actor=outsider
        )
        answer(session, comment, "Yes.", actor=author)
    session.commit()
    page = new_page(author, width=width, scheme=scheme)
    page.goto(f"{URL}?answer={comment.id}")
    # The one that is answered stands among those that are folded.
    expect(page.locator("#answer-text")).to_be_visible()
    axe(page)
    page.goto(URL)
    expect(page.get_by_text("7 more comments")).to_be_visible()
    expect(page.get_by_text("Oh 11.")).to_be_hidden()
    page.goto(f"{URL}?on=0")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
