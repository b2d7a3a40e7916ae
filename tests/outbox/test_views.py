"""The page Mail and deliveries, and what doctor is told."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.config import Config
from postmortem.history.models import HistoryEntry
from postmortem.outbox.enums import KIND_LABELS, DeliveryKind
from postmortem.outbox.models import OutboxMessage
from postmortem.outbox.operations import owe
from postmortem.outbox.queries import problems
from tests.accounts.mail_fixtures import mailing, mails, work_off
from tests.support.client import Browser
from tests.support.mailing import Deliver
from tests.support.smtp import MailServer
from tests.support.sql import counted

__all__ = ["mailing", "mails", "work_off"]
PAGE = "/settings/deliveries/"
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def admins(mailing: Flask, admin: Person) -> Browser:
    browser = Browser(mailing)
    browser.sign_in(admin)
    return browser


def rows(session: Session) -> list[OutboxMessage]:
    session.expire_all()
    return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def test_every_kind_has_its_words_and_somebody_who_delivers_it() -> None:
    from postmortem.cli.worker import handlers

    assert set(KIND_LABELS) == set(DeliveryKind) == set(handlers())


def test_a_test_mail_comes_to_whoever_asked(
    admins: Browser, admin: Person, session: Session, mails: MailServer, work_off: Deliver
) -> None:
    page = admins.post(f"{PAGE}test-mail", follow=True)
    assert f"A test mail is on its way to {admin.email}." in page.text
    assert "Test mail Ada Admin" in page.text
    work_off()
    assert mails.taken[0].recipients == [admin.email]
    assert mails.taken[0].message["Subject"] == "A test mail from Postmortem"
    page = admins.get(PAGE)
    assert "Nothing waits" in page.text
    assert "Delivered in the last week 1" in page.text
    [entry] = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "sent a test mail to"))
    assert (entry.actor_id, entry.subject_id) == (admin.id, admin.id)


def test_what_failed_says_why_and_is_tried_again_by_a_button(
    admins: Browser, admin: Person, session: Session, mails: MailServer, work_off: Deliver
) -> None:
    mails.fault = "never"
    admins.post(f"{PAGE}test-mail")
    work_off()
    page = admins.get(PAGE)
    assert "550 5.1.1 nobody of this name" in page.text
    assert "Given up 1" in page.text
    mails.fault = ""
    [form] = [form for form in page.forms if form.action.endswith("/1/again")]
    before = rows(session)[0].delivery_id
    assert "It is tried again now" in admins.post(form.action, follow=True).text
    assert rows(session)[0].finished_at is None
    work_off()
    assert mails.taken[0].message["Message-ID"] == f"<{before}@example.com>"
    [entry] = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "tried again"))
    assert (entry.actor_id, entry.subject_label) == (admin.id, "delivery 1 (Test mail)")
    page = admins.post(form.action)
    assert page.status == 422
    assert "This is being delivered already" in page.text


def test_all_of_it_is_tried_again_by_one_button(
    admins: Browser, session: Session, mails: MailServer, work_off: Deliver
) -> None:
    mails.fault = "never"
    for _ in range(3):
        admins.post(f"{PAGE}test-mail")
    work_off()
    mails.fault = ""
    assert "3 deliveries are tried again now." in admins.post(f"{PAGE}again", follow=True).text
    work_off()
    assert len(mails.taken) == 3
    assert len(list(session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "tried again")))) == 3


def test_what_is_under_way_is_left_alone(admins: Browser, admin: Person, session: Session) -> None:
    owe(session, DeliveryKind.TEST_MAIL, {"person_id": admin.id})
    session.commit()
    session.execute(update(OutboxMessage).values(claimed_until=datetime.now(UTC) + timedelta(minutes=1)))
    assert admins.post(f"{PAGE}1/again").status == 422


@pytest.mark.parametrize("name", ["reader", "facilitator"])
def test_it_is_for_admins(
    mailing: Flask, name: str, request: pytest.FixtureRequest, session: Session
) -> None:
    browser = Browser(mailing)
    browser.sign_in(request.getfixturevalue(name))
    assert browser.get(PAGE).status == 403
    for path in ("test-mail", "again", "1/again"):
        assert browser.post(f"{PAGE}{path}").status == 403
    assert rows(session) == []


def test_no_such_delivery(admins: Browser) -> None:
    assert admins.post(f"{PAGE}404/again").status == 404


def test_without_mail_it_says_so(anonymous: Browser, admin: Person, session: Session) -> None:
    anonymous.sign_in(admin)
    page = anonymous.get(PAGE)
    assert "This site sends no mail." in page.text
    assert "Send a test mail" not in page.text
    assert anonymous.post(f"{PAGE}test-mail").status == 422
    assert rows(session) == []


def test_it_asks_as_often_for_three_as_for_one(
    admins: Browser, admin: Person, session: Session, mailing: Flask
) -> None:
    asked = []
    for count in (1, 2):
        for _ in range(count):
            owe(session, DeliveryKind.TEST_MAIL, {"person_id": admin.id})
            owe(session, DeliveryKind.PASSWORD_RESET, {"email": "<b>@x", "browser": ""})
            session.commit()
        admins.get(PAGE)
        with counted(mailing.extensions["database"]) as sent:
            page = admins.get(PAGE)
        assert "&lt;b&gt;@x" in page.html
        asked.append(len(sent))
    assert asked[0] == asked[1] <= 8


def test_doctor_is_told_when_nothing_is_delivered(session: Session, config: Config, frozen) -> None:
    frozen(START)
    assert problems(session) == []
    owe(session, DeliveryKind.TEST_MAIL, {"person_id": 1})
    owe(session, DeliveryKind.TEST_MAIL, {"person_id": 1}, due_at=START + timedelta(days=1))
    session.commit()
    frozen(START + timedelta(minutes=9))
    assert problems(session) == []
    frozen(START + timedelta(minutes=10))
    [sentence] = problems(session)
    assert sentence.startswith("Nothing is delivered: 1 delivery waits, due since 2026-03-01 12:00 UTC")
    session.execute(update(OutboxMessage).where(OutboxMessage.id == 1).values(kind="from_the_future"))
    [sentence] = problems(session)
    assert "“from_the_future”, which this version does not know" in sentence
    session.execute(update(OutboxMessage).where(OutboxMessage.id == 1).values(finished_at=START))
    assert problems(session) == [
        "1 delivery was given up in the last week. Settings, Mail and deliveries, says why."
    ]
    frozen(START + timedelta(days=8))
    [sentence] = problems(session)
    assert "Nothing is delivered" in sentence
