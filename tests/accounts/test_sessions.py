"""How long a sign-in lasts, what ends it, and what the person is told."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person, SignIn
from postmortem.config_parts import SessionLimits
from postmortem.history.models import HistoryEntry
from tests.factories.incidents import make_incident
from tests.support.client import PASSWORD, Browser

SignInAs = Callable[[Person], Browser]
Freeze = Callable[[datetime], None]
IDLE, ABSOLUTE = SessionLimits().idle, SessionLimits().absolute
MINUTE = timedelta(minutes=1)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def entries(session: Session) -> list[str]:
    """What history says since the cast was added."""
    verbs = ("added", "edited")
    rows = session.scalars(
        select(HistoryEntry).where(HistoryEntry.verb.not_in(verbs)).order_by(HistoryEntry.id)
    )
    return [f"{each.actor_name} {each.sentence}" for each in rows]


def test_an_unused_browser_is_signed_out_and_told_why(
    sign_in: SignInAs, author: Person, frozen: Freeze, session: Session
) -> None:
    browser, start = sign_in(author), clock.now()
    frozen(start + timedelta(hours=1))
    assert browser.get("/me").status == 200
    frozen(start + timedelta(hours=1) + IDLE + MINUTE)
    page = browser.get("/actions/?status=done")
    assert (page.status, page.location) == (303, "/login?next=/actions/?status%3Ddone")
    page = browser.get(page.location)
    assert "This browser was not used for 8 hours, so it was signed out." in page.text
    assert "back where you were" in page.text
    data = {"email": author.email, "password": PASSWORD}
    assert browser.submit("/login?next=/actions/?status%3Ddone", data).location == "/actions/?status=done"


def test_after_the_longest_time_everybody_signs_in_again_however_busy(
    sign_in: SignInAs, author: Person, frozen: Freeze
) -> None:
    browser, start = sign_in(author), clock.now()
    for hours in range(1, 12):
        frozen(start + timedelta(hours=hours))
        assert browser.get("/me").status == 200
    frozen(start + ABSOLUTE - MINUTE)
    assert browser.get("/me").status == 200
    frozen(start + ABSOLUTE + MINUTE)
    page = browser.get("/me")
    assert page.location == "/login?next=/me"
    assert (
        "You were signed in for 12 hours, which is as long as it lasts here."
        in browser.get(page.location).text
    )


def test_the_limits_are_settings(
    make_app: Callable[..., Flask], author: Person, frozen: Freeze, session: Session
) -> None:
    lasts = SessionLimits(idle=timedelta(minutes=10), absolute=timedelta(hours=1))
    browser = Browser(make_app(session_limits=lasts))
    browser.sign_in(author)
    start = clock.now()
    for minutes in (9, 18, 27, 36, 45, 54):
        frozen(start + timedelta(minutes=minutes))
        assert browser.get("/me").status == 200, minutes
    frozen(start + timedelta(minutes=61))
    assert "signed in for 1 hour," in browser.get("/me", follow_redirects=True).text


@pytest.mark.parametrize("minutes", [3, 7, 30])
def test_whoever_is_busy_is_never_thought_idle(
    sign_in: SignInAs, author: Person, frozen: Freeze, minutes: int
) -> None:
    """Also somebody who only sends forms, and forms that save nothing: previews, mistakes."""
    browser, start = sign_in(author), clock.now()
    token = browser.csrf_token()
    for step in range(1, int(timedelta(hours=11) / timedelta(minutes=minutes))):
        frozen(start + step * timedelta(minutes=minutes))
        answer = browser.client.post("/me/profile", data={"csrf_token": token, "name": ""})
        assert answer.status_code == 422, step


def test_last_seen_is_written_once_in_five_minutes(
    sign_in: SignInAs, author: Person, frozen: Freeze, session: Session
) -> None:
    browser, start = sign_in(author), clock.now()
    seen = []
    for minutes in (1, 4, 6, 8, 10, 12):
        frozen(start + minutes * MINUTE)
        browser.get("/me")
        session.expire_all()
        seen.append(round((session.scalars(select(SignIn.last_seen_at)).one() - start) / MINUTE))
    assert seen == [0, 0, 6, 6, 6, 12]


def test_an_expired_cookie_is_nobodys_and_its_copy_too(
    sign_in: SignInAs, author: Person, frozen: Freeze, app: Flask
) -> None:
    browser = sign_in(author)
    cookie = browser.client.get_cookie("postmortem")
    assert cookie is not None
    frozen(clock.now() + IDLE + MINUTE)
    for _ in range(2):
        assert browser.get("/me").status == 303
    thief = Browser(app)
    thief.client.set_cookie("postmortem", cookie.value)
    assert thief.get("/me").status == 303


def test_a_form_sent_too_late_leads_back_to_the_page_it_stood_on(
    sign_in: SignInAs, author: Person, frozen: Freeze, session: Session
) -> None:
    incident = make_incident(session, author, "Playback stops")
    browser = sign_in(author)
    frozen(clock.now() + IDLE + MINUTE)
    path = f"/incidents/{incident.id}/edit"
    page = browser.post(path, {"title": "Changed"}, headers={"Referer": f"http://localhost{path}?a=1"})
    assert page.location == f"/login?next={path}?a%3D1"
    data = {"email": author.email, "password": PASSWORD}
    assert browser.submit(page.location, data).location == f"{path}?a=1"


@pytest.mark.parametrize("referer", ["https://evil.example/x", "//evil.example", "nonsense", ""])
def test_only_our_own_pages_are_led_back_to(anonymous: Browser, author: Person, referer: str) -> None:
    page = anonymous.post("/me/profile", {}, headers={"Referer": referer} if referer else {})
    assert page.status == 303
    data = {"email": author.email, "password": PASSWORD}
    assert anonymous.submit(page.location, data).location == "/"


def test_a_browser_that_was_signed_out_from_elsewhere_is_told(sign_in: SignInAs, author: Person) -> None:
    here, there = sign_in(author), sign_in(author)
    here.post("/me/sessions/end-others")
    assert "This browser was signed out meanwhile." in there.get("/login").text
    assert "signed out" not in Browser(here.app).get("/login").text


def test_signing_out_clears_what_the_browser_kept(sign_in: SignInAs, author: Person) -> None:
    browser = sign_in(author)
    response = browser.client.post("/logout", data={"csrf_token": browser.csrf_token()})
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert browser.get("/login").text.count("signed out") == 0


def test_rows_that_ended_long_ago_are_cleared_away(
    sign_in: SignInAs, author: Person, reader: Person, anonymous: Browser, frozen: Freeze, session: Session
) -> None:
    start = clock.now()
    sign_in(author)
    frozen(start + timedelta(hours=12))
    sign_in(author)
    frozen(start + ABSOLUTE + timedelta(days=1, minutes=1))
    anonymous.submit("/login", {"email": reader.email, "password": PASSWORD})
    rows = session.execute(select(SignIn.person_id).order_by(SignIn.id)).scalars().all()
    assert rows == [author.id, reader.id]


def test_the_list_says_where_from_how_and_since_when(
    anonymous: Browser, author: Person, sign_in: SignInAs, frozen: Freeze
) -> None:
    start = clock.now()
    sign_in(author)
    anonymous.client.environ_base.update({"HTTP_USER_AGENT": FIREFOX, "REMOTE_ADDR": "198.51.100.7"})
    frozen(start + timedelta(hours=7))
    anonymous.submit("/login", {"email": author.email, "password": PASSWORD})
    page = anonymous.get("/me/sessions")
    for text in ("Firefox on Linux", "198.51.100.7", "Password", "This browser"):
        assert text in page.text
    assert len([each for each in page.forms if each.action.endswith("/end")]) == 2
    frozen(start + timedelta(hours=8, minutes=1))
    assert len([each for each in anonymous.get("/me/sessions").forms if each.action.endswith("/end")]) == 1


def test_history_has_one_entry_for_each(
    anonymous: Browser, author: Person, sign_in: SignInAs, session: Session
) -> None:
    data: dict[str, Any] = {"email": author.email, "password": PASSWORD}
    anonymous.submit("/login", data)
    anonymous.post("/logout")
    anonymous.post("/logout")
    anonymous.submit("/login", data | {"password": "wrong wrong"})
    anonymous.submit("/login", {"email": "my secret", "password": "wrong wrong"})
    anonymous.submit("/login", data)
    for _ in range(2):
        sign_in(author)
    assert anonymous.post("/me/sessions/end-others").status == 303
    anonymous.post("/me/sessions/end-others")
    sign_in(author)
    other = [each.action for each in anonymous.get("/me/sessions").forms if each.action.endswith("/end")][-1]
    anonymous.post(other)
    assert entries(session) == [
        "Aino Author signed in",
        "Aino Author signed out as person Aino Author",
        "somebody signed out failed to sign in as person Aino Author",
        "somebody signed out failed to sign in at this site",
        "Aino Author signed in",
        "Aino Author ended the other sign-ins of person Aino Author",
        "Aino Author ended a sign-in of person Aino Author",
    ]
    everything = str(session.execute(select(HistoryEntry.changes, HistoryEntry.subject_label)).all())
    assert "secret" not in everything and "wrong" not in everything
    first = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "signed in as")).first()
    assert first is not None and first.changes == {
        "method": [None, "password"],
        "address": [None, "127.0.0.1"],
    }


def test_signing_in_over_somebody_elses_sign_in_ends_theirs(
    sign_in: SignInAs, author: Person, reader: Person, app: Flask, session: Session
) -> None:
    browser = sign_in(reader)
    with app.test_request_context(), app.extensions["database"].session(writes=True) as writing:
        from flask_login import login_user

        from postmortem.accounts.enums import SignInMethod
        from postmortem.accounts.sign_in import SignedIn
        from postmortem.accounts.sign_in import sign_in as start

        with browser.client.session_transaction() as stored:
            token = stored["_user_id"]
        login_user(SignedIn(reader, token))
        start(writing, author, method=SignInMethod.LINK)
        writing.commit()
    assert browser.get("/me").status == 303
    assert session.scalar(select(func.count()).where(SignIn.person_id == reader.id)) == 0
    assert entries(session)[-2:] == [
        "Rita Reader signed out as person Rita Reader",
        "Aino Author signed in",
    ]
