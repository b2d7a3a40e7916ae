"""What came of a call, noted on its receiver; and switching off what has failed for too long. Runs in the worker."""

from datetime import timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person
from postmortem.history.operations import WORKER, record, set_fields
from postmortem.notifications.models import Receiver
from postmortem.notifications.receivers import HELD, lane_of
from postmortem.outbox import lanes
from postmortem.outbox.claims import MAX_ATTEMPTS
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.operations import owe

# So many failures in a row over at least so long end it; so does a call that is given up, where nothing else got through.
MOST_FAILURES, AT_LEAST = 10, timedelta(hours=1)


def note_success(session: Session, receiver_id: int) -> None:
    """It took a call. Nobody's open form goes stale by it."""
    session.execute(
        update(Receiver)
        .where(Receiver.id == receiver_id)
        .values(failures=0, failing_since=None, last_delivered_at=clock.now())
    )


def note_failure(
    session: Session, receiver_id: int, why: str, *, is_gone: bool = False, is_last_try: bool = False
) -> bool:
    """It did not take a call; `is_gone`: so the far end says; `is_last_try`: the call is not tried again.

    True where it is switched off by this: then the call waits to be replayed with the others. One that takes all
    other calls stays on: whatever is wrong with this one, its receiver is there.
    """
    now = clock.now()
    session.execute(
        update(Receiver)
        .where(Receiver.id == receiver_id)
        .values(failures=Receiver.failures + 1, failing_since=func.coalesce(Receiver.failing_since, now))
    )
    receiver = session.get(Receiver, receiver_id, populate_existing=True)
    if receiver is None or not receiver.is_active or receiver.deleted_at is not None:
        return False
    since = receiver.failing_since or now
    # Whatever it takes sets its failures back to none.
    is_given_up = is_last_try and receiver.failures >= MAX_ATTEMPTS
    if is_gone or is_given_up or (receiver.failures >= MOST_FAILURES and now - since >= AT_LEAST):
        _switch_off(session, receiver, why)
        return True
    return False


def _switch_off(session: Session, receiver: Receiver, why: str) -> None:
    """Hold what waits, tell its owner and all admins."""
    reason = f"{receiver.failures} calls in a row failed. The last: {why}" if receiver.failures > 1 else why
    changes = set_fields(
        receiver,
        {"is_active": False, "switched_off_at": clock.now(), "switched_off_reason": reason[:300]},
    )
    record(session, "switched off", receiver, actor=WORKER, changes=changes)
    lanes.hold(session, lane_of(receiver.id), HELD)
    wanted = or_(Person.role == Role.ADMIN, Person.id == receiver.person_id)
    for person_id in session.scalars(
        select(Person.id).where(wanted, Person.is_active.is_(True)).order_by(Person.id)
    ):
        owe(
            session,
            DeliveryKind.RECEIVER_OFF,
            {"receiver_id": receiver.id, "person_id": person_id, "reason": reason[:300]},
        )
