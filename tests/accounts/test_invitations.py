"""Invitations and notices by mail; and as ever on a site without mail."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person, SingleUseLink
from postmortem.accounts.notices import NOTICE_TEXTS, Notice, owe_notice
from postmortem.config import Config
from postmortem.history.models import HistoryEntry
from postmortem.outbox.models import OutboxMessage
from tests.accounts.mail_fixtures import mailing, mails, visitor, work_off
from tests.support.client import PASSWORD, Browser
from tests.support.mailing import Deliver, deliver, link_in
from tests.support.smtp import MailServer

__all__ = ["mailing", "mails", "visitor", "work_off"]
NEW = {
    "email": "nils@example.com",
    "name": "Nils Ny",
    "handle": "",
    "role": "contributor",
    "timezone": "Europe/Stockholm",
}


@pytest.fixture
def admins(mailing: Flask, admin: Person) -> Browser:
    browser = Browser(mailing)
    browser.sign_in(admin)
    return browser


def verbs(session: Session) -> list[str]:
    return list(session.scalars(select(HistoryEntry.verb).order_by(HistoryEntry.id)))


def test_who_is_added_gets_a_mail_and_the_admin_never_sees_the_link(
    admins: Browser, visitor: Browser, mails: MailServer, work_off: Deliver, session: Session
) -> None:
    page = admins.submit("/people/new", NEW)
    page = admins.get(page.location)
    assert "A link is on its way to nils@example.com." in page.text
    assert "password-link" not in page.html
    assert session.scalar(select(func.count()).select_from(SingleUseLink)) == 0
    work_off()
    [mail] = mails.taken
    assert mail.recipients == ["nils@example.com"]
    assert mail.message["Subject"] == "Your account at Postmortem"
    assert "Ada Admin added you" in mail.part("plain")
    assert "Ada Admin added you" in mail.part("html")
    path = link_in(mail)
    assert visitor.submit(path, {"password": "correct horse"}).status == 303
    assert visitor.get(path).status == 404
    work_off()
    assert len(mails.taken) == 1, "a first password is no change to be told about"


def test_posted_twice_mails_once(admins: Browser, mails: MailServer, work_off: Deliver) -> None:
    data = admins.get("/people/new").forms[-1].data | NEW
    for _ in range(2):
        assert admins.post("/people/new", data).status == 303
    work_off()
    assert len(mails.taken) == 1


def test_a_new_link_by_mail_or_shown_once(
    admins: Browser, author: Person, mails: MailServer, work_off: Deliver, visitor: Browser, session: Session
) -> None:
    admins.post(f"/people/{author.id}/link/mail")
    page = admins.get(f"/people/{author.id}")
    assert f"A link is on its way to {author.email}." in page.text
    work_off()
    mailed = link_in(mails.taken[0])
    assert mails.taken[0].message["Subject"] == "A link to set your password at Postmortem"
    assert "valid" not in mails.taken[0].part("plain")
    page = admins.post(f"/people/{author.id}/link", follow=True)
    shown = next(value for value in page.html.split('"') if "/password/" in value)
    assert visitor.get(mailed).status == 404
    assert visitor.get(shown.removeprefix("http://localhost")).status == 200
    assert "password-link" not in admins.get(f"/people/{author.id}").html
    assert "sent a password link to" in verbs(session)


def test_a_deactivated_person_is_not_invited(
    admins: Browser, author: Person, session: Session, mails: MailServer, work_off: Deliver
) -> None:
    admins.post(f"/people/{author.id}/link/mail")
    admins.post(f"/people/{author.id}/deactivate")
    work_off()
    assert mails.taken == []
    page = admins.post(f"/people/{author.id}/link/mail")
    assert page.status == 422
    assert "is deactivated" in page.text


def test_only_admins_have_links_mailed(mailing: Flask, author: Person, session: Session) -> None:
    browser = Browser(mailing)
    browser.sign_in(author)
    assert browser.post(f"/people/{author.id}/link/mail").status == 403
    assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


def test_without_mail_the_link_is_shown_as_ever(
    anonymous: Browser, admin: Person, author: Person, session: Session
) -> None:
    anonymous.sign_in(admin)
    for path in (f"/people/{author.id}/link", f"/people/{author.id}/link/mail"):
        assert "password-link" in anonymous.post(path, follow=True).html
    assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


@pytest.mark.parametrize(
    "injection", ["\r\nBcc: thief@example.com", "=?utf-8?q?=0D=0ABcc:_thief@example.com?="]
)
def test_no_name_reaches_a_header_of_its_own(
    admins: Browser, mails: MailServer, work_off: Deliver, injection: str
) -> None:
    assert admins.submit("/people/new", {**NEW, "name": f"Nils{injection}"}).status == 303
    work_off()
    [mail] = mails.taken
    assert mail.recipients == ["nils@example.com"]
    assert "Bcc" not in mail.message
    assert "thief@example.com" not in [each.addr_spec for each in mail.message["To"].addresses]


# Notices


def test_who_changes_their_password_is_told(
    mailing: Flask, author: Person, mails: MailServer, work_off: Deliver
) -> None:
    browser = Browser(mailing)
    browser.sign_in(author)
    data = {"current_password": PASSWORD, "password": "another long one"}
    assert browser.post("/me/password", data).status == 303
    work_off()
    [mail] = mails.taken
    assert mail.recipients == [author.email]
    assert mail.message["Subject"] == "Your password was changed"
    assert "http://localhost/login/forgot" in mail.part("plain")
    assert "UTC+" in mail.part("plain")
    assert "another long one" not in mail.raw.decode()


def test_a_new_address_is_told_to_the_old_one(
    admins: Browser, author: Person, mails: MailServer, work_off: Deliver
) -> None:
    old = author.email
    page = admins.submit(f"/people/{author.id}/edit", {"email": "new@example.com"})
    assert page.status == 303
    work_off()
    assert [mail.recipients for mail in mails.taken] == [[old]]
    assert "new@example.com" not in mails.taken[0].raw.decode()


@pytest.mark.parametrize("what", list(Notice))
def test_every_notice_can_be_sent(
    session: Session, author: Person, mails: MailServer, work_off: Deliver, what: Notice
) -> None:
    owe_notice(session, author, what)
    session.commit()
    work_off()
    [mail] = mails.taken
    assert mail.message["Subject"] == NOTICE_TEXTS[what].headline
    assert "to nobody" not in mail.part("html")


def test_a_site_without_mail_keeps_no_pile_of_notices(
    session: Session, author: Person, config: Config
) -> None:
    owe_notice(session, author, Notice.PASSWORD_CHANGED)
    session.commit()
    deliver(config, None)
    session.expire_all()
    assert [row.is_delivered for row in session.scalars(select(OutboxMessage))] == [True]
