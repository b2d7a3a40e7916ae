"""What waits, what was given up, and whether something is wrong with delivering."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.lanes import is_due
from postmortem.outbox.models import OutboxMessage

SHOWN = 50
# What is due for so long should have been delivered long ago.
LATE = timedelta(minutes=10)
RECENT = timedelta(days=7)
_KNOWN = [kind.value for kind in DeliveryKind]
_WAITING = OutboxMessage.finished_at.is_(None)
_GIVEN_UP = (OutboxMessage.finished_at.is_not(None), OutboxMessage.is_delivered.is_(False))


@dataclass(frozen=True)
class Counts:
    """How many rows there are of each state, and when something was last delivered."""

    waiting: int
    given_up: int
    delivered: int
    last_delivered_at: datetime | None


def counts(session: Session) -> Counts:
    """Of the rows that are kept: delivered ones stay for a week, given up ones for three months."""
    delivered = OutboxMessage.is_delivered.is_(True)
    row = session.execute(
        select(
            func.count().filter(_WAITING),
            func.count().filter(*_GIVEN_UP),
            func.count().filter(delivered),
            func.max(OutboxMessage.finished_at).filter(delivered),
        ).select_from(OutboxMessage)
    ).one()
    return Counts(*row)


def waiting(session: Session) -> Sequence[OutboxMessage]:
    """What is still to be delivered, next due first; so many as a page shows."""
    return _some(session, _WAITING, order=(OutboxMessage.due_at, OutboxMessage.id))


def given_up(session: Session) -> Sequence[OutboxMessage]:
    """What was given up, latest first; so many as a page shows."""
    return _some(session, *_GIVEN_UP, order=(OutboxMessage.finished_at.desc(), OutboxMessage.id.desc()))


def _some(
    session: Session, *conditions: ColumnElement[bool], order: Sequence[object]
) -> Sequence[OutboxMessage]:
    return session.scalars(select(OutboxMessage).where(*conditions).order_by(*order).limit(SHOWN)).all()  # type: ignore[arg-type]


def problems(session: Session) -> list[str]:
    """What an admin should look at, one sentence each; nothing when all is well."""
    found = undelivered(session)
    recent = session.scalar(
        select(func.count()).where(*_GIVEN_UP, OutboxMessage.finished_at > clock.now() - RECENT)
    )
    if recent:
        found.append(
            f"{recent} {'delivery was' if recent == 1 else 'deliveries were'} given up in the last week. "
            "Settings, Mail and deliveries, says why."
        )
    return found


def undelivered(session: Session) -> list[str]:
    """Whether something is due for long and nobody took it, in sentences."""
    late = is_due(clock.now() - LATE)
    rows = session.execute(
        select(OutboxMessage.kind, func.count(), func.min(OutboxMessage.due_at))
        .where(late)
        .group_by(OutboxMessage.kind)
        .order_by(OutboxMessage.kind)
    ).all()
    found = [
        f"{_many(count)} of the kind “{kind}”, which this version does not know; kept for one that does."
        for kind, count, _ in rows
        if kind not in _KNOWN
    ]
    known = [(count, due_at) for kind, count, due_at in rows if kind in _KNOWN]
    if known:
        oldest = min(due_at for _, due_at in known)
        found.insert(
            0,
            f"Nothing is delivered: {_many(sum(count for count, _ in known))}, due since {oldest:%Y-%m-%d %H:%M} UTC. "
            "Is the worker running (postmortem worker, or serve without --no-worker)?",
        )
    return found


def _many(count: int) -> str:
    return "1 delivery waits" if count == 1 else f"{count} deliveries wait"
