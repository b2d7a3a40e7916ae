"""Disk full, locked, read-only or gone: reading goes on, what was typed is kept, and afterwards all is as before."""

import os
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from wtforms import PasswordField

from postmortem import schema
from postmortem.accounts import forms as accounts_forms
from postmortem.accounts.models import Person
from postmortem.db import Database
from postmortem.web.unavailable import SECRET
from tests.factories.accounts import make_person
from tests.support.client import PASSWORD, Browser
from tests.support.databases import postgresql_binaries, postgresql_server
from tests.support.pages import Page

LONG = "The primary filled up.\n\n- first\n- “second” & <b>third</b>\n" + "And more. " * 200
WAIT = "Nothing was saved. Wait a few seconds, then send the form again."


@pytest.fixture
def site(make_app, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Browser:
    """Ada on a site of its own with an SQLite file that a test may spoil."""
    monkeypatch.setattr("postmortem.db.BUSY_TIMEOUT_MS", 100)
    url = f"sqlite:///{tmp_path / 'site.db'}"
    database = Database(url)
    schema.upgrade(database)
    with database.session(writes=True) as session:
        ada = make_person(session, "Ada Admin", role="admin")
    database.dispose()
    app = make_app(database_url=url)
    browser = Browser(app)
    browser.sign_in(ada)
    return browser


def database_of(browser: Browser) -> Database:
    found: Database = browser.app.extensions["database"]
    return found


def incident(browser: Browser, title: str = "The disk filled up") -> dict[str, object]:
    return browser.get("/incidents/new").forms[-1].data | {"title": title, "summary": LONG}


def again(page: Page) -> tuple[str, dict[str, object]]:
    """The form that sends the same once more."""
    [form] = page.forms
    return form.action, form.data


def check_kept(page: Page, sent: dict[str, object]) -> None:
    """The answer is honest about nothing being saved, and holds all that was typed."""
    assert (page.status, page.headers["Retry-After"]) == (503, "5")
    assert page.headers["Cache-Control"] == "no-store"
    assert "“second” & <b>third</b>" in page.text
    _action, data = again(page)
    assert data.pop("csrf_token")
    plain = {name: values if isinstance(values, list) else [values] for name, values in sent.items()}
    assert data == {name: values for name, values in plain.items() if name != "csrf_token"}


# What is really set


def test_the_pragmas_are_on_in_the_running_program(site: Browser) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 100}
    site.get("/me")
    with database_of(site).writing.connect() as connection:
        assert {name: connection.scalar(text(f"PRAGMA {name}")) for name in wanted} == wanted
        assert connection.connection.dbapi_connection.in_transaction, "BEGIN IMMEDIATE, before any statement"
    with database_of(site).reading.connect() as connection:
        assert connection.scalar(text("PRAGMA query_only")) == 1
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"


def test_a_writing_transaction_holds_the_lock_from_its_first_statement(site: Browser) -> None:
    with (
        database_of(site).writing.connect() as connection,
        closing(sqlite3.connect(str(database_of(site).file), timeout=0)) as other,
    ):
        connection.execute(text("SELECT 1"))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")


def test_postgresql_does_not_wait_for_ever(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("PostgreSQL only")
    with database.writing.connect() as connection:
        assert connection.scalar(text("SHOW lock_timeout")) == "5s"
        assert connection.scalar(text("SHOW synchronous_commit")) == "off", "tests alone switch it off"


# A full disk


def fill_up(database: Database) -> Callable[[], None]:
    """Let the file not grow any more; returns what makes room again."""
    with database.writing.connect() as connection:
        pages = connection.scalar(text("PRAGMA page_count"))
        connection.execute(text(f"PRAGMA max_page_count={pages}"))

    def make_room() -> None:
        with database.writing.connect() as connection:
            connection.execute(text("PRAGMA max_page_count=1000000"))

    return make_room


def test_a_full_disk_stops_writing_and_not_reading(site: Browser) -> None:
    sent = incident(site)
    sent["summary"] = LONG * 30
    make_room = fill_up(database_of(site))
    page = site.post("/incidents/new", sent)
    assert "There is no room left to save anything" in page.text
    assert "An admin has to make room on the disk" in page.text
    assert WAIT in page.text
    assert "Ada Admin" in page.text, "who can still read is still signed in"
    check_kept(page, sent)
    for path in ("/", "/incidents/", "/me", "/readyz"):
        assert site.get(path).status == 200, path
    make_room()
    action, data = again(page)
    first = site.post(action, data)
    assert (first.status, first.location) == (303, "/incidents/1")
    # The button pressed once more makes no second one.
    assert site.post(action, data).location == "/incidents/1"
    assert "1 incident" in site.get("/incidents/").text
    assert "“second” & third" in site.get("/incidents/1").text.replace("<b>", "").replace("</b>", "")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB, where this machine lets us make one."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_is_really_full(make_app, small_disk: Path) -> None:
    url = f"sqlite:///{small_disk / 'site.db'}"
    database = Database(url)
    schema.upgrade(database)
    with database.session(writes=True) as session:
        ada = make_person(session, "Ada Admin", role="admin")
    database.dispose()
    browser = Browser(make_app(database_url=url))
    browser.sign_in(ada)
    sent = incident(browser)
    with (small_disk / "filler").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"\0" * 4096)
        except OSError:
            pass
    page = browser.post("/incidents/new", sent)
    check_kept(page, sent)
    assert browser.get("/incidents/").status == 200
    (small_disk / "filler").unlink()
    assert browser.post(*again(page)).location == "/incidents/1"
    database_of(browser).dispose()


