"""The gate: what a view declared is what happens, and a view that declared nothing stops the start."""

import pytest
from flask import Flask, Response
from werkzeug.exceptions import Forbidden

from postmortem.accounts import rules
from postmortem.accounts.models import Person
from postmortem.web import access, visibility
from tests.support.client import Browser


def says_no(_person: Person) -> bool:
    """This is not for you.

    The second line is for whoever reads the code.
    """
    return False


def unspoken(_person: Person) -> bool:
    return False


@access.public
def open_page() -> Response:
    return Response("open", mimetype="text/plain")


@access.reading
def blog() -> Response:
    return Response("blog", mimetype="text/plain")


@access.signed_in
def members() -> Response:
    return Response("members", mimetype="text/plain")


@access.signed_in(post=rules.is_contributor)
def reading_and_writing() -> Response:
    return Response("both", mimetype="text/plain")


@access.requires(says_no)
def nobody() -> Response:
    return Response("nobody", mimetype="text/plain")


@access.requires(unspoken)
def without_words() -> Response:
    return Response("nobody", mimetype="text/plain")


@pytest.fixture
def site(make_app, admin: Person):
    """An application with one view of each kind; keyword arguments replace settings."""

    def make(**settings) -> Flask:
        app: Flask = make_app(**settings)
        for view in (open_page, blog, members, reading_and_writing, nobody, without_words):
            app.add_url_rule(f"/x/{view.__name__}", view_func=view, methods=["GET", "POST"])
        return app

    return make


def browser_of(app: Flask, person: Person | None) -> Browser:
    browser = Browser(app)
    if person:
        browser.sign_in(person)
    return browser


def test_signed_out_only_what_is_public_opens(site) -> None:
    browser = browser_of(site(), None)
    assert browser.get("/x/open_page").html == "open"
    for name in ("blog", "members", "reading_and_writing", "nobody"):
        assert browser.get(f"/x/{name}").location == f"/login?next=/x/{name}"
        # What was sent is not sent again after signing in, so there is nowhere to come back to.
        assert browser.post(f"/x/{name}").location == "/login"


def test_public_reading_opens_the_blog_and_nothing_else(site) -> None:
    browser = browser_of(site(public_reading=True), None)
    assert browser.get("/x/blog").html == "blog"
    assert browser.get("/x/members").status == 303


def test_a_query_comes_along_to_the_sign_in(site) -> None:
    page = browser_of(site(), None).get("/x/members?q=a%26b&x=1")
    assert page.location == "/login?next=/x/members?q%3Da%2526b%26x%3D1"


def test_a_rule_for_posts_leaves_reading_to_everybody(site, reader: Person, author: Person) -> None:
    app = site()
    assert browser_of(app, reader).get("/x/reading_and_writing").html == "both"
    page = browser_of(app, reader).post("/x/reading_and_writing")
    assert page.status == 403
    assert "This needs the role contributor. An admin can change your role." in page.text
    assert browser_of(app, author).post("/x/reading_and_writing").html == "both"


def test_a_refusal_is_the_first_line_of_the_rule(site, admin: Person) -> None:
    browser = browser_of(site(), admin)
    page = browser.get("/x/nobody")
    assert page.status == 403
    assert "This is not for you." in page.text
    assert "reads the code" not in page.text
    assert "Your role does not include this" in browser.get("/x/without_words").text


def test_a_thing_is_refused_with_the_rules_sentence(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(Forbidden, match=r"This is not for you\."):
        access.authorize(says_no, object())


def test_a_view_that_declares_nothing_stops_the_start(app: Flask) -> None:
    app.add_url_rule("/forgotten", view_func=lambda: "", endpoint="forgotten")
    with pytest.raises(access.UndeclaredAccess, match="forgotten"):
        access.init_app(app)


def test_a_noun_that_registered_nothing_shows_nothing() -> None:
    with pytest.raises(KeyError):
        visibility.visible("no such noun", None)
