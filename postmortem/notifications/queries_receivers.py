"""Reading receivers: the site's, a person's own, and what is owed to one."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from postmortem.notifications.models import Receiver
from postmortem.notifications.receivers import lane_of
from postmortem.outbox.models import OutboxMessage

SHOWN = 20
_GIVEN_UP = (OutboxMessage.finished_at.is_not(None), OutboxMessage.is_delivered.is_(False))


@dataclass(frozen=True)
class Calls:
    """What is owed to a receiver: how many wait, how many were given up, and the latest of both."""

    waiting: int
    given_up: int
    rows: Sequence[OutboxMessage]


def receivers_of(session: Session, person_id: int | None) -> Sequence[Receiver]:
    """The receivers of this person, or with None the site's, by name."""
    return session.scalars(
        select(Receiver)
        .where(Receiver.person_id.is_not_distinct_from(person_id), Receiver.deleted_at.is_(None))
        .options(joinedload(Receiver.team))
        .order_by(func.lower(Receiver.name), Receiver.id)
    ).all()


def receiver_of(session: Session, receiver_id: int, person_id: int | None) -> Receiver | None:
    """This receiver, if it is this person's, or with None the site's."""
    return session.scalar(
        select(Receiver)
        .where(
            Receiver.id == receiver_id,
            Receiver.person_id.is_not_distinct_from(person_id),
            Receiver.deleted_at.is_(None),
        )
        .options(joinedload(Receiver.team))
    )


def switched_off_of_people(session: Session) -> Sequence[Receiver]:
    """Receivers of people's own that were switched off because they failed, the latest first."""
    return session.scalars(
        select(Receiver)
        .where(
            Receiver.person_id.is_not(None),
            Receiver.deleted_at.is_(None),
            Receiver.switched_off_at.is_not(None),
        )
        .options(joinedload(Receiver.person))
        .order_by(Receiver.switched_off_at.desc(), Receiver.id)
        .limit(SHOWN)
    ).all()


def calls_of(session: Session, receiver: Receiver) -> Calls:
    """What waits for it and what was given up; delivered calls are forgotten after a week and not shown."""
    lane = OutboxMessage.lane == lane_of(receiver.id)
    waiting, given_up = session.execute(
        select(func.count().filter(OutboxMessage.finished_at.is_(None)), func.count().filter(*_GIVEN_UP))
        .select_from(OutboxMessage)
        .where(lane)
    ).one()
    rows = session.scalars(
        select(OutboxMessage)
        .where(lane, OutboxMessage.is_delivered.is_(False))
        .order_by(OutboxMessage.id.desc())
        .limit(SHOWN)
    ).all()
    return Calls(waiting, given_up, rows)


def is_test_waiting(session: Session, receiver: Receiver) -> bool:
    """Whether a test call to it is owed and neither made nor given up."""
    waiting = session.scalars(
        select(OutboxMessage.payload)
        .where(OutboxMessage.lane == lane_of(receiver.id), OutboxMessage.finished_at.is_(None))
        .order_by(OutboxMessage.id.desc())
        .limit(SHOWN)
    )
    return any(payload.get("news") is None for payload in waiting)
