"""Delivering what accounts owe: links to set a password, notices, test mails. Runs in the worker."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.notices import NOTICE_TEXTS, Notice
from postmortem.accounts.operations_reset import RESET_LIFE, RESET_WORTH
from postmortem.accounts.operations_sign_in import LINK_LIFE, issue_password_link
from postmortem.accounts.queries import person_by_email
from postmortem.history.operations import WORKER
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.mailing import mail_to
from postmortem.outbox.workplace import Delivery, Handler, NotDelivered, Undeliverable, Workplace
from postmortem.web import zones


def password_reset(delivery: Delivery, workplace: Workplace) -> None:
    """Mail a link to whoever has the typed address, to the address that is stored. Nobody has it: nothing to do."""
    if clock.now() - delivery.created_at > RESET_WORTH:
        raise Undeliverable("It was asked for more than an hour ago. Whoever needs it asks again.")
    with workplace.reading() as session:
        person = person_by_email(session, delivery.payload["email"])
    if person is None or not person.is_active:
        return
    browser = delivery.payload["browser"]
    _mail_link(
        delivery,
        workplace,
        person.id,
        letter="password_reset",
        life=RESET_LIFE,
        asked_at=delivery.created_at,
        asked_from=f", in {browser}" if browser else "",
    )


def invitation(delivery: Delivery, workplace: Workplace) -> None:
    """Mail a person the link with which they set their password, first or anew."""
    _mail_link(
        delivery,
        workplace,
        delivery.payload["person_id"],
        letter="invitation",
        life=LINK_LIFE,
        invited_by=delivery.payload["invited_by"],
    )


def notice(delivery: Delivery, workplace: Workplace) -> None:
    """Tell a person what was changed about their account; on a site without mail there is nothing to do."""
    payload = delivery.payload
    person = _person(workplace, payload["person_id"])
    if workplace.config.smtp is None or person is None:
        return
    texts = NOTICE_TEXTS[Notice(payload["what"])]
    mail_to(
        delivery,
        workplace,
        name=person.name,
        address=payload["address"] or person.email,
        letter="notice",
        headline=texts.headline,
        sentence=texts.sentence,
        if_not_you=texts.if_not_you,
        where=workplace.config.base_url + texts.where,
        at=_in_words(datetime.fromisoformat(payload["at"]), person),
    )


def test_mail(delivery: Delivery, workplace: Workplace) -> None:
    """Mail somebody that mail arrives."""
    if person := _person(workplace, delivery.payload["person_id"]):
        asked_at = _in_words(delivery.created_at, person)
        mail_to(
            delivery,
            workplace,
            name=person.name,
            address=person.email,
            letter="test_mail",
            asked_at=asked_at,
        )


def _mail_link(
    delivery: Delivery, workplace: Workplace, person_id: int, *, life: timedelta, letter: str, **context: Any
) -> None:
    """Make the link, let it be stored, then mail it. A second try makes a second link, and the first dies."""
    if workplace.config.smtp is None:
        raise NotDelivered("No mail server is set (POSTMORTEM_SMTP_HOST).")
    with workplace.writing() as session:
        person = _active(session, person_id)
        if person is None:
            return
        token = issue_password_link(session, person, actor=WORKER, life=life)
    for name, value in context.items():
        context[name] = _in_words(value, person) if isinstance(value, datetime) else value
    mail_to(
        delivery,
        workplace,
        name=person.name,
        address=person.email,
        letter=letter,
        link=f"{workplace.config.base_url}/password/{token}",
        valid_until=_in_words(clock.now() + life, person),
        is_new=person.password_hash is None,
        **{"address_shown": person.email, **context},
    )


def _person(workplace: Workplace, person_id: int) -> Person | None:
    with workplace.reading() as session:
        return _active(session, person_id)


def _active(session: Session, person_id: int) -> Person | None:
    person = session.get(Person, person_id)
    return person if person is not None and person.is_active else None


def _in_words(moment: datetime, person: Person) -> str:
    """`23 Nov 2026, 19:03 UTC+1` in the person's own zone."""
    local = moment.astimezone(zones.zone(person.timezone))
    return f"{local.day} {local:%b} {local.year}, {local:%H:%M} {zones.offset_name(local)}"


HANDLERS: dict[str, Handler] = {
    DeliveryKind.PASSWORD_RESET: password_reset,
    DeliveryKind.INVITATION: invitation,
    DeliveryKind.NOTICE: notice,
    DeliveryKind.TEST_MAIL: test_mail,
}
