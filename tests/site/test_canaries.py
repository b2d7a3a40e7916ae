"""Secrets with marks of their own are in no answer and in no line of any log; a name cannot forge a line either."""

import logging
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.operations_sign_in import issue_password_link
from postmortem.config_parts import Oidc, Smtp
from postmortem.history.operations import CLI
from postmortem.web import access
from tests.support.client import PASSWORD, Browser

CANARIES = {
    "key": "canary-of-the-secret-key-0123456789abcdef",
    "smtp": "canary-of-the-mail-server",
    "oidc": "canary-of-the-provider",
    "typed": "canary that a person typed",
    "wrong": "canary of a wrong password",
}


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    """As it runs, with a secret in each setting that holds one, and a page that breaks with one in its hands."""
    app = make_app(
        secret_key=CANARIES["key"],
        smtp=Smtp("localhost", 25, "postmortem", CANARIES["smtp"], "pm@example.com", "none"),
        oidc=Oidc(
            issuer="https://id.example.com", client_id="pm", client_secret=CANARIES["oidc"], name="single sign-on",
            creates_people=False, role_claim="", roles=(), default_role="reader", teams_claim="",
        ),
    )  # fmt: skip

    @access.public
    def broken() -> str:
        config = app.extensions["config"]
        raise RuntimeError(f"something about {config!r} and {config.smtp!r} and {config.oidc!r}")

    app.add_url_rule("/broken", view_func=broken, methods=["GET", "POST"])
    app.testing = False
    return app


def test_no_secret_is_in_an_answer_or_a_log(
    app: Flask, session: Session, admin: Person, author: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app.logger.setLevel(logging.DEBUG)
    browser, answers = Browser(app), []
    token = issue_password_link(session, author, actor=CLI)
    session.commit()

    def note(page) -> None:
        answers.append(page.sent + str(page.headers))

    for data in (
        {"email": admin.email, "password": CANARIES["wrong"]},
        {"email": CANARIES["wrong"], "password": [CANARIES["wrong"], "x"]},
        {"email": admin.email, "password": CANARIES["wrong"] * 100},
    ):
        note(browser.post("/login", {**data, "email": admin.email}))
    note(browser.get(f"/password/{token}"))
    note(browser.post(f"/password/{token}", {"password": "short"}))
    # Refused before anybody looks at it, and noted.
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}):
        refused = browser.client.post(
            f"/password/{token}", data={"password": CANARIES["typed"]}, headers=headers
        )
        answers.append(refused.get_data(as_text=True))
    note(browser.post(f"/password/{token}x", {"password": CANARIES["typed"]}))
    note(browser.post(f"/password/{token}", {"password": CANARIES["typed"]}))
    note(browser.get(f"/password/{token}"))
    note(browser.post("/me/password", {"current_password": CANARIES["wrong"], "password": CANARIES["typed"]}))
    note(browser.post("/broken", {"password": CANARIES["typed"]}))
    cookie = browser.client.get_cookie("postmortem")
    assert cookie is not None
    signed_in = Browser(app)
    signed_in.sign_in(admin)
    for path in (
        "/broken",
        "/settings/",
        "/people/",
        f"/people/{author.id}",
        "/nowhere",
        "/me",
        "/?q=%00",
        "/login?next=x",
    ):
        note(signed_in.get(path))
    note(signed_in.post("/people/new", {"name": "x", "email": "x", "password": CANARIES["typed"]}))

    assert "RuntimeError" in caplog.text
    for name, secret in {**CANARIES, "test password": PASSWORD, "cookie": cookie.value}.items():
        assert secret not in caplog.text, name
        if name != "cookie":
            assert not [answer for answer in answers if secret in answer], name
    # The link stands in its own page, in the address of the form and nowhere else.
    assert token not in caplog.text
    assert sum(answer.count(token) for answer in answers) == sum(
        answer.count(f'action="/password/{token}"') for answer in answers
    )


def test_a_name_cannot_forge_a_line_of_the_log(
    app: Flask, admin: Person, reader: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = Browser(app)
    browser.sign_in(reader)
    forged = "x%0d%0aWARNING%20forged%20line%1b[31m%e2%80%a8WARNING%20forged"
    for path in (
        f"/writeups/{forged}/edit",
        f"/teams/{forged}/edit",
        f"/tags/{forged}",
        f"/incidents/?q={forged}",
    ):
        browser.get(path)
        browser.post(path, {"name": "a\r\nWARNING forged line", "email": "a\r\nWARNING forged line"})
    browser.post("/login", {"email": "a\r\nWARNING forged line", "password": "x"})
    for record in caplog.records:
        message = record.getMessage()
        assert not {"\r", "\n", "\x1b", "\u2028"} & set(message), message
