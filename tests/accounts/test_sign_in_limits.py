"""Guessing passwords through the form: refused in time, whoever is guessed, and telling nothing."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts import passwords
from postmortem.accounts.models import Person, SignIn, SignInAttempt
from postmortem.accounts.operations_sign_in import issue_password_link
from postmortem.db import Database
from postmortem.history.operations import CLI
from tests.support.client import PASSWORD, Browser
from tests.support.pages import Page
from tests.support.sql import counted

Freeze = Callable[[datetime], None]


def try_one(
    browser: Browser, email: str, password: str = "wrong wrong", address: str = "1.1.1.1", **more: Any
) -> Page:
    return browser.post(
        "/login", {"email": email, "password": password}, environ_base={"REMOTE_ADDR": address}, **more
    )


@pytest.mark.parametrize("email", ["aino-author@example.com", "nobody@example.com"])
def test_the_eleventh_try_is_refused_and_the_right_password_too(
    anonymous: Browser, author: Person, email: str, frozen: Freeze, session: Session
) -> None:
    start = clock.now()
    frozen(start)
    answers = [try_one(anonymous, email, address=f"1.1.1.{number}").status for number in range(11)]
    assert answers == [422] * 10 + [429]
    page = try_one(anonymous, author.email if "author" in email else email, PASSWORD, "2.2.2.2")
    assert (page.status, page.headers["Retry-After"]) == (429, "300")
    assert "That was tried too often. Wait 5 minutes, then try again." in page.text
    assert page.forms[-1].data["email"] == [email]
    assert session.scalar(select(func.count()).select_from(SignIn)) == 0
    frozen(start + timedelta(minutes=5, seconds=1))
    assert try_one(anonymous, author.email, PASSWORD).status == 303


def test_one_address_tries_twenty_accounts(anonymous: Browser, author: Person) -> None:
    answers = [try_one(anonymous, f"{number}@example.com").status for number in range(21)]
    assert answers == [422] * 20 + [429]
    assert try_one(anonymous, author.email, PASSWORD).status == 429
    assert try_one(anonymous, author.email, PASSWORD, "2.2.2.2").status == 303


@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_a_forged_header_does_not_help(make_app: Callable[..., Flask], author: Person, proxies: int) -> None:
    """The client sends another address each time; our own proxies append the one they see."""
    browser = Browser(make_app(trusted_proxies=proxies))
    appended = ["198.51.100.7", "10.0.0.2"][:proxies]
    answers = []
    for number in range(21):
        sent = ", ".join([f"6.6.6.{number}", *appended])
        headers = {
            "X-Forwarded-For": sent,
            "X-Real-Ip": f"6.6.6.{number}",
            "Forwarded": f"for=6.6.6.{number}",
        }
        answers.append(try_one(browser, f"{number}@example.com", headers=headers).status)
    assert answers == [422] * 20 + [429]


def test_an_ipv6_home_is_one_address(anonymous: Browser, author: Person) -> None:
    answers = [
        try_one(anonymous, f"{number}@example.com", address=f"2001:db8:1:2::{number:x}").status
        for number in range(21)
    ]
    assert answers == [422] * 20 + [429]


def test_an_office_behind_one_address_signs_in(app: Flask, author: Person) -> None:
    assert [try_one(Browser(app), author.email, PASSWORD).status for _ in range(25)] == [303] * 25


def test_whoever_signs_in_starts_anew(app: Flask, author: Person) -> None:
    for _ in range(2):
        for number in range(9):
            assert try_one(Browser(app), author.email, address=f"1.1.1.{number}").status == 422
        assert try_one(Browser(app), author.email, PASSWORD).status == 303


def test_a_limited_account_still_gets_in_by_a_link(
    anonymous: Browser, author: Person, database: Database
) -> None:
    for _ in range(11):
        page = try_one(anonymous, author.email)
    assert page.status == 429
    with database.session(writes=True) as writing:
        token = issue_password_link(writing, author, actor=CLI)
        writing.commit()
    assert anonymous.submit(f"/password/{token}", {"password": "another good password"}).status == 303
    assert anonymous.get("/me").status == 200


@pytest.mark.parametrize("tries", [1, 11])
def test_known_and_unknown_get_the_same_answer_to_the_letter(
    app: Flask, author: Person, database: Database, session: Session, frozen: Freeze, tries: int
) -> None:
    """Status, headers, page and the number of statements; for wrong passwords and for the limit."""
    frozen(clock.now())
    # The first request of a process asks whether anybody is here at all.
    Browser(app).get("/login")
    answers = []
    for email in (author.email, "nobody-else@example.com", "deactivated@example.com"):
        browser = Browser(app)
        session.execute(delete(SignInAttempt))
        for number in range(tries):
            token = browser.csrf_token()
            with counted(database) as sent:
                answer = browser.client.post(
                    "/login",
                    data={"email": email, "password": "wrong wrong", "csrf_token": token},
                    environ_base={"REMOTE_ADDR": f"1.1.1.{number}"},
                )
        page = answer.text.replace(email, "E").replace(token, "T")
        page = page.replace(browser.csrf_token(), "T")
        headers = {
            name: value for name, value in answer.headers if name not in ("Set-Cookie", "Content-Length")
        }
        answers.append((answer.status_code, headers, page.count("\n"), page.split("<form")[0], len(sent)))
    assert answers[0] == answers[1] == answers[2]


def test_twenty_parallel_tries_do_not_get_through_more_than_the_limit(app: Flask, author: Person) -> None:
    browsers = [Browser(app) for _ in range(20)]
    tokens = [browser.csrf_token() for browser in browsers]

    def post(number: int) -> int:
        data = {"email": author.email, "password": "wrong wrong", "csrf_token": tokens[number]}
        address = {"REMOTE_ADDR": f"1.1.1.{number}"}
        return browsers[number].client.post("/login", data=data, environ_base=address).status_code

    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(post, range(20)))
    assert (answers.count(422), answers.count(429)) == (10, 10)


def test_nobody_waits_for_a_hash_to_write(app: Flask, author: Person, database: Database) -> None:
    """While a password is being looked at, the lock for writing is free."""
    seen = []

    def slow(_stored: str | None, _password: str) -> bool:
        with database.session(writes=True) as session:
            session.execute(delete(SignInAttempt).where(SignInAttempt.id == -1))
            session.commit()
        seen.append(True)
        return False

    browser = Browser(app)
    browser.sign_in(author)
    browser.client.get("/me")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("postmortem.accounts.views.is_password", slow)
        patched.setattr("postmortem.accounts.views_confirmation.is_password", slow)
        try_one(Browser(app), author.email)
        browser.post("/confirm", {"confirm_password": "wrong wrong"})
    assert seen == [True, True]


@pytest.fixture
def real_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Argon2 as it is outside of tests."""
    monkeypatch.delenv("POSTMORTEM_TESTING_CHEAP_PASSWORDS")
    passwords._hasher.cache_clear()
    passwords._nobodys_hash.cache_clear()
    yield
    monkeypatch.undo()
    passwords._hasher.cache_clear()
    passwords._nobodys_hash.cache_clear()


def test_known_and_unknown_take_the_same_time(
    real_passwords: None, app: Flask, author: Person, session: Session
) -> None:
    """CPU time, because other work on the machine does not change it; the 95th percentile of interleaved tries."""
    author.password_hash = passwords.hash_password(PASSWORD)
    assert "m=65536,t=3,p=4" in author.password_hash
    session.commit()
    spent: dict[str, list[float]] = {author.email: [], "nobody@example.com": []}
    browser = Browser(app)
    for number in range(11):
        for email, times in spent.items():
            token = browser.csrf_token()
            session.execute(delete(SignInAttempt))
            start = time.process_time()
            answer = browser.client.post(
                "/login", data={"email": email, "password": f"wrong {number}", "csrf_token": token}
            )
            times.append(time.process_time() - start)
            assert answer.status_code == 422
    known, unknown = (quantiles(times[1:], n=20)[-1] for times in spent.values())
    assert 0.7 < known / unknown < 1.43, spent
