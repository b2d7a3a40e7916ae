"""Delivering to receivers: one piece of news in the words of its kind; and mailing that one was switched off.

Every try of a call has the id of its outbox row, so that the far end can leave out what it had before.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person, Team
from postmortem.notifications.calling import NotTaken, call
from postmortem.notifications.enums import RECEIVER_KIND_LABELS, ReceiverKind
from postmortem.notifications.formats import slack, teams, webhook
from postmortem.notifications.formats.content import Content, as_json
from postmortem.notifications.models import Receiver
from postmortem.notifications.receivers import HELD, from_payload, host_of
from postmortem.notifications.signing import signed_headers
from postmortem.notifications.stories import teller_of
from postmortem.notifications.switching_off import note_failure, note_success
from postmortem.outbox.claims import MAX_ATTEMPTS
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.mailing import mail_to
from postmortem.outbox.workplace import Delivery, Handler, NotDelivered, Undeliverable, Workplace

FORMATS = {
    ReceiverKind.WEBHOOK: webhook.message,
    ReceiverKind.SLACK: slack.message,
    ReceiverKind.TEAMS: teams.message,
}
TEST = "test"


@dataclass(frozen=True)
class _Outgoing:
    """A call put together; nothing of the database is needed any more."""

    receiver_id: int
    kind: ReceiverKind
    url: str
    body: bytes
    headers: dict[str, str]
    is_own: bool


def news_call(delivery: Delivery, workplace: Workplace) -> None:
    """Call one receiver. What its reader may not see any more, and what is gone, is not told."""
    is_test = delivery.payload.get("news") is None
    with workplace.reading() as session:
        outgoing = _outgoing(session, delivery, workplace.config.base_url)
    if outgoing is None:
        return
    try:
        answer = call(outgoing.url, outgoing.body, outgoing.headers, workplace.config.webhook_allow)
        if outgoing.kind is ReceiverKind.TEAMS and answer.startswith(teams.NOT_TAKEN):
            raise NotTaken("Microsoft Teams did not take the message.")
    except NotTaken as failure:
        why = failure.for_people if outgoing.is_own else str(failure)
        if is_test:
            # Somebody looks on: it is tried once, and says nothing about the calls that are owed.
            raise Undeliverable(why) from failure
        is_gone, is_last_try = failure.is_for_good, delivery.attempts >= MAX_ATTEMPTS
        with workplace.writing() as session:
            is_off = note_failure(
                session, outgoing.receiver_id, why, is_gone=is_gone, is_last_try=is_last_try
            )
        raise (Undeliverable if is_gone or is_last_try or is_off else NotDelivered)(
            why, asked=failure.asked
        ) from failure
    with workplace.writing() as session:
        note_success(session, outgoing.receiver_id)


def _outgoing(session: Session, delivery: Delivery, base_url: str) -> _Outgoing | None:
    payload = delivery.payload
    receiver = session.get(Receiver, payload["receiver_id"])
    if receiver is None or receiver.deleted_at is not None:
        raise Undeliverable("Its receiver was deleted.")
    if payload.get("news") is None:
        return _addressed(receiver, delivery, _test_content(receiver, delivery, base_url))
    if not receiver.is_active:
        raise Undeliverable(HELD)
    content = _content(session, receiver, payload, delivery, base_url)
    return _addressed(receiver, delivery, content) if content else None


def _content(
    session: Session, receiver: Receiver, payload: dict[str, Any], delivery: Delivery, base_url: str
) -> Content | None:
    """The story as of now, for the receiver's person or for everybody who may sign in; None: nothing to tell them."""
    try:
        news = from_payload(payload["news"])
    except ValueError as error:
        raise Undeliverable("This version does not know news of this kind.") from error
    reader = None
    if receiver.person_id is not None:
        reader = session.get(Person, receiver.person_id)
        if reader is None or not reader.is_active:
            return None
    teller = teller_of(news.subject_type)
    story = teller.story(session, news, reader) if teller else None
    if story is None or (receiver.team_id is not None and receiver.team_id not in story.team_ids):
        return None
    slugs = session.scalars(select(Team.slug).where(Team.id.in_(story.team_ids)).order_by(Team.slug))
    return Content(
        event=news.event.value,
        at=delivery.created_at,
        headline=story.headline,
        sentence=story.sentence,
        link=base_url + story.path,
        details=story.details,
        excerpt=story.excerpt,
        subject=(news.subject_type, news.subject_id),
        teams=tuple(slugs),
    )


def _test_content(receiver: Receiver, delivery: Delivery, base_url: str) -> Content:
    where = "/settings/receivers/" if receiver.person_id is None else "/me/notifications/receivers/"
    return Content(
        event=TEST,
        at=delivery.created_at,
        headline=f"A test call to {receiver.name}",
        sentence="Somebody asked Postmortem to show that calls arrive here. They do.",
        link=f"{base_url}{where}{receiver.id}",
    )


def _addressed(receiver: Receiver, delivery: Delivery, content: Content) -> _Outgoing:
    body = as_json(FORMATS[receiver.kind](content))
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Postmortem"}
    if receiver.kind is ReceiverKind.WEBHOOK:
        headers |= signed_headers(receiver.secret, delivery.delivery_id, clock.now(), body)
    return _Outgoing(receiver.id, receiver.kind, receiver.url, body, headers, receiver.person_id is not None)


def receiver_off(delivery: Delivery, workplace: Workplace) -> None:
    """Mail an admin, or whose receiver it is, that it was switched off. Without mail the page of receivers says so."""
    payload = delivery.payload
    with workplace.reading() as session:
        person = session.get(Person, payload["person_id"])
        receiver = session.get(Receiver, payload["receiver_id"])
        if person is None or not person.is_active or receiver is None or workplace.config.smtp is None:
            return
        is_own = receiver.person_id == person.id
        whose = "yours" if is_own else receiver.person.name if receiver.person else ""
        context = {
            "receiver": receiver.name,
            "kind": RECEIVER_KIND_LABELS[receiver.kind],
            "host": host_of(receiver.url),
            "whose": whose,
            "reason": payload["reason"],
            "where": workplace.config.base_url
            + (
                f"/me/notifications/receivers/{receiver.id}"
                if is_own
                else f"/settings/receivers/{receiver.id}"
                if receiver.person_id is None
                else "/settings/receivers/"
            ),
        }
        name, address = person.name, person.email
    mail_to(delivery, workplace, name=name, address=address, letter="receiver_off", **context)


HANDLERS: dict[str, Handler] = {
    DeliveryKind.NEWS_CALL: news_call,
    DeliveryKind.RECEIVER_OFF: receiver_off,
}
