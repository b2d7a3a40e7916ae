"""Proving again who one is: asked for where it matters, after ten minutes, with nothing typed lost."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person, SingleUseLink
from tests.support.client import PASSWORD, Browser
from tests.support.pages import Page
from tests.support.second_factor import app_code, switch_on

SignInAs = Callable[[Person], Browser]
Freeze = Callable[[datetime], None]
LATER = timedelta(minutes=11)
ASKS = "Confirm that it is you"


@pytest.fixture
def later(frozen: Freeze) -> Callable[[], None]:
    """Eleven minutes pass."""
    return lambda: frozen(clock.now() + LATER)


def test_whoever_just_signed_in_is_not_asked(sign_in: SignInAs, author: Person, frozen: Freeze) -> None:
    browser, start = sign_in(author), clock.now()
    frozen(start + timedelta(minutes=9))
    assert browser.get("/me/second-factor").status == 200


def test_a_page_asks_and_leads_on(sign_in: SignInAs, author: Person, later: Callable[[], None]) -> None:
    browser = sign_in(author)
    later()
    page = browser.get("/me/second-factor")
    assert page.location == "/confirm?next=/me/second-factor"
    wrong = browser.submit(page.location, {"confirm_password": "wrong wrong"})
    assert wrong.status == 422 and "That is not your password." in wrong.text
    assert browser.get("/me/second-factor").status == 303
    assert browser.submit(page.location, {"confirm_password": PASSWORD}).location == "/me/second-factor"
    assert browser.get("/me/second-factor").status == 200
    later()
    assert browser.get("/me/second-factor").status == 303


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/nowhere"])
def test_it_leads_only_to_our_pages(sign_in: SignInAs, author: Person, target: str) -> None:
    data = {"confirm_password": PASSWORD}
    assert sign_in(author).post("/confirm", data, query_string={"next": target}).location == "/"


def test_confirming_in_one_browser_does_not_count_in_another(
    sign_in: SignInAs, author: Person, later: Callable[[], None]
) -> None:
    here, there = sign_in(author), sign_in(author)
    later()
    here.submit("/confirm", {"confirm_password": PASSWORD})
    assert here.get("/me/second-factor").status == 200
    assert there.get("/me/second-factor").status == 303


def send(browser: Browser, page: Page, **changes: str) -> Page:
    form = page.forms[-1]
    return browser._page(browser.client.post(form.action or "", data={**form.data, **changes}))


@pytest.mark.parametrize("change", ["email", "role"])
def test_a_form_that_needs_it_goes_on_with_all_that_was_typed(
    sign_in: SignInAs, admin: Person, author: Person, session: Session, later: Callable[[], None], change: str
) -> None:
    browser = sign_in(admin)
    later()
    values = {"email": "new@example.com"} if change == "email" else {"role": "admin"}
    path = f"/people/{author.id}/edit"
    page = browser.submit(path, {"name": "  Änne <b>Author</b>", **values})
    assert (page.status, ASKS in page.title) == (403, True)
    session.refresh(author)
    assert author.name == "Aino Author"
    wrong = send(browser, page, confirm_password="wrong wrong")
    assert (wrong.status, ASKS in wrong.title) == (422, True)
    session.refresh(author)
    assert author.name == "Aino Author"
    assert send(browser, wrong, confirm_password=PASSWORD).location == f"/people/{author.id}"
    session.refresh(author)
    assert author.name == "Änne <b>Author</b>"
    assert (author.email, author.role.value) == (
        ("new@example.com", "contributor") if change == "email" else ("aino-author@example.com", "admin")
    )


def test_a_form_that_does_not_need_it_does_not_ask(
    sign_in: SignInAs, admin: Person, author: Person, later: Callable[[], None]
) -> None:
    browser = sign_in(admin)
    later()
    page = browser.submit(f"/people/{author.id}/edit", {"name": "Änne Author", "role": "facilitator"})
    assert page.location == f"/people/{author.id}"


def test_adding_an_admin_asks(sign_in: SignInAs, admin: Person, later: Callable[[], None]) -> None:
    browser = sign_in(admin)
    later()
    page = browser.submit("/people/new", {"email": "n@example.com", "name": "Nia", "role": "admin"})
    assert page.status == 403
    page = send(browser, page, confirm_password=PASSWORD)
    assert page.status == 303 and (page.location or "").startswith("/people/")


@pytest.mark.parametrize("end", ["link", "link/mail"])
def test_a_link_to_set_a_password_that_is_shown_asks(
    sign_in: SignInAs, admin: Person, author: Person, session: Session, later: Callable[[], None], end: str
) -> None:
    """Or a browser that an admin left open would be enough to become anybody, the admin included."""
    browser = sign_in(admin)
    later()
    for person in (author, admin):
        page = browser.post(f"/people/{person.id}/{end}")
        assert (page.status, ASKS in page.title) == (403, True)
        assert session.scalar(select(func.count()).select_from(SingleUseLink)) == 0
    assert send(browser, page, confirm_password=PASSWORD).location == f"/people/{admin.id}"
    assert "/password/" in browser.get(f"/people/{admin.id}").html


def test_a_code_is_enough_too_and_works_once(
    sign_in: SignInAs, author: Person, session: Session, frozen: Freeze
) -> None:
    switch_on(session, author)
    browser = sign_in(author)
    frozen(clock.now() + LATER)
    code = app_code(author)
    assert browser.submit("/confirm?next=/me", {"confirm_code": code}).location == "/me"
    other = sign_in(author)
    assert other.submit("/confirm?next=/me", {"confirm_code": code}).status == 422


def test_a_password_cannot_be_guessed_here_either(
    sign_in: SignInAs, anonymous: Browser, author: Person
) -> None:
    browser = sign_in(author)
    answers = [
        browser.submit("/confirm", {"confirm_password": f"wrong {number}"}).status for number in range(11)
    ]
    assert answers == [422] * 10 + [429]
    assert anonymous.submit("/login", {"email": author.email, "password": PASSWORD}).status == 429


def test_whoever_has_no_password_signs_in_again(
    sign_in: SignInAs, author: Person, session: Session, later: Callable[[], None]
) -> None:
    author.password_hash = None
    session.commit()
    browser = sign_in(author)
    later()
    page = browser.get("/confirm?next=/me/second-factor")
    assert "You have no password here." in page.text
    assert browser.post("/confirm", {"confirm_password": ""}).status == 422
    assert page.forms[-1].action == "/confirm/again?next=/me/second-factor"
    assert browser.post(page.forms[-1].action).location == "/login?next=/me/second-factor"
    assert browser.get("/me").status == 303
