"""Owing something, and trying again what was given up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.errors import Refused
from postmortem.history.operations import Actor, record
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.models import OutboxMessage


def owe(
    session: Session, kind: DeliveryKind, payload: Mapping[str, Any], *, due_at: datetime | None = None
) -> OutboxMessage:
    """Note in the caller's transaction that something is to be delivered: at once, or from `due_at` on.

    `payload` holds ids and plain values, never a secret.
    """
    now = clock.now()
    message = OutboxMessage(kind=kind.value, payload=dict(payload), created_at=now, due_at=due_at or now)
    session.add(message)
    return message


def try_again(session: Session, message: OutboxMessage, *, actor: Actor) -> None:
    """Let the worker begin anew with what was given up. Refuses what is delivered or still being tried."""
    begun = session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.id == message.id,
            OutboxMessage.finished_at.is_not(None),
            OutboxMessage.is_delivered.is_(False),
        )
        .values(finished_at=None, due_at=clock.now(), attempts=0, claimed_until=None)
    )
    if begun.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("This is being tried already. Look again in a minute.")
    record(session, "tried again", message, actor=actor)
