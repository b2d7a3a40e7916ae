"""Signing in and out: rows in the database, one answer for every wrong try."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person, SignIn
from tests.support.client import PASSWORD, Browser


def test_signing_in_makes_a_row_and_signing_out_ends_it(
    anonymous: Browser, author: Person, session: Session
) -> None:
    page = anonymous.submit("/login", {"email": "AINO-author@example.com ", "password": PASSWORD})
    assert (page.status, page.location) == (303, "/")
    assert session.scalar(select(func.count()).select_from(SignIn)) == 1

    stolen = anonymous.client.get_cookie("postmortem")
    assert stolen is not None
    anonymous.post("/logout")
    assert session.scalar(select(func.count()).select_from(SignIn)) == 0

    thief = Browser(anonymous.app)
    thief.client.set_cookie("postmortem", stolen.value)
    assert thief.get("/readyz").status == 200
    page = thief.get("/login")
    assert "Sign in" in page.title


@pytest.mark.parametrize("email", ["aino-author@example.com", "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    anonymous: Browser, author: Person, email: str
) -> None:
    page = anonymous.submit("/login", {"email": email, "password": "not the password"})
    assert page.status == 422
    assert "do not go together" in page.text
    assert page.forms[0].data["email"] == [email]


def test_a_deactivated_person_cannot_sign_in(anonymous: Browser, author: Person, session: Session) -> None:
    author.is_active = False
    session.commit()
    assert anonymous.submit("/login", {"email": author.email, "password": PASSWORD}).status == 422


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "/\tevil",
        "/nowhere",
        "javascript:alert(1)",
    ],
)
def test_next_leads_only_to_pages_of_this_site(anonymous: Browser, author: Person, target: str) -> None:
    anonymous.get("/login")
    page = anonymous.post(
        "/login", {"email": author.email, "password": PASSWORD}, query_string={"next": target}
    )
    assert page.location == "/"


def test_a_post_without_a_token_is_refused(
    app: Flask, author: Person, sign_in: Callable[[Person], Browser]
) -> None:
    browser = sign_in(author)
    assert browser.client.post("/logout").status_code == 400
