"""Claiming what is due and noting what came of it. Nothing here commits: the worker does, in short transactions.

A claim is a lease. While the worker lives it renews the lease; after a crash the lease runs out and somebody else
claims the row. `attempts` is counted up by each claim, so it also tells whether a claim is still the newest one.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.outbox import lanes
from postmortem.outbox.lanes import CUT_OFF, is_due
from postmortem.outbox.models import OutboxMessage
from postmortem.outbox.workplace import Delivery

# How long until the next try after the first, second, … failure. The failure after the last gap is the end.
GAPS = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
)
MAX_ATTEMPTS = len(GAPS) + 1
# A far end may ask for a longer gap, within reason.
LONGEST_ASKED = timedelta(hours=1)
ERROR_LENGTH = 300
# How long a finished row stays for admins to look at.
KEPT_DELIVERED, KEPT_GIVEN_UP = timedelta(days=7), timedelta(days=90)


def anything_due(session: Session, kinds: Collection[str]) -> bool:
    """Whether there is anything to claim; asked every second, without a lock."""
    return bool(session.scalar(select(exists().where(is_due(clock.now()), OutboxMessage.kind.in_(kinds)))))


@dataclass(frozen=True)
class Room:
    """How many rows may be taken: in all, of lanes, of lanes of which something failed before, of those in no lane
    (mail), and of those that were in hand when a worker ended."""

    all: int
    lanes: int
    suspects: int
    others: int
    cut_off: int = 1


def claim(session: Session, kinds: Collection[str], *, room: Room, lease: timedelta) -> list[Delivery]:
    """Take due rows of these kinds, the longest due first. A row of another kind stays as it is.

    Of each lane one row at a time is under way, so a far end that hangs holds one thread, and lanes that fail never
    hold the room of the others. What was in hand when a worker ended comes one at a time, the least tried first: if
    one of these rows ends the worker, the others are not counted out with it.
    """
    now = clock.now()
    again = _cut_off(session, kinds, now, room)
    free = room.all - len(again)
    suspects = set(lanes.heads(session, kinds, now, is_suspect=True, limit=min(room.suspects, free)))
    for_lanes = min(room.lanes, free) - len(suspects)
    heads = suspects | set(lanes.heads(session, kinds, now, is_suspect=False, limit=for_lanes))
    ids = [
        *again,
        *heads,
        *session.scalars(
            select(OutboxMessage.id)
            .where(is_due(now), OutboxMessage.kind.in_(kinds), OutboxMessage.lane.is_(None), ~CUT_OFF)
            .order_by(OutboxMessage.due_at, OutboxMessage.id)
            .limit(max(0, min(room.others, free - len(heads))))
            .with_for_update(skip_locked=True)
        ),
    ]
    if not ids:
        return []
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id.in_(ids))
        .values(claimed_until=now + lease, attempts=OutboxMessage.attempts + 1)
    )
    columns = (
        OutboxMessage.id,
        OutboxMessage.delivery_id,
        OutboxMessage.kind,
        OutboxMessage.payload,
        OutboxMessage.created_at,
        OutboxMessage.attempts,
        OutboxMessage.lane,
    )
    rows = session.execute(
        select(*columns).where(OutboxMessage.id.in_(ids)).order_by(OutboxMessage.due_at, OutboxMessage.id)
    )
    return [
        replace(Delivery(*row), is_suspect=row.id in suspects, was_cut_off=row.id in again) for row in rows
    ]


def _cut_off(session: Session, kinds: Collection[str], now: datetime, room: Room) -> Sequence[int]:
    """Rows whose worker ended before it could note anything, in lanes only where nothing is under way."""
    if min(room.cut_off, room.all) <= 0:
        return []
    is_free: ColumnElement[bool] = OutboxMessage.lane.is_(None)
    if room.lanes > 0:
        is_free = or_(is_free, OutboxMessage.lane.not_in(lanes.busy(now)))
    return session.scalars(
        select(OutboxMessage.id)
        .where(is_due(now), OutboxMessage.kind.in_(kinds), CUT_OFF, is_free)
        .order_by(OutboxMessage.attempts, OutboxMessage.due_at, OutboxMessage.id)
        .limit(min(room.cut_off, room.all))
        .with_for_update(skip_locked=True)
    ).all()


def renew(session: Session, deliveries: Iterable[Delivery], *, lease: timedelta) -> None:
    """Hold on to what is still under way."""
    for delivery in deliveries:
        _note(session, delivery, claimed_until=clock.now() + lease)


def finish(session: Session, delivery: Delivery) -> None:
    """It is delivered."""
    _note(
        session,
        delivery,
        claimed_until=None,
        finished_at=clock.now(),
        is_delivered=True,
        last_error="",
    )


def put_off(session: Session, delivery: Delivery, error: str, asked: timedelta = timedelta(0)) -> None:
    """It did not work: due again after a gap, or later if the far end `asked` for that; given up after the last."""
    if delivery.attempts >= MAX_ATTEMPTS:
        give_up(session, delivery, error)
        return
    asked = min(asked, LONGEST_ASKED)
    gap = max(GAPS[delivery.attempts - 1], asked)
    _note(session, delivery, claimed_until=None, due_at=clock.now() + gap, last_error=error[:ERROR_LENGTH])
    if delivery.lane is not None:
        lanes.rest(session, delivery.lane, max(asked, min(gap, lanes.LONGEST_REST)))


def give_up(session: Session, delivery: Delivery, error: str) -> None:
    """It is not tried again until an admin says so."""
    _note(
        session,
        delivery,
        claimed_until=None,
        finished_at=clock.now(),
        is_delivered=False,
        last_error=error[:ERROR_LENGTH],
    )


def _note(session: Session, delivery: Delivery, **values: Any) -> None:
    """Write what came of a claim, unless the row was claimed anew or finished meanwhile."""
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.id == delivery.id,
            OutboxMessage.attempts == delivery.attempts,
            OutboxMessage.finished_at.is_(None),
        )
        .values(**values)
    )


def forget_old(session: Session) -> None:
    """Delete what was finished long ago: the rows name people and addresses."""
    now = clock.now()
    for is_delivered, kept in ((True, KEPT_DELIVERED), (False, KEPT_GIVEN_UP)):
        session.execute(
            delete(OutboxMessage).where(
                OutboxMessage.finished_at < now - kept, OutboxMessage.is_delivered.is_(is_delivered)
            )
        )
