"""What is typed survives a crash of the browser, of the server and of the connection, in a real Chromium."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person, SignIn
from postmortem.incidents.models import Incident
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup
from tests.support.client import PASSWORD

NewPage = Callable[..., Page]
KEPT = "Object.entries(localStorage).filter(([key]) => key.startsWith('postmortem-draft'))"


def kept(page: Page) -> list[tuple[str, dict[str, Any]]]:
    """What the browser keeps: keys and contents."""
    return [(key, json.loads(value)) for key, value in page.evaluate(KEPT)]


def wait_until_kept(page: Page, text: str) -> None:
    wait_until(page, lambda: text in str(kept(page)))


def wait_until(page: Page, holds: Callable[[], bool]) -> None:
    # Not by wait_for_function, which needs what the site's policy forbids.
    for _ in range(80):
        if holds():
            return
        page.wait_for_timeout(50)
    pytest.fail(f"Not within four seconds; kept is {kept(page)}")


def crash(page: Page) -> Page:
    """The tab is gone, with whatever its page had in mind; returns another tab of the same browser."""
    context = page.context
    page.close(run_before_unload=False)
    fresh = context.new_page()
    fresh.set_default_timeout(8_000)
    return fresh


def bar(page: Page) -> Any:
    return page.locator(".draft-bar")


def bring_back(page: Page) -> None:
    page.get_by_role("button", name=re.compile(r"Bring back what you typed at \d\d:\d\d")).click()


def test_a_crash_of_the_tab_loses_nothing(
    new_page: NewPage, session: Session, author: Person, axe: Callable[[Page], None]
) -> None:
    page = new_page(author)
    page.goto("/incidents/new")
    page.fill("#title", "Orders without receipts")
    page.locator("summary", has_text="Tags, links").click()
    links = page.locator("#links")
    while links.locator("[data-row]").count() < 5:
        page.get_by_role("button", name="Add another link").click()
    links.get_by_label("Words").nth(4).fill("The fifth link")
    page.locator("#summary").fill("Since 14:03 no receipts.\n" * 900)
    page.locator("#severity").select_option("sev2")
    wait_until_kept(page, "Since 14:03")

    page = crash(page)
    page.goto("/incidents/new")
    expect(bar(page).get_by_role("status")).to_have_text(
        re.compile(r"You typed something here until \d\d:\d\d that was not saved\.")
    )
    # It is offered, not filled in.
    expect(page.locator("#title")).to_have_value("")
    axe(page)
    bring_back(page)
    expect(bar(page).get_by_role("status")).to_have_text(
        "It is back in the form. Look through it, then save."
    )
    expect(bar(page).get_by_role("status")).to_be_focused()
    expect(page.locator("#title")).to_have_value("Orders without receipts")
    expect(page.locator("#severity")).to_have_value("sev2")
    assert len(page.locator("#summary").input_value()) > 20_000
    expect(page.locator("#links").get_by_label("Words").nth(4)).to_have_value("The fifth link")

    page.locator("#links").get_by_label("Address").nth(4).fill("https://example.com/5")
    page.get_by_role("button", name="Save now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Orders without receipts")
    assert kept(page) == []
    page.goto("/incidents/new")
    expect(bar(page)).to_be_hidden()
    assert session.scalar(select(func.count()).select_from(Incident)) == 1


def test_what_was_typed_may_be_thrown_away(new_page: NewPage, author: Person) -> None:
    page = new_page(author)
    page.goto("/incidents/new")
    page.fill("#title", "Orders without receipts")
    page.reload()
    page.get_by_role("button", name="Discard").click()
    expect(bar(page).get_by_role("status")).to_have_text("Discarded.")
    assert kept(page) == []
    expect(page.locator("#title")).to_have_value("")
    # Typing and taking it back leaves nothing either.
    page.fill("#title", "x")
    wait_until_kept(page, "'x'")
    page.fill("#title", "")
    wait_until(page, lambda: kept(page) == [])


def test_no_answer_to_a_form_loses_nothing_and_doubles_nothing(
    new_page: NewPage, session: Session, author: Person
) -> None:
    """The connection breaks once before the server saw the form, and once after it saved it."""
    page = new_page(author)
    page.goto("/incidents/new")
    page.fill("#title", "Orders without receipts")
    page.context.route("**/incidents/new", lambda route: route.abort())
    page.get_by_role("button", name="Save now").click()
    page.wait_for_url(re.compile("^chrome-error:"))
    page.context.unroute("**/incidents/new")
    page.goto("/incidents/new")
    expect(bar(page).get_by_role("status")).to_have_text(
        re.compile("You sent this form at .* and no answer came")
    )
    bring_back(page)

    def lose_the_answer(route: Any) -> None:
        route.fetch(max_redirects=0)
        page.context.clear_cookies(name="postmortem-saved")
        route.abort()

    page.context.route("**/incidents/new", lose_the_answer)
    page.get_by_role("button", name="Save now").click()
    page.wait_for_url(re.compile("^chrome-error:"))
    page.context.unroute("**/incidents/new")
    assert session.scalar(select(func.count()).select_from(Incident)) == 1
    page.goto("/incidents/new")
    bring_back(page)
    page.get_by_role("button", name="Save now").click()
    page.wait_for_url(re.compile(r"/incidents/\d+$"))
    assert session.scalar(select(func.count()).select_from(Incident)) == 1
    assert kept(page) == []


def test_a_refused_form_goes_on_being_kept_until_it_is_saved(
    new_page: NewPage, session: Session, author: Person
) -> None:
    page = new_page(author)
    page.goto("/incidents/new")
    page.locator("#summary").fill("No title yet.")
    page.get_by_role("button", name="Save now").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(bar(page)).to_be_hidden()
    assert len(kept(page)) == 1
    page = crash(page)
    page.goto("/incidents/new")
    bring_back(page)
    expect(page.locator("#summary")).to_have_value("No title yet.")
    page.fill("#title", "Orders without receipts")
    page.get_by_role("button", name="Save now").click()
    page.wait_for_url(re.compile(r"/incidents/\d+$"))
    assert kept(page) == []


def test_what_somebody_else_saved_meanwhile_is_shown_beside_it(
    new_page: NewPage, session: Session, author: Person, facilitator: Person
) -> None:
    writeup = make_writeup(session, author, title="The shard that was not there", body="Once upon a time.")
    page = new_page(author)
    page.goto(f"/writeups/{writeup.slug}/edit")
    page.fill("#body", "Mine, and long.")
    wait_until_kept(page, "Mine")
    page = crash(page)

    other = new_page(facilitator)
    other.goto(f"/writeups/{writeup.slug}/edit")
    other.fill("#body", "Theirs.")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.locator(".conflict")).to_have_count(0)

    page.goto(f"/writeups/{writeup.slug}/edit")
    expect(bar(page).get_by_role("status")).to_contain_text("The record was changed since")
    bring_back(page)
    page.get_by_role("button", name="Save", exact=True).click()
    choice = page.locator(".clash")
    expect(choice).to_contain_text("Mine, and long.")
    expect(choice).to_contain_text("Theirs.")
    page.get_by_label("Keep mine").check()
    page.get_by_role("button", name="Save it like this").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    session.expire_all()
    assert writeup.body == "Mine, and long."
    assert kept(page) == []


def test_a_choice_between_two_texts_of_a_record(
    new_page: NewPage, session: Session, author: Person, facilitator: Person
) -> None:
    incident = make_incident(session, author, "Twice the same", summary="The night.\n\nThe morning.")
    page, other = new_page(author), new_page(facilitator)
    for each, text in (
        (other, "The night.\n\nThe morning.\n\nAnd theirs."),
        (page, "Mine first.\n\nThe night.\n\nThe morning, late."),
    ):
        each.goto(f"/incidents/{incident.id}/edit")
        each.fill("#summary", text)
    for each in (other, page):
        each.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Use what is saved: Summary").click()
    expect(page.locator("#summary")).to_have_value("The night.\n\nThe morning.\n\nAnd theirs.")
    page.get_by_role("button", name="Keep mine: Summary").click()
    expect(page.locator("#summary")).to_have_value("Mine first.\n\nThe night.\n\nThe morning, late.")
    # Taking both repeats no paragraph that both have.
    page.get_by_role("button", name="Take both: Summary").click()
    expect(page.locator("#summary")).to_have_value(
        "Mine first.\n\nThe night.\n\nThe morning, late.\n\nThe morning.\n\nAnd theirs."
    )


def test_two_tabs_keep_two_texts(new_page: NewPage, author: Person) -> None:
    first = new_page(author)
    first.goto("/incidents/new")
    second = first.context.new_page()
    second.goto("/incidents/new")
    first.fill("#title", "The first")
    wait_until_kept(first, "The first")
    second.fill("#title", "The second")
    wait_until_kept(second, "The second")
    assert len(kept(first)) == 2
    first.get_by_role("button", name="Save now").click()
    first.wait_for_url(re.compile(r"/incidents/\d+$"))
    assert [value["fields"] for _, value in kept(first) if "The first" in str(value)] == []
    second = crash(second)
    second.goto("/incidents/new")
    bring_back(second)
    expect(second.locator("#title")).to_have_value("The second")


def test_an_expired_sign_in_loses_nothing(new_page: NewPage, session: Session, author: Person) -> None:
    page = new_page(author)
    page.goto("/incidents/new")
    page.fill("#title", "Orders without receipts")
    session.execute(update(SignIn).values(created_at=clock.now() - timedelta(days=60)))
    page.get_by_role("button", name="Save now").click()
    page.wait_for_url(re.compile("/login"))
    assert len(kept(page)) == 1
    page.fill("#email", author.email)
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_load_state()
    page.goto("/incidents/new")
    bring_back(page)
    expect(page.locator("#title")).to_have_value("Orders without receipts")


@pytest.mark.parametrize("how", ["signing out", "somebody else", "after a week"])
def test_nothing_is_left_behind(new_page: NewPage, author: Person, reader: Person, how: str) -> None:
    page = new_page(author)
    page.goto("/incidents/new")
    page.fill("#title", "Orders without receipts")
    wait_until_kept(page, "Orders")
    # Whose it is stands there as a key that says nothing about them.
    assert author.email not in page.evaluate("JSON.stringify(localStorage)")
    if how == "signing out":
        page.evaluate("localStorage.setItem('other', 'x')")
        page.locator("details.menu summary").click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(re.compile("/login"))
        assert page.evaluate("[{...localStorage}, {...sessionStorage}]") == [{}, {}]
    elif how == "somebody else":
        page.context.clear_cookies()
        page.goto("/login")
        page.fill("#email", reader.email)
        page.fill("#password", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(re.compile(r"//[^/]+/$"))
        assert kept(page) == []
    else:
        page.clock.install(time=clock.now() + timedelta(days=7, minutes=1))
        page.goto("/")
        assert kept(page) == []


def test_secrets_are_never_kept(new_page: NewPage, author: Person, admin: Person) -> None:
    page = new_page(author)
    page.goto("/me/profile")
    page.fill("#name", "Somebody New")
    page.fill("#current_password", "a secret of mine")
    wait_until_kept(page, "Somebody New")
    assert "a secret of mine" not in page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    page.context.clear_cookies()
    page.goto("/login")
    page.fill("#email", "somebody@example.com")
    page.fill("#password", "a secret of mine")
    page.wait_for_timeout(600)
    page.reload()
    assert "somebody@" not in page.evaluate("JSON.stringify([localStorage, sessionStorage])")
