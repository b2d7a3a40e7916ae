"""Rows that go to one and the same far end, so that one that is slow or fails holds up its own lane only.

Of each lane one row is under way at a time. A lane of which something failed is a suspect until that is delivered or
given up; and all of it rests for a while after each failure, instead of failing row by row.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from postmortem import clock
from postmortem.outbox.models import OutboxMessage

# A row's own gaps grow to a day; what else waits for the same far end is tried sooner, because it may work again.
LONGEST_REST = timedelta(minutes=5)


# Whoever is through with a row, well or badly, lets go of it: of a row that is due this says that its worker ended.
CUT_OFF = OutboxMessage.claimed_until.is_not(None)


def is_due(now: datetime) -> ColumnElement[bool]:
    """Waiting, its time has come, and nobody holds it."""
    return and_(
        OutboxMessage.finished_at.is_(None),
        OutboxMessage.due_at <= now,
        or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= now),
    )


def heads(
    session: Session, kinds: Collection[str], now: datetime, *, is_suspect: bool, limit: int
) -> Sequence[int]:
    """Of up to `limit` lanes with nothing under way the row whose turn it is, locked; the longest due first."""
    if limit <= 0:
        return []
    other = aliased(OutboxMessage)
    unfinished = and_(other.lane.is_not(None), other.finished_at.is_(None))
    failed = select(other.lane).where(unfinished, other.attempts > 0)
    place = func.row_number().over(
        partition_by=OutboxMessage.lane, order_by=(OutboxMessage.due_at, OutboxMessage.id)
    )
    ranked = (
        select(OutboxMessage.id, place.label("place"))
        .where(
            is_due(now),
            OutboxMessage.kind.in_(kinds),
            OutboxMessage.lane.is_not(None),
            OutboxMessage.lane.not_in(busy(now)),
            ~CUT_OFF,
            OutboxMessage.lane.in_(failed) if is_suspect else OutboxMessage.lane.not_in(failed),
        )
        .subquery()
    )
    return session.scalars(
        select(OutboxMessage.id)
        .where(OutboxMessage.id.in_(select(ranked.c.id).where(ranked.c.place == 1)), is_due(now))
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def busy(now: datetime) -> Select[str | None]:
    """The lanes in which something is under way."""
    other = aliased(OutboxMessage)
    return select(other.lane).where(
        other.lane.is_not(None), other.finished_at.is_(None), other.claimed_until > now
    )


def rest(session: Session, lane: str, gap: timedelta) -> None:
    """Something of this lane failed: what else waits in it is tried after this gap."""
    until = clock.now() + gap
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.lane == lane,
            OutboxMessage.finished_at.is_(None),
            OutboxMessage.claimed_until.is_(None),
            OutboxMessage.due_at < until,
        )
        .values(due_at=until)
    )


def hold(session: Session, lane: str, why: str) -> None:
    """Give up what waits in this lane, to be replayed by hand; what is under way comes to its own end."""
    now = clock.now()
    session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.lane == lane,
            OutboxMessage.finished_at.is_(None),
            or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= now),
        )
        .values(finished_at=now, is_delivered=False, claimed_until=None, last_error=why)
    )


def replay(session: Session, lane: str) -> int:
    """Let all that was given up in this lane begin anew, at once and with the same ids; returns how many."""
    begun = session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.lane == lane,
            OutboxMessage.finished_at.is_not(None),
            OutboxMessage.is_delivered.is_(False),
        )
        .values(finished_at=None, due_at=clock.now(), attempts=0, claimed_until=None)
    )
    return int(begun.rowcount)  # type: ignore[attr-defined]
