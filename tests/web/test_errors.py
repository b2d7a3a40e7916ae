"""Every failure gets a page of ours: its status, what happened, what to do next, nothing of the insides."""

import errno
import io
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    IntegrityError,
    InternalError,
    OperationalError,
    ProgrammingError,
    TimeoutError,
)
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import TooManyRequests

from postmortem import schema
from postmortem.accounts.models import Person, Team
from postmortem.db import Database
from postmortem.errors import Conflict, NotVisible, Refused
from postmortem.web import access
from postmortem.web.request import db_session
from tests.factories.accounts import make_person
from tests.support.client import PASSWORD, Browser

SECRET = "canary-7f3a"


def raising(error: Exception):
    @access.public
    def view() -> str:
        raise error

    return view


ERRORS = [
    (Refused("The third one is too many."), 422, "The third one is too many."),
    (Conflict(), 409, "Somebody else was faster"),
    (StaleDataError(SECRET), 409, "Somebody else was faster"),
    (IntegrityError(SECRET, {}, Exception(SECRET)), 409, "Somebody else was faster"),
    (NotVisible(), 404, "Nothing here"),
    (DataError(SECRET, {}, Exception(SECRET)), 400, "could not be read"),
    (OperationalError(SECRET, {}, Exception(SECRET)), 503, "Wait a few seconds, then"),
    (InternalError(SECRET, {}, Exception(SECRET)), 503, "Wait a few seconds, then"),
    (DatabaseError(SECRET, {}, Exception(SECRET)), 503, "Wait a few seconds, then"),
    (ProgrammingError(SECRET, {}, Exception(SECRET)), 500, "Something went wrong on our side"),
    (TimeoutError(SECRET), 503, "Wait a few seconds, then"),
    (OSError(errno.ENOSPC, SECRET), 503, "There is no room left"),
    (OSError(errno.ENOTDIR, SECRET), 500, "Something went wrong on our side"),
    (TooManyRequests(), 429, "tried too often"),
    (RuntimeError(SECRET), 500, "Something went wrong on our side"),
    (UnicodeEncodeError("utf-8", SECRET, 0, 1, SECRET), 500, "Something went wrong on our side"),
]


