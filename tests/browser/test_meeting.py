"""The meeting in a real Chromium: a key for each decision, one field at most, undo, and what others decide meanwhile."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.action_reviews.models import ActionReview
from postmortem.actions.operations import edit_action
from tests.factories.action_reviews import decisions_of, make_review
from tests.factories.actions import make_action, stored_actions
from tests.factories.incidents import make_incident

NewPage = Callable[..., Page]


@pytest.fixture
def meeting(session: Session, facilitator: Person, author: Person) -> ActionReview:
    incident, today = make_incident(session, author), clock.today()
    for days, title in ((9, "Add an alarm"), (5, "Rehearse it"), (2, "Ask the vendor")):
        make_action(
            session, incident, title, owner=author, due_on=today - timedelta(days=days), end_state="It works."
        )
    return make_review(session, facilitator)


def test_a_meeting_is_walked_by_keys(
    session: Session, meeting: ActionReview, facilitator: Person, new_page: NewPage
) -> None:
    page = new_page(facilitator, width=1920)
    page.goto(f"/actions/review/{meeting.id}")
    title = page.locator("h1")
    expect(title).to_contain_text("Add an alarm")
    page.keyboard.press("ArrowRight")
    expect(title).to_contain_text("Rehearse it")
    page.keyboard.press("b")
    expect(title).to_contain_text("Add an alarm")
    # A decision with one field: its key opens it, what is typed there is no key, Enter sends it.
    page.keyboard.press("x")
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.type("keep nothing")
    page.keyboard.press("Enter")
    expect(title).to_contain_text("Rehearse it")
    page.keyboard.press("d")
    expect(title).to_contain_text("Ask the vendor")
    expect(page.locator(".meeting__progress")).to_contain_text("2 of 3")
    page.keyboard.press("u")
    expect(title).to_contain_text("Rehearse it")
    page.keyboard.press("s")
    expect(title).to_contain_text("Ask the vendor")
    page.keyboard.press("r")
    page.keyboard.press("Escape")
    expect(page.locator("details.key[open]")).to_have_count(0)
    page.keyboard.press("k")
    expect(title).to_have_text("Everything is decided")
    assert [each.status.value for each in stored_actions(session)] == ["not_doing", "in_progress", "proposed"]
    assert [each.decision.value for each in decisions_of(session, meeting)] == [
        *("not_doing", "done", "start", "keep")
    ]


def test_the_other_keys(
    session: Session, meeting: ActionReview, facilitator: Person, new_page: NewPage
) -> None:
    """Next, comment, split, why verifying leads nowhere and, of what is done, what did not work; open questions."""
    last = stored_actions(session)[-1]
    edit_action(session, last, {"status": "done"}, version=None, actor=facilitator)
    last.verify_on = clock.today()
    session.commit()
    page = new_page(facilitator, width=1280)
    page.goto(f"/actions/review/{meeting.id}")
    title, box = page.locator("h1"), page.locator("details.key[open]")
    page.keyboard.press("v")
    expect(box).to_contain_text("Only what is done can be verified.")
    expect(box.locator("summary")).to_be_focused()
    # Another key closes it again and does what it does.
    page.keyboard.press("c")
    expect(box.locator("textarea")).to_be_focused()
    page.keyboard.type("Never in the night.")
    box.get_by_role("button", name="Comment").click()
    expect(page.locator(".meeting__comment")).to_contain_text("Fay Facilitator: Never in the night.")
    page.keyboard.press("n")
    expect(title).to_contain_text("Rehearse it")
    page.keyboard.press("p")
    page.keyboard.type("Rehearse it by night")
    page.keyboard.press("Enter")
    expect(title).to_contain_text("Ask the vendor")
    expect(page.locator(".meeting__question")).to_contain_text("Did it work?")
    page.keyboard.press("v")
    page.keyboard.type("Asked; nobody answers.")
    box.get_by_role("button", name="It did not: a new action").click()
    expect(title).to_contain_text("Add an alarm")
    page.keyboard.press("q")
    expect(title).to_have_text("Open questions")
    made = decisions_of(session, meeting)
    assert [each.decision.value for each in made] == ["split", "verify"]
    assert [each.came_from_id for each in stored_actions(session)] == [None, None, None, 2, 3]


def test_what_another_decides_is_seen_within_seconds_and_nothing_typed_is_lost(
    meeting: ActionReview, facilitator: Person, author: Person, new_page: NewPage
) -> None:
    mine, theirs = new_page(facilitator), new_page(author)
    for page in (mine, theirs):
        page.goto(f"/actions/review/{meeting.id}")
    theirs.keyboard.press("h")
    expect(theirs.locator("#owner")).to_be_focused()
    theirs.locator("#owner").fill("fay-facilitator@example.com")
    mine.keyboard.press("k")
    expect(mine.locator("h1")).to_contain_text("Rehearse it")
    # Seen at once, while the form that is open stays as it is.
    expect(theirs.locator(".meeting__decided")).to_contain_text("decided by Fay Facilitator", timeout=8000)
    expect(theirs.locator(".meeting__progress")).to_contain_text("1 of 3")
    expect(theirs.locator("#owner")).to_have_value("fay-facilitator@example.com")
    theirs.locator("details.key[open] button[type=submit]").click()
    expect(theirs.locator(".meeting__decided--late")).to_contain_text("Somebody was faster")
    theirs.get_by_role("button", name="Take it back and decide anew").click()
    expect(theirs.locator(".meeting__decided")).to_have_count(0)
    expect(mine.locator(".meeting__progress")).to_contain_text("0 of 3", timeout=8000)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_screen_fits_and_is_accessible(
    meeting: ActionReview,
    author: Person,
    new_page: NewPage,
    axe: Callable[[Page], None],
    width: int,
    scheme: str,
) -> None:
    page = new_page(author, width=width, scheme=scheme)
    for path in ("/actions/review", f"/actions/review/{meeting.id}", f"/actions/review/{meeting.id}/minutes"):
        page.goto(path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path


def test_a_meeting_goes_without_script(
    session: Session, meeting: ActionReview, facilitator: Person, new_page: NewPage
) -> None:
    page = new_page(facilitator, script=False)
    page.goto(f"/actions/review/{meeting.id}")
    page.locator("[data-key=p]").click()
    page.fill("#title", "Ask another vendor")
    page.get_by_role("button", name="Split it off").click()
    expect(page.locator("h1")).to_contain_text("Rehearse it")
    page.get_by_role("button", name="Keep").click()
    page.get_by_role("button", name="Undo keep of ACT-2").click()
    expect(page.locator("h1")).to_contain_text("Rehearse it")
    page.get_by_role("button", name="End").click()
    expect(page.locator("main")).to_contain_text("Ask another vendor was split off")
    assert stored_actions(session)[-1].came_from_id == 1
