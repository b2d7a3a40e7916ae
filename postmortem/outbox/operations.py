"""Owing something, and trying again what was given up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.errors import Refused
from postmortem.history.operations import Actor, record
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.models import OutboxMessage

AT_ONCE = 500


def owe(
    session: Session,
    kind: DeliveryKind,
    payload: Mapping[str, Any],
    *,
    due_at: datetime | None = None,
    lane: str | None = None,
    delivery_id: str | None = None,
) -> OutboxMessage:
    """Note in the caller's transaction that something is to be delivered: at once, or from `due_at` on.

    `payload` holds ids and plain values, never a secret. `lane` names the far end where there are several.
    `delivery_id` is given where the same may be owed again: the second row is refused (IntegrityError).
    """
    now = clock.now()
    message = OutboxMessage(
        kind=kind.value, payload=dict(payload), created_at=now, due_at=due_at or now, lane=lane
    )
    if delivery_id is not None:
        message.delivery_id = delivery_id
    session.add(message)
    return message


def try_again(session: Session, message: OutboxMessage, *, actor: Actor) -> None:
    """Let the worker begin anew, at once, with what was given up or waits for its next try.

    Refuses what is delivered or being delivered at this moment.
    """
    now = clock.now()
    begun = session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.id == message.id,
            OutboxMessage.is_delivered.is_(False),
            or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= now),
        )
        .values(finished_at=None, due_at=now, attempts=0, claimed_until=None)
    )
    if begun.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("This is being delivered already. Look again in a minute.")
    record(session, "tried again", message, actor=actor)


def try_all_again(session: Session, *, actor: Actor) -> int:
    """The same for all that was given up, latest first, at most AT_ONCE; returns how many."""
    messages = session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.finished_at.is_not(None), OutboxMessage.is_delivered.is_(False))
        .order_by(OutboxMessage.finished_at.desc(), OutboxMessage.id.desc())
        .limit(AT_ONCE)
    ).all()
    for message in messages:
        try_again(session, message, actor=actor)
    return len(messages)


def owe_test_mail(session: Session, person: Any, *, actor: Actor) -> None:
    """Owe a person a mail that only shows that mail arrives."""
    record(session, "sent a test mail to", person, actor=actor)
    owe(session, DeliveryKind.TEST_MAIL, {"person_id": person.id})
