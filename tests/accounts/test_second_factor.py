"""The second factor: setting it up, giving codes, each of which works once."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts import second_factor
from postmortem.accounts.models import Person, RecoveryCode, SignIn
from postmortem.accounts.operations_second_factor import take_code
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from postmortem.outbox.models import OutboxMessage
from tests.support.client import PASSWORD, Browser
from tests.support.second_factor import app_code, switch_on

SignInAs = Callable[[Person], Browser]
Freeze = Callable[[datetime], None]
# RFC 6238, appendix B: the SHA-1 rows, cut to six digits, with the secret 12345678901234567890.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
]


@pytest.fixture
def now(frozen: Freeze) -> datetime:
    """The middle of a step, where the clock stands still."""
    moment = datetime.fromisoformat("2026-05-04T10:00:15+00:00")
    frozen(moment)
    return moment


def first_step(browser: Browser, person: Person, path: str = "/login") -> None:
    page = browser.submit(path, {"email": person.email, "password": PASSWORD})
    assert (page.status, (page.location or "").partition("?")[0]) == (303, "/login/code")


def sign_ins(session: Session, person: Person) -> int:
    session.expire_all()
    return session.scalar(select(func.count()).where(SignIn.person_id == person.id)) or 0


def shown_codes(html: str) -> list[str]:
    return re.findall(r"<code>((?:\w{5}-){4}\w{5})</code>", html)


def verbs(session: Session) -> list[str]:
    return list(session.scalars(select(HistoryEntry.verb).order_by(HistoryEntry.id)))


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES)
def test_the_standards_own_examples(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, tz=clock.now().tzinfo)
    assert second_factor.step_of(RFC_SECRET, code, now=at, after=None) == seconds // 30
    assert second_factor.step_of(RFC_SECRET, code, now=at, after=seconds // 30) is None
    assert second_factor.step_of(RFC_SECRET, f" {code[:3]} {code[3:]} ", now=at, after=None) == seconds // 30


@pytest.mark.parametrize("code", ["", "12345", "1234567", "１２３４５６", "abcdef", "🔑", "0" * 5000, "-1"])
def test_what_is_no_code_is_none(code: str) -> None:
    assert second_factor.step_of(RFC_SECRET, code, now=clock.now(), after=None) is None


def test_codes_of_the_neighbouring_steps_count_and_no_others(
    author: Person, session: Session, now: datetime
) -> None:
    switch_on(session, author)
    author.totp_last_step = None
    session.commit()
    found = [
        second_factor.step_of(author.totp_secret or "", app_code(author, steps=steps), now=now, after=None)
        is not None
        for steps in (-3, -2, -1, 0, 1, 2, 3)
    ]
    assert found == [False, False, True, True, True, False, False]


def test_setting_it_up(sign_in: SignInAs, author: Person, session: Session, now: datetime) -> None:
    browser, other = sign_in(author), sign_in(author)
    assert "It is off" in browser.get("/me/second-factor").text
    assert browser.get("/me/second-factor/picture.svg").status == 404
    page = browser.post("/me/second-factor/begin", follow=True)
    session.refresh(author)
    assert author.totp_secret is not None and author.totp_confirmed_at is None
    assert second_factor.in_groups(author.totp_secret) in page.text
    picture = browser.client.get("/me/second-factor/picture.svg")
    assert (picture.mimetype, picture.headers["Cache-Control"]) == ("image/svg+xml", "no-store")
    assert b"style" not in picture.data and b"script" not in picture.data

    page = browser.post("/me/second-factor/switch-on", {"code": "000000"})
    assert page.status == 422 and "That is not the code" in page.text
    page = browser.post("/me/second-factor/switch-on", {"code": app_code(author)})
    assert page.status == 200
    codes = shown_codes(page.html)
    assert len(set(codes)) == 10
    stored = session.scalars(select(RecoveryCode.code_hash)).all()
    assert {second_factor.recovery_hash(code) for code in codes} == set(stored)
    assert other.get("/me").status == 303
    assert "10 of 10" in browser.get("/me/second-factor").text
    assert not any(code in browser.get("/me/second-factor").text for code in codes)
    assert verbs(session)[-1] == "switched on the second factor of"
    assert browser.get("/me/second-factor/picture.svg").status == 404
    assert browser.post("/me/second-factor/begin").status == 422


def test_a_set_up_that_was_not_finished_asks_for_nothing(
    sign_in: SignInAs, anonymous: Browser, author: Person
) -> None:
    sign_in(author).post("/me/second-factor/begin")
    assert anonymous.submit("/login", {"email": author.email, "password": PASSWORD}).location == "/"


def test_the_password_alone_signs_nobody_in(
    anonymous: Browser, author: Person, session: Session, now: datetime, app: Flask
) -> None:
    switch_on(session, author)
    first_step(anonymous, author, "/login?next=/actions/")
    assert sign_ins(session, author) == 0
    assert anonymous.get("/me").location == "/login?next=/me"
    for code in ("000000", "", app_code(author, steps=5)):
        assert anonymous.submit("/login/code?next=/actions/", {"code": code}).status == 422
    assert sign_ins(session, author) == 0
    page = anonymous.submit("/login/code?next=/actions/", {"code": app_code(author)})
    assert page.location == "/actions/"
    assert anonymous.get("/me").status == 200
    assert verbs(session)[-3:] == ["gave a wrong code for", "gave a wrong code for", "signed in as"]


def test_a_code_works_once(
    anonymous: Browser, author: Person, session: Session, now: datetime, app: Flask, frozen: Freeze
) -> None:
    switch_on(session, author)
    code = app_code(author)
    for browser, status in ((anonymous, 303), (Browser(app), 422)):
        first_step(browser, author)
        assert browser.submit("/login/code", {"code": code}).status == status
    frozen(now + timedelta(seconds=30))
    again = Browser(app)
    first_step(again, author)
    assert again.submit("/login/code", {"code": code}).status == 422
    assert again.submit("/login/code", {"code": app_code(author)}).status == 303


def test_a_recovery_code_works_once_however_it_is_written(
    anonymous: Browser, author: Person, session: Session, now: datetime, app: Flask
) -> None:
    codes = switch_on(session, author)
    first_step(anonymous, author)
    written = codes[0].upper().replace("-", " ")
    assert anonymous.submit("/login/code?recovery=1", {"code": written}).status == 303
    assert "Recovery codes that you have left: 9." in anonymous.get("/").text
    again = Browser(app)
    first_step(again, author)
    assert again.submit("/login/code?recovery=1", {"code": codes[0]}).status == 422
    assert again.submit("/login/code", {"code": codes[1]}).status == 303
    assert verbs(session).count("used a recovery code of") == 2
    assert "8 of 10" in again.get("/me/second-factor").text


def test_somebody_elses_codes_are_worth_nothing(
    anonymous: Browser, author: Person, reader: Person, session: Session, now: datetime
) -> None:
    switch_on(session, author)
    theirs = switch_on(session, reader)
    first_step(anonymous, author)
    for code in (theirs[0], app_code(reader)):
        assert anonymous.submit("/login/code", {"code": code}).status == 422


@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_of_ten_at_once_with_one_code_one_gets_in(
    author: Person, session: Session, database: Database, now: datetime, kind: str
) -> None:
    codes = switch_on(session, author)
    code = app_code(author) if kind == "app" else codes[0]
    together = Barrier(10)

    def give(_number: int) -> bool:
        together.wait()
        with database.session(writes=True) as own:
            is_taken = take_code(own, own.get_one(Person, author.id), code)
            own.commit()
            return is_taken

    with ThreadPoolExecutor(10) as threads:
        assert list(threads.map(give, range(10))).count(True) == 1


def test_the_sixth_wrong_code_is_refused_and_so_is_the_right_one(
    anonymous: Browser, author: Person, session: Session, now: datetime, frozen: Freeze
) -> None:
    switch_on(session, author)
    first_step(anonymous, author)
    assert [anonymous.submit("/login/code", {"code": "000000"}).status for _ in range(6)] == [422] * 5 + [429]
    page = anonymous.submit("/login/code", {"code": app_code(author)})
    assert (page.status, page.headers["Retry-After"]) == (429, "300")
    frozen(now + timedelta(minutes=6))
    assert anonymous.submit("/login/code", {"code": app_code(author)}).status == 303


@pytest.mark.parametrize("change", ["time", "password", "factor", "deactivated", "tampered"])
def test_what_was_proved_before_counts_only_as_long_as_it_holds(
    anonymous: Browser, author: Person, session: Session, now: datetime, frozen: Freeze, change: str
) -> None:
    switch_on(session, author)
    first_step(anonymous, author)
    assert anonymous.get("/login/code").status == 200
    if change == "time":
        frozen(now + timedelta(minutes=10, seconds=1))
    elif change == "password":
        author.password_hash = "another"
    elif change == "factor":
        author.totp_secret = second_factor.new_secret()
    elif change == "deactivated":
        author.is_active = False
    else:
        cookie = anonymous.client.get_cookie("postmortem")
        assert cookie is not None
        anonymous.client.set_cookie("postmortem", "x" + cookie.value)
    session.commit()
    page = anonymous.get("/login/code?next=/me")
    assert page.location == "/login?next=/me"
    assert anonymous.post("/login/code", {"code": app_code(author)}).status == 303
    assert sign_ins(session, author) == 0


def test_nobody_comes_to_the_code_without_the_password(
    anonymous: Browser, author: Person, session: Session
) -> None:
    switch_on(session, author)
    assert anonymous.get("/login/code").location == "/login"
    assert "after the password" in anonymous.get("/login").text


def test_a_link_to_set_the_password_does_not_go_round_it(
    anonymous: Browser, author: Person, session: Session, now: datetime, database: Database
) -> None:
    from postmortem.accounts.operations_sign_in import issue_password_link
    from postmortem.history.operations import CLI

    switch_on(session, author)
    with database.session(writes=True) as writing:
        token = issue_password_link(writing, author, actor=CLI)
        writing.commit()
    page = anonymous.submit(f"/password/{token}", {"password": "another good password"})
    assert page.location == "/login/code"
    assert sign_ins(session, author) == 0
    assert anonymous.submit("/login/code", {"code": app_code(author)}).status == 303


def test_new_recovery_codes_end_the_old_ones(
    sign_in: SignInAs, anonymous: Browser, author: Person, session: Session, now: datetime
) -> None:
    old = switch_on(session, author)
    page = sign_in(author).post("/me/second-factor/recovery-codes")
    assert page.status == 200 and not set(old) & set(shown_codes(page.html))
    first_step(anonymous, author)
    assert anonymous.submit("/login/code", {"code": old[0]}).status == 422
    assert verbs(session).count("made new recovery codes for") == 1


def test_switching_it_off(sign_in: SignInAs, anonymous: Browser, author: Person, session: Session) -> None:
    switch_on(session, author)
    here, there = sign_in(author), sign_in(author)
    assert "is off" in here.post("/me/second-factor/switch-off", follow=True).text
    assert there.get("/me").status == 303
    session.refresh(author)
    assert (author.totp_secret, author.totp_confirmed_at, author.totp_last_step) == (None, None, None)
    assert session.scalars(select(RecoveryCode)).all() == []
    assert verbs(session)[-1] == "switched off the second factor of"
    assert anonymous.submit("/login", {"email": author.email, "password": PASSWORD}).location == "/"
    assert here.post("/me/second-factor/recovery-codes").status == 422


def test_neither_secret_nor_code_is_in_history_or_the_cookie(
    sign_in: SignInAs, author: Person, session: Session, now: datetime
) -> None:
    browser = sign_in(author)
    browser.post("/me/second-factor/begin")
    session.refresh(author)
    page = browser.post("/me/second-factor/switch-on", {"code": app_code(author)})
    told = str(session.execute(select(HistoryEntry.changes, HistoryEntry.subject_label)).all())
    with browser.client.session_transaction() as stored:
        told += str(dict(stored))
    code = shown_codes(page.html)[0]
    assert (author.totp_secret or "") not in told and code not in told


def test_the_person_is_told_of_each_change_by_mail(
    sign_in: SignInAs, admin: Person, author: Person, session: Session, now: datetime
) -> None:
    browser = sign_in(author)
    browser.post("/me/second-factor/begin")
    session.refresh(author)
    browser.post("/me/second-factor/switch-on", {"code": app_code(author)})
    browser.post("/me/second-factor/recovery-codes")
    browser.post("/me/second-factor/switch-off")
    switch_on(session, author)
    sign_in(admin).post(f"/people/{author.id}/reset-second-factor")
    owed = [each.payload for each in session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))]
    assert {each["person_id"] for each in owed} == {author.id}
    on, off = "second_factor_on", "second_factor_off"
    assert [each["what"] for each in owed] == [on, "recovery_codes_made", off, on, off]
