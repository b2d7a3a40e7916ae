"""What people do with their accounts, and what an admin does with mails: one entry each, and no secret in any."""

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Identity, Person
from postmortem.config_parts import Smtp
from postmortem.history.export import json_lines
from postmortem.history.models import HistoryEntry
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.models import OutboxMessage
from postmortem.permissions.models import AccessRequest
from tests.factories.incidents import make_incident
from tests.support.changes import Site
from tests.support.client import PASSWORD, Browser


@pytest.fixture
def site(app: Flask, session: Session, sign_in: Callable[[Person], Browser]) -> Site:
    return Site(app, session, sign_in)


def code_of(session: Session, person: Person, after: int = 0) -> str:
    session.expire_all()
    secret = session.get_one(Person, person.id).totp_secret
    assert secret
    return pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30 * after))


def told(session: Session, last: int) -> list[tuple[str, str, int | None]]:
    session.expire_all()
    found = select(HistoryEntry).where(HistoryEntry.id > last).order_by(HistoryEntry.id)
    return [(entry.verb, entry.subject_type, entry.actor_id) for entry in session.scalars(found)]


def test_a_second_factor(site: Site, session: Session, anonymous: Browser) -> None:
    me, browser, last = site.admin.id, site.browser, site.last_entry()
    assert browser.post("/me/second-factor/begin").status == 303
    assert told(session, last) == []
    first = code_of(session, site.admin)
    assert browser.post("/me/second-factor/switch-on", {"code": first}).status == 200
    assert told(session, last) == [("switched on the second factor of", "people", me)]
    last = site.last_entry()
    assert anonymous.post("/login", {"email": site.admin.email, "password": PASSWORD}).status == 303
    assert told(session, last) == []
    assert anonymous.post("/login/code", {"code": "000000"}).status == 422
    assert told(session, last) == [("gave a wrong code for", "people", None)]
    last = site.last_entry()
    second = code_of(session, site.admin, after=1)
    assert anonymous.post("/login/code", {"code": second}).status == 303
    assert told(session, last) == [("signed in as", "people", me)]
    last = site.last_entry()
    assert browser.post("/me/second-factor/recovery-codes").status == 200
    assert told(session, last) == [("made new recovery codes for", "people", me)]
    last = site.last_entry()
    assert browser.post("/me/second-factor/switch-off").status == 303
    assert told(session, last) == [("switched off the second factor of", "people", me)]
    everything = "".join(json_lines(session))
    assert first not in everything
    assert second not in everything
    assert PASSWORD not in everything


def test_a_wrong_password_is_told_of_nobody(site: Site, session: Session, anonymous: Browser) -> None:
    last = site.last_entry()
    anonymous.post("/login", {"email": site.admin.email, "password": "wrong"})
    anonymous.post("/login", {"email": "nobody@example.com", "password": "wrong"})
    assert [(table, actor) for _, table, actor in told(session, last)] == [("people", None), ("site", None)]
    assert "nobody@example.com" not in "".join(json_lines(session))


def test_mails(make_app: Callable[..., Flask], session: Session, config) -> None:
    smtp = Smtp(host="mail.example", port=25, user="", password="", sender="a@example.com", tls="none")
    with_mail = make_app(**{"smtp": smtp} if hasattr(config, "smtp") else {})
    site = Site(with_mail, session, lambda person: _signed_in(with_mail, person))
    last = site.last_entry()
    assert site.browser.post("/settings/deliveries/test-mail").status == 303
    assert site.browser.post("/people/1/link/mail").status == 303
    me = site.admin.id
    assert told(session, last) == [
        ("sent a test mail to", "people", me),
        ("sent a password link to", "people", me),
    ]
    # Beside them lies the news of what the stage was furnished with.
    mails = select(OutboxMessage).where(OutboxMessage.kind != DeliveryKind.NEWS).order_by(OutboxMessage.id)
    first, second = session.scalars(mails).all()
    last = site.last_entry()
    for message in (first, second):
        message.finished_at = clock.now()
    session.commit()
    assert site.browser.post(f"/settings/deliveries/{first.id}/again").status == 303
    assert site.browser.post("/settings/deliveries/again").status == 303
    assert told(session, last) == [("tried again", "outbox_messages", me)] * 2


def _signed_in(app: Flask, person: Person) -> Browser:
    browser = Browser(app)
    browser.sign_in(person)
    return browser


def test_asking_for_access(
    site: Site, session: Session, sign_in: Callable[[Person], Browser], reader: Person
) -> None:
    hidden = make_incident(session, site.cast.filer, "Hidden", restricted=True)
    path, elsewhere = f"/incidents/{hidden.id}", "/incidents/1"
    asking, last, me = sign_in(reader), site.last_entry(), site.admin.id
    for _ in range(2):
        assert asking.submit(f"/access/ask?path={path}", {"reason": "I was there."}).status == 303
        session.execute(update(AccessRequest).values(path=elsewhere))
    assert told(session, last) == [("asked with", "access_requests", reader.id)] * 2
    session.execute(update(AccessRequest).values(path=path))
    last = site.last_entry()
    assert site.browser.post("/access/requests/1/decline", {"answer": "Ask your lead."}).status == 303
    assert told(session, last) == [("declined", "access_requests", me)]
    last = site.last_entry()
    assert site.browser.post("/access/requests/2/grant").status == 303
    assert sorted(told(session, last)) == [("edited", "incidents", me), ("granted", "access_requests", me)]


def test_unlinking_from_single_sign_on(site: Site, session: Session) -> None:
    session.add(Identity(issuer="https://id.example", subject="1", person_id=1, created_at=clock.now()))
    session.commit()
    last = site.last_entry()
    for _ in range(2):
        assert site.browser.post("/people/1/unlink").status == 303
    assert told(session, last) == [("unlinked the provider's account from", "people", site.admin.id)]


def test_what_an_admin_does_with_somebodys_access(site: Site, session: Session) -> None:
    person, me = site.cast.lead, site.admin.id
    Browser(site.app).sign_in(person)
    last = site.last_entry()
    for _ in range(2):
        assert site.browser.post(f"/people/{person.id}/end-sessions").status == 303
    assert told(session, last) == [("ended every sign-in of", "people", me)]
    now = {"totp_secret": pyotp.random_base32(), "totp_confirmed_at": clock.now()}
    session.execute(update(Person).where(Person.id == person.id).values(**now))
    last = site.last_entry()
    assert site.browser.post(f"/people/{person.id}/reset-second-factor").status == 303
    assert told(session, last) == [("reset the second factor of", "people", me)]