# Locked


def test_a_locked_database_is_read_and_says_when_it_cannot_be_written(site: Browser) -> None:
    sent = incident(site)
    with closing(sqlite3.connect(str(database_of(site).file), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        started = time.monotonic()
        page = site.post("/incidents/new", sent)
        assert time.monotonic() - started < 20
        assert "The database is busy" in page.text
        assert WAIT in page.text
        check_kept(page, sent)
        assert "Ada Admin" in site.get("/incidents/").text
    assert site.post(*again(page)).location == "/incidents/1"


def test_reading_does_not_wait_for_the_lock_to_note_a_last_use(site: Browser, frozen) -> None:
    """Noting it is hurried: neither the busy time-out nor the queue of this process holds a page up."""
    database = database_of(site)
    with closing(sqlite3.connect(str(database.file), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with database.session(writes=True, hurried=True) as session, pytest.raises(Exception, match="locked"):
            session.execute(text("SELECT 1"))
    with database.writing.connect() as connection:
        assert connection.scalar(text("PRAGMA busy_timeout")) == 100, "patient again"
        with pytest.raises(Exception, match="writing"):
            database.session(writes=True, hurried=True)


# Gone, replaced, read-only


def test_a_file_that_was_moved_away_is_missed_at_once_and_found_again(site: Browser) -> None:
    file = database_of(site).file
    assert file
    sent = incident(site)
    away = file.with_name("away.db")
    file.rename(away)
    page = site.post("/incidents/new", sent)
    assert "The database does not answer" in page.text
    assert page.status == 503
    assert site.get("/incidents/").status == 503
    assert not file.exists(), "an empty database in its place would be worse"
    away.rename(file)
    check_kept(page, sent)
    assert "No incidents" in site.get("/incidents/").text or "0 incidents" in site.get("/incidents/").text
    assert site.post(*again(page)).location == "/incidents/1"


def test_a_file_that_was_replaced_is_the_one_that_is_used(site: Browser) -> None:
    """Connections to the old file would go on taking writes that nobody ever finds again."""
    database = database_of(site)
    file = database.file
    assert file
    other = file.with_name("other.db")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(other)) as target:
        source.backup(target)
    assert site.submit("/incidents/new", {"title": "Only in the old file"}).location == "/incidents/1"
    other.replace(file)
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    assert "Only in the old file" not in site.get("/incidents/").text
    assert site.submit("/incidents/new", {"title": "In the new one"}).location == "/incidents/1"
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT title FROM incidents").fetchall() == [("In the new one",)]


def spoil(database: Database) -> Callable[[], None]:
    """Let new connections open the file for reading only; returns what mends it."""

    def open_read_only(_dialect: object, _record: object, _arguments: object, named: dict[str, Any]) -> Any:
        return sqlite3.connect(f"{database.file.as_uri()}?mode=ro", uri=True, check_same_thread=False)

    database.writing.dispose()
    event.listen(database.writing, "do_connect", open_read_only)

    def mend() -> None:
        event.remove(database.writing, "do_connect", open_read_only)
        database.writing.dispose()

    return mend


def test_a_file_that_may_only_be_read(site: Browser) -> None:
    """SQLite's own refusal, as it comes where the file system is read-only."""
    database = database_of(site)
    sent = incident(site)
    make_writable = spoil(database)
    page = site.post("/incidents/new", sent)
    assert "Nothing can be saved at the moment" in page.text
    check_kept(page, sent)
    assert site.get("/incidents/").status == 200
    make_writable()
    assert site.post(*again(page)).location == "/incidents/1"


# What is never repeated


def test_a_password_is_never_shown_again(site: Browser) -> None:
    database = database_of(site)
    signed_out = Browser(site.app)
    data = signed_out.get("/login").forms[-1].data | {"email": "ada-admin@example.com", "password": PASSWORD}
    with closing(sqlite3.connect(str(database.file), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        page = signed_out.post("/login", data)
    assert page.status == 503
    assert PASSWORD not in page.html
    assert "ada-admin@example.com" in page.text
    assert not page.forms
    assert "type the secret part again" in page.text


def test_every_password_field_has_a_name_that_counts_as_secret() -> None:
    found = [
        name
        for form in vars(accounts_forms).values()
        if isinstance(form, type)
        for name, field in vars(form).items()
        if getattr(field, "field_class", None) is PasswordField or name in ("code", "token")
    ]
    assert found
    assert all(SECRET.search(name) for name in found)
    for name in ("tags", "external_ids-0-external_id", "status_reason", "form_key", "end_state"):
        assert not SECRET.search(name)


def test_what_another_site_sent_is_not_offered_again(app: Flask, sign_in, admin: Person) -> None:
    """During an outage a foreign form must not come back as one of ours with a good token."""
    from postmortem.web.trouble import Trouble
    from postmortem.web.unavailable import unavailable

    with app.test_request_context(
        "/teams/new", method="POST", data={"name": "Theirs", "csrf_token": "forged"}
    ):
        shown = unavailable(Trouble.GONE).get_data(as_text=True)
    assert "Theirs" in shown
    assert "Send it again" not in shown


# PostgreSQL


def pg_ctl(url: str, *command: str) -> None:
    home = str(make_url(url).query["host"])
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    program = str((postgresql_binaries() or Path()) / "pg_ctl")
    options = f"-c listen_addresses= -k {home} -c fsync=off"
    subprocess.run(
        [*as_postgres, program, "-D", f"{home}/data", "-w", "-l", f"{home}/log", "-o", options, *command],
        check=True,
        capture_output=True,
        cwd="/",
    )


@pytest.mark.postgresql
def test_a_postgresql_server_that_stops_and_comes_back(make_app, tmp_path: Path) -> None:
    with postgresql_server(tmp_path) as url:
        database = Database(url)
        schema.upgrade(database)
        with database.session(writes=True) as session:
            ada = make_person(session, "Ada Admin", role="admin")
            session.commit()
        database.dispose()
        browser = Browser(make_app(database_url=url))
        browser.sign_in(ada)
        sent = incident(browser)
        pg_ctl(url, "-m", "fast", "stop")
        page = browser.post("/incidents/new", sent)
        assert "The database does not answer" in page.text
        check_kept(page, sent)
        assert browser.get("/incidents/").status == 503
        assert (browser.get("/readyz").status, browser.get("/healthz").status) == (503, 200)
        pg_ctl(url, "start")
        assert browser.get("/readyz").status == 200
        assert browser.post(*again(page)).location == "/incidents/1"
        locked_row(browser, url)
        database_of(browser).dispose()


def locked_row(browser: Browser, url: str) -> None:
    """Somebody holds the row: the answer comes when the lock time-out is over, and reading goes on."""
    other = Database(url)
    sent = browser.get("/incidents/1/edit").forms[-1].data | {"title": "Another"}
    with other.writing.connect() as connection:
        connection.execute(text("SELECT 1 FROM incidents FOR UPDATE"))
        page = browser.post("/incidents/1/edit", sent)
        assert page.status == 503
        assert "The database is busy" in page.text
        assert browser.get("/incidents/1").status == 200
    other.dispose()
    assert browser.post(*again(page)).status == 303


def test_reading_is_not_held_up_by_noting_the_last_use(
    site: Browser, frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the patience of a running site a page would wait five seconds for what it can leave to a later one."""
    monkeypatch.setattr("postmortem.db.BUSY_TIMEOUT_MS", 30_000)
    database_of(site).dispose()
    frozen(datetime.now(UTC) + timedelta(minutes=6))
    with closing(sqlite3.connect(str(database_of(site).file), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        started = time.perf_counter()
        assert site.get("/me").status == 200
    assert site.get("/me").status == 200
    assert time.perf_counter() - started < 20
