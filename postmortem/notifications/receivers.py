"""Owing calls to receivers: one outbox row for each receiver and each piece of news.

A call's `delivery_id` follows from the news' own and the receiver's number. So whoever shares the news out twice owes
the call once, and the far end sees one id however often it is tried.
"""

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.notifications.enums import Event
from postmortem.notifications.models import Receiver
from postmortem.notifications.stories import News, teller_of
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.models import OutboxMessage
from postmortem.outbox.operations import owe
from postmortem.outbox.workplace import Delivery

HELD = "Its receiver is switched off. Switch it on again and replay what it missed."


def lane_of(receiver_id: int) -> str:
    """The lane of everything that is owed to this receiver."""
    return f"receiver-{receiver_id}"


def host_of(url: str) -> str:
    """What may be shown of a receiver's address: the rest of it is as good as a password."""
    return urlsplit(url).netloc.rpartition("@")[2]


def takes_calls() -> ColumnElement[bool]:
    """Receivers that are on, and those that we switched off ourselves: for them calls are kept to be replayed."""
    return and_(
        Receiver.deleted_at.is_(None),
        or_(Receiver.is_active.is_(True), Receiver.switched_off_at.is_not(None)),
    )


def owe_calls(session: Session, delivery: Delivery, news: News) -> None:
    """Owe this news to each receiver of the site that wants it; done twice for one delivery, owed once.

    Only what everybody who may sign in may read goes to a receiver of the site.
    """
    wanting = [
        each
        for each in session.scalars(
            select(Receiver).where(Receiver.person_id.is_(None), takes_calls()).order_by(Receiver.id)
        )
        if news.event.value in each.events
    ]
    teller = teller_of(news.subject_type)
    if not wanting or teller is None:
        return
    story = teller.story(session, news, None)
    if story is None:
        return
    for receiver in wanting:
        if receiver.team_id is None or receiver.team_id in story.team_ids:
            _owe(session, receiver, delivery.delivery_id, news, None)


def owe_call(
    session: Session,
    receiver_id: int,
    delivery_id: str,
    news: News,
    person_id: int,
    *,
    due_at: datetime | None = None,
) -> bool:
    """Owe this news to a receiver of the person's own, from `due_at` on; twice for one delivery, owed once.

    False where there is no such receiver of theirs that takes calls: the news has to go another way.
    """
    receiver = session.scalar(
        select(Receiver).where(Receiver.id == receiver_id, Receiver.person_id == person_id, takes_calls())
    )
    if receiver is None or not receiver.is_active:
        return False
    _owe(session, receiver, delivery_id, news, person_id, due_at)
    return True


def _owe(
    session: Session,
    receiver: Receiver,
    delivery_id: str,
    news: News,
    person_id: int | None,
    due_at: datetime | None = None,
) -> None:
    lane = lane_of(receiver.id)
    own_id = str(uuid.uuid5(uuid.UUID(delivery_id), lane))
    if session.scalar(select(OutboxMessage.id).where(OutboxMessage.delivery_id == own_id)) is not None:
        return
    payload = {
        "receiver_id": receiver.id,
        "receiver": receiver.name,
        "person_id": person_id,
        "news": as_payload(news),
    }
    message = owe(session, DeliveryKind.NEWS_CALL, payload, due_at=due_at, lane=lane, delivery_id=own_id)
    if not receiver.is_active:
        message.finished_at, message.last_error = clock.now(), HELD


def as_payload(news: News) -> dict[str, Any]:
    """News as plain values; `from_payload` reads them."""
    return {**asdict(news), "event": news.event.value, "to": list(news.to), "facts": dict(news.facts)}


def from_payload(payload: Mapping[str, Any]) -> News:
    """News as they were owed. Raises ValueError for an event of a later version."""
    return News(
        event=Event(payload["event"]),
        subject_type=payload["subject_type"],
        subject_id=payload["subject_id"],
        actor_id=payload["actor_id"],
        actor_name=payload["actor_name"],
        to=tuple(payload["to"]),
        facts=payload["facts"],
    )
