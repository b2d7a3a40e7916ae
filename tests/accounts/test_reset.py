"""Forgotten passwords: nobody learns who is here, and only the stored address gets the link."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person, SingleUseLink
from postmortem.config import Config
from postmortem.history.models import HistoryEntry
from postmortem.outbox.models import OutboxMessage
from postmortem.outbox.workplace import Workplace
from tests.accounts.mail_fixtures import mailing, mails, visitor, work_off
from tests.support.client import PASSWORD, Browser
from tests.support.mailing import Deliver, deliver, link_in
from tests.support.smtp import MailServer
from tests.support.sql import counted

__all__ = ["mailing", "mails", "visitor", "work_off"]
FORGOT = "/login/forgot"
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def outbox(session: Session) -> list[OutboxMessage]:
    session.expire_all()
    return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def ask(browser: Browser, email: object) -> None:
    page = browser.submit(FORGOT, {"email": email})
    assert (page.status, page.location) == (303, f"{FORGOT}/sent")


def test_the_whole_way_back_in(
    visitor: Browser, mailing: Flask, author: Person, mails: MailServer, work_off: Deliver
) -> None:
    assert FORGOT in visitor.get("/login").links
    ask(visitor, "AINO-author@example.com ")
    assert "If somebody here signs in with that address" in visitor.get(f"{FORGOT}/sent").text
    assert mails.taken == []
    work_off()
    [mail] = mails.taken
    assert mail.recipients == ["aino-author@example.com"]
    assert mail.message["Subject"] == "A new password for Postmortem"
    path = link_in(mail)
    page = visitor.submit(path, {"password": "another long password"})
    assert page.status == 303
    assert Browser(mailing).get(path).status == 404
    work_off()
    assert mails.taken[1].message["Subject"] == "Your password was changed"
    old, new = Browser(mailing), Browser(mailing)
    assert old.submit("/login", {"email": author.email, "password": PASSWORD}).status == 422
    answer = new.submit("/login", {"email": author.email, "password": "another long password"})
    assert answer.status == 303


@pytest.mark.parametrize("who", ["known", "unknown", "deactivated"])
def test_asking_is_the_same_for_everybody(
    visitor: Browser, mailing: Flask, author: Person, outsider: Person, session: Session, who: str
) -> None:
    """Answer and statements are those that a known, active person gets; only the worker looks who it is."""
    outsider.is_active = False
    session.commit()
    addresses = {
        "known": author.email,
        "unknown": "nobody-here@example.com",
        "deactivated": outsider.email,
    }
    seen = []
    Browser(mailing).get("/login")  # from now on the process knows that somebody is here
    for email in (author.email, addresses[who]):
        browser = Browser(mailing)
        token = browser.csrf_token()
        with counted(mailing.extensions["database"]) as sent:
            answer = browser.client.post(FORGOT, data={"csrf_token": token, "email": email})
        headers = [item for item in answer.headers if item[0] not in ("Set-Cookie", "Date")]
        seen.append((answer.status_code, answer.data, headers, list(sent)))
    first, second = seen
    assert first == second
    assert first[0] == 303
    assert not [statement for statement in first[3] if "people" in statement and "EXISTS" not in statement]
    assert [row.kind for row in outbox(session)] == ["password_reset"] * 2


@pytest.mark.parametrize("state", ["unknown", "deactivated"])
def test_who_is_not_here_gets_no_mail(
    visitor: Browser, author: Person, session: Session, mails: MailServer, work_off: Deliver, state: str
) -> None:
    author.is_active = state != "deactivated"
    session.commit()
    ask(visitor, author.email if state == "deactivated" else "nobody-here@example.com")
    work_off()
    assert mails.taken == []
    assert [row.is_delivered for row in outbox(session)] == [True]
    assert session.scalar(select(func.count()).select_from(SingleUseLink)) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"email": ["aino-author@example.com", "thief@example.com"]},
        {"email[]": ["aino-author@example.com", "thief@example.com"]},
        {"email[0]": "aino-author@example.com", "email[1]": "thief@example.com"},
        {"email": "aino-author@example.com,thief@example.com"},
        {"email": "aino-author@example.com thief@example.com"},
        {"email": "aino-author@example.com\r\nBcc: thief@example.com"},
        {"email": "aino-author@example.com\nthief@example.com"},
        {"email": "<aino-author@example.com> thief@example.com"},
        {"email": '["aino-author@example.com","thief@example.com"]'},
        {"email": ""},
        {"email": "x" * 300 + "@example.com"},
    ],
)
def test_one_address_or_none(
    visitor: Browser, author: Person, session: Session, fields: dict[str, object]
) -> None:
    page = visitor.post(FORGOT, fields)
    assert page.status == (400 if any("[" in name for name in fields) else 422)
    assert outbox(session) == []


def test_what_is_no_form_is_refused(visitor: Browser, author: Person, session: Session) -> None:
    body = json.dumps({"email": [author.email, "thief@example.com"]})
    token = visitor.csrf_token()
    answer = visitor.client.post(
        FORGOT, data=body, content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert answer.status_code == 400
    assert outbox(session) == []


def test_the_mail_goes_to_the_stored_address_however_it_was_typed(
    visitor: Browser, author: Person, session: Session, mails: MailServer, work_off: Deliver
) -> None:
    """Letters that only look alike lead nowhere, other cases of the same letters to the stored address."""
    for typed in ("aino‑author@example.com", "aino-author@exаmple.com", "aino-author@example.com."):
        visitor.submit(FORGOT, {"email": typed})
    work_off()
    assert mails.taken == []
    ask(visitor, "Aino-Author@EXAMPLE.com")
    work_off()
    assert [taken.recipients for taken in mails.taken] == [[author.email]]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {
            "X-Forwarded-Proto": "gopher",
            "X-Forwarded-Host": "evil.example",
            "X-Original-Host": "evil.example",
        },
        {"Forwarded": "host=evil.example"},
        {"Referer": "http://evil.example/"},
    ],
)
def test_links_come_from_the_settings_and_not_from_the_request(
    visitor: Browser, author: Person, mails: MailServer, work_off: Deliver, headers: dict[str, str]
) -> None:
    visitor.post(FORGOT, {"email": author.email}, headers=headers)
    work_off()
    for mail in mails.taken:
        assert b"evil.example" not in mail.raw
        link_in(mail)
    assert len(mails.taken) == 1


def test_a_forged_host_gets_no_mail_sent(
    visitor: Browser, author: Person, session: Session, mails: MailServer, work_off: Deliver
) -> None:
    data = {"csrf_token": visitor.csrf_token(), "email": author.email}
    answer = visitor.client.post(FORGOT, data=data, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    work_off()
    assert mails.taken == outbox(session) == []


def test_the_link_is_good_for_half_an_hour_and_once(
    visitor: Browser, author: Person, mails: MailServer, work_off: Deliver, frozen
) -> None:
    frozen(START)
    ask(visitor, author.email)
    frozen(START + timedelta(minutes=5))
    work_off()
    path = link_in(mails.taken[0])
    # Aino is in Stockholm.
    assert "until 1 Mar 2026, 13:35 UTC+1" in mails.taken[0].part("plain")
    frozen(START + timedelta(minutes=34, seconds=59))
    assert visitor.get(path).status == 200
    frozen(START + timedelta(minutes=35))
    assert visitor.get(path).status == 404


def test_after_a_crash_the_second_mail_has_the_same_id_and_a_link_that_works(
    visitor: Browser,
    author: Person,
    config: Config,
    mails: MailServer,
    work_off: Deliver,
    session: Session,
    frozen,
) -> None:
    """Killed between sending and marking: it goes out again, and the newest link is the one that works."""
    from postmortem.accounts.deliveries import password_reset
    from postmortem.db import Database
    from postmortem.outbox import claims

    frozen(START)
    ask(visitor, author.email)
    database = Database(config.database_url)
    workplace = Workplace(replace(config, smtp=mails.settings()), database)
    with workplace.writing() as writing:
        [delivery] = claims.claim(
            writing, ["password_reset"], room=claims.Room(1, 1, 1, 1), lease=timedelta(seconds=60)
        )
    password_reset(delivery, workplace)
    database.dispose()
    work_off()
    assert len(mails.taken) == 1
    frozen(START + timedelta(seconds=60))
    work_off()
    first, second = mails.taken
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert link_in(first) != link_in(second)
    assert visitor.get(link_in(first)).status == 404
    assert visitor.get(link_in(second)).status == 200
    assert [row.is_delivered for row in outbox(session)] == [True]


def test_a_request_that_is_an_hour_old_is_not_answered_any_more(
    visitor: Browser, author: Person, session: Session, mails: MailServer, work_off: Deliver, frozen
) -> None:
    frozen(START)
    ask(visitor, author.email)
    frozen(START + timedelta(hours=1, seconds=1))
    work_off()
    assert mails.taken == []
    [row] = outbox(session)
    assert row.finished_at is not None
    assert not row.is_delivered
    assert "more than an hour ago" in row.last_error


def test_no_secret_lies_in_the_outbox_or_in_history(
    visitor: Browser, author: Person, session: Session, mails: MailServer, work_off: Deliver
) -> None:
    mails.fault = "refuses the mail"
    ask(visitor, author.email)
    work_off()
    [row] = outbox(session)
    assert row.payload == {"email": author.email, "browser": row.payload["browser"]}
    assert "unwanted: …" in row.last_error
    assert "/password/" not in row.last_error
    link = session.scalars(select(SingleUseLink)).one()
    entries = session.scalars(select(HistoryEntry).order_by(HistoryEntry.id)).all()
    assert (entries[-1].actor_name, entries[-1].verb) == ("worker", "made a password link for")
    assert link.token_hash not in str([entry.changes for entry in entries])


@pytest.mark.parametrize("email", ["aino-author@example.com", "nobody-here@example.com"])
def test_asking_too_often_is_refused_alike(
    visitor: Browser, author: Person, session: Session, email: str
) -> None:
    for _ in range(5):
        ask(visitor, email)
    page = visitor.submit(FORGOT, {"email": email})
    assert page.status == 429
    assert int(page.headers["Retry-After"]) > 3600
    assert "That was tried too often. Wait 24 hours, then try again." in page.text
    assert page.forms[-1].data["email"] == [email]
    assert len(outbox(session)) == 5


def test_one_address_asks_for_twenty_accounts_an_hour(visitor: Browser, session: Session) -> None:
    session.add(Person(email="x@example.com", name="X", role="admin", created_at=START, version=1))
    session.commit()
    for number in range(20):
        ask(visitor, f"person-{number}@example.com")
    page = visitor.submit(FORGOT, {"email": "person-20@example.com"})
    assert page.status == 429
    forged = visitor.post(
        FORGOT, {"email": "person-21@example.com"}, headers={"X-Forwarded-For": "203.0.113.9"}
    )
    assert forged.status == 429


def test_without_mail_the_page_says_who_helps(anonymous: Browser, author: Person, session: Session) -> None:
    page = anonymous.get(FORGOT)
    assert page.status == 200
    assert "Ask an admin" in page.text
    assert "postmortem people link YOUR-ADDRESS" in page.text
    anonymous.post(FORGOT, {"email": author.email})
    assert outbox(session) == []


def test_mail_that_was_switched_off_meanwhile_waits_for_it(
    visitor: Browser, author: Person, config: Config, session: Session
) -> None:
    ask(visitor, author.email)
    deliver(config, None)
    [row] = outbox(session)
    assert (row.attempts, row.finished_at) == (1, None)
    assert "POSTMORTEM_SMTP_HOST" in row.last_error