@pytest.mark.parametrize(("error", "status", "says"), ERRORS, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_a_view_raises_becomes_a_page(
    app: Flask, sign_in, admin: Person, error, status, says, method
) -> None:
    app.add_url_rule("/raises", view_func=raising(error), methods=["GET", "POST"])
    app.testing = False
    page = getattr(sign_in(admin), method)("/raises")
    assert (page.status, page.is_html) == (status, True)
    assert says in page.text
    assert SECRET not in page.html
    assert "Traceback" not in page.html
    assert "Ada Admin" in page.text or status == 503
    assert (page.headers.get("Retry-After") == "5") is (status == 503)


def test_a_failed_write_leaves_a_page_that_can_still_be_made(
    app: Flask, sign_in, admin: Person, session: Session
) -> None:
    """After a flush failed, the session of the request is of no use any more, not even to show who is signed in."""
    session.add(Team(slug="taken", name="Taken"))
    session.commit()

    @access.public
    def doubling() -> str:
        db_session().add(Team(slug="taken", name="Again"))
        db_session().flush()
        return "made"

    app.add_url_rule("/doubling", view_func=doubling, methods=["POST"])
    page = sign_in(admin).post("/doubling")
    assert page.status == 409
    assert "Ada Admin" in page.text


def test_in_tests_a_surprise_is_not_hidden(app: Flask, anonymous: Browser, admin: Person) -> None:
    app.add_url_rule("/raises", view_func=raising(RuntimeError(SECRET)))
    with pytest.raises(RuntimeError):
        anonymous.get("/raises")


def test_an_error_page_does_not_repeat_the_address(anonymous: Browser, admin: Person) -> None:
    page = anonymous.get("/<script>alert(1)</script>?x=canary-7f3a")
    assert page.status == 404
    assert SECRET not in page.html
    assert "alert(1)" not in page.html


def test_a_wrong_method_names_the_right_ones(sign_in, admin: Person) -> None:
    browser = sign_in(admin)
    page = browser.get("/logout")
    assert (page.status, page.headers["Allow"]) == (405, "OPTIONS, POST")
    assert "does not do that" in page.text
    page = browser.post("/people/")
    assert (page.status, page.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_form_without_its_token_is_explained(sign_in, admin: Person) -> None:
    browser = sign_in(admin)
    for data in ({}, {"csrf_token": "forged"}, {"csrf_token": ""}):
        response = browser.client.post("/teams/new", data={"name": "Playback", **data})
        assert response.status_code == 400
        assert "open too long, or you signed in or out meanwhile" in response.get_data(as_text=True)


def test_a_token_of_another_browser_is_no_token(sign_in, admin: Person, anonymous: Browser, session) -> None:
    stolen = anonymous.csrf_token()
    response = sign_in(admin).client.post("/teams/new", data={"name": "x", "csrf_token": stolen})
    assert response.status_code == 400
    assert session.query(Team).count() == 0


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_ten_megabytes_are_too_large(sign_in, admin: Person, kind: str) -> None:
    browser = sign_in(admin)
    body = b"name=" + b"x" * 10_000_000
    if kind.startswith("multipart"):
        body = b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + body + b"\r\n--b--\r\n"
    page = browser._page(browser.client.post("/teams/new", data=body, content_type=kind))
    assert page.status == 413
    assert "A form can carry 4 MB" in page.text
    assert "Ada Admin" in page.text


@pytest.mark.parametrize("path", ["/teams/new", "/nowhere", "/logout"])
def test_what_is_too_large_is_read_to_its_end(sign_in, admin: Person, path: str) -> None:
    """A client that is still sending when the connection closes never gets to see why."""
    sent = io.BytesIO(b"x" * 5_000_000)
    browser = sign_in(admin)
    page = browser._page(browser.client.post(path, input_stream=sent, content_length=5_000_000))
    assert page.status == 413
    assert sent.tell() == 5_000_000
    endless = {"wsgi.input": io.BytesIO(b"x" * 100), "CONTENT_LENGTH": str(10**12)}
    page = browser._page(browser.client.post(path, environ_overrides=endless))
    assert (page.status, endless["wsgi.input"].tell()) == (413, 0)


def test_a_flood_of_fields_is_too_large(sign_in, admin: Person) -> None:
    browser = sign_in(admin)
    parts = b"".join(b'--b\r\nContent-Disposition: form-data; name="n"\r\n\r\n\r\n' for _ in range(2000))
    response = browser.client.post(
        "/teams/new", data=parts + b"--b--\r\n", content_type="multipart/form-data; boundary=b"
    )
    assert response.status_code == 413


@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe\x00", b"name=%ff&csrf_token=%00", b"=&=&&;", b"%", b"name=%ed%a0%80", b"\0" * 1000],
)
def test_a_body_that_is_no_form_is_a_bad_request(sign_in, admin: Person, body: bytes) -> None:
    client = sign_in(admin).client
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain", "x", ""):
        assert client.post("/teams/new", data=body, content_type=kind).status_code == 400


def test_a_database_that_is_gone_gets_a_page(app: Flask, sign_in, admin: Person, tmp_path) -> None:
    browser = sign_in(admin)
    assert browser.get("/me").status == 200
    app.extensions["database"].dispose()
    gone = app.extensions["database"] = Database(f"sqlite:///{tmp_path / 'no' / 'such.db'}")
    app.testing = False
    for page in (browser.get("/me"), browser.get("/nowhere"), browser.post("/logout")):
        assert page.status in (404, 503)
        assert "/login" in page.links
        assert str(tmp_path) not in page.html
    assert browser.get("/healthz").status == 200
    assert browser.get("/readyz").status == 503
    gone.dispose()


@pytest.fixture
def locked(
    make_app, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> Iterator[tuple[Browser, Callable[[], None]]]:
    """A browser on a site of its own whose SQLite file somebody else writes, and how to end that."""
    monkeypatch.setattr("postmortem.db.BUSY_TIMEOUT_MS", 50)
    url = f"sqlite:///{tmp_path / 'locked.db'}"
    database = Database(url)
    schema.upgrade(database)
    with database.session(writes=True) as session:
        make_person(session, "Ada Admin", role="admin")
    database.dispose()
    browser = Browser(make_app(database_url=url))
    browser.get("/login")
    other = sqlite3.connect(tmp_path / "locked.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield browser, lambda: other.execute("ROLLBACK") and None
    other.close()


def test_signing_in_needs_the_lock(locked) -> None:
    """Each try is counted before it is looked at, and what cannot be counted is not tried."""
    browser, unlock = locked
    sign_in = {"email": "ada-admin@example.com", "password": PASSWORD}
    assert browser.post("/login", sign_in | {"password": "wrong"}).status == 503
    assert browser.post("/login", sign_in).status == 503
    unlock()
    assert browser.post("/login", sign_in).status == 303


def test_a_write_that_meets_the_lock_says_that_nothing_was_saved(locked) -> None:
    browser, unlock = locked
    unlock()
    browser.post("/login", {"email": "ada-admin@example.com", "password": PASSWORD})
    data = browser.get("/teams/new").forms[-1].data | {"name": "Playback"}
    path = browser.app.extensions["database"].file
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        page = browser.post("/teams/new", data)
        assert page.status == 503
        assert "Nothing was saved. Wait a few seconds, then send the form again." in page.text
        assert browser.get("/teams/").status == 200
    assert "No teams yet" in browser.get("/teams/").text
    assert browser.post("/teams/new", data).location == "/teams/playback"


def test_a_last_use_that_cannot_be_noted_is_no_error(locked, frozen) -> None:
    browser, unlock = locked
    unlock()
    browser.post("/login", {"email": "ada-admin@example.com", "password": PASSWORD})
    frozen(datetime.now(UTC) + timedelta(minutes=6))
    with closing(sqlite3.connect(browser.app.extensions["database"].file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert browser.get("/me").status == 200
