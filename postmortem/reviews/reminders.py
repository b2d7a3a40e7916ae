"""Reminding those who were asked for a review and gave no verdict, as a duty of the worker.

Three days after they were asked, then weekly at most, as long as it is not taken back, published, withdrawn or deleted.
When a request was last reminded of stands in its row, written together with the news that it owes: so no second worker,
and none after a crash, reminds again.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session, selectinload

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.history.operations import WORKER
from postmortem.notifications.digests import USUAL_TIME
from postmortem.notifications.enums import Event
from postmortem.notifications.models import NotificationSettings
from postmortem.notifications.operations import tell
from postmortem.outbox.workplace import Workplace
from postmortem.reviews.models import ReviewRequest
from postmortem.reviews.queries_asking import (
    UNDER_REVIEW,
    has_answered,
    is_asked_alone,
    is_meant,
    knows_newest,
    writes,
)
from postmortem.web import zones
from postmortem.writeups.models import Writeup
from postmortem.writeups.rules import people_who_could_see

FIRST_AFTER, THEN_EVERY = timedelta(days=3), timedelta(days=7)
# Where the days of those who are asked never meet, it is not waited for longer.
AT_LATEST = timedelta(days=1)
# In one round: what is left over waits for the round a minute later.
MOST_A_ROUND = 500


@dataclass(frozen=True)
class Due:
    """A request of which these people, by id, are to be reminded now; the moments as they stood."""

    request_id: int
    created_at: datetime
    reminded_at: datetime | None
    people: tuple[int, ...]


def remind(workplace: Workplace) -> None:
    """Owe the news of the reminders whose time has come, so many as one round gives."""
    with workplace.reading() as session:
        due = list(islice(due_reminders(session, clock.now()), MOST_A_ROUND))
    for each in due:
        with workplace.writing() as session:
            _remind(session, each)


def due_reminders(session: Session, now: datetime) -> Iterator[Due]:
    """The requests to be reminded of, each with those who may still see the working copy and gave no verdict."""
    waited_for = _waited_for(session, now)
    requests = session.scalars(
        select(ReviewRequest)
        .where(ReviewRequest.id.in_(waited_for))
        .options(selectinload(ReviewRequest.writeup).selectinload(Writeup.incidents))
        .order_by(ReviewRequest.id)
    )
    for request in requests:
        has_begun = waited_for[request.id]
        may_look = select(Person.id).where(Person.id.in_(has_begun), people_who_could_see(request.writeup))
        people = tuple(session.scalars(may_look.order_by(Person.id)))
        is_late = now - _due_at(request) >= AT_LATEST
        if people and (is_late or all(has_begun[each] for each in people)):
            yield Due(request.id, request.created_at, request.reminded_at, people)


def _waited_for(session: Session, now: datetime) -> dict[int, dict[int, bool]]:
    """By request and person who gave no verdict: whether their day has begun, so that nobody is reminded at night."""
    found: dict[int, dict[int, bool]] = defaultdict(dict)
    for row in session.execute(
        select(ReviewRequest.id, Person.id.label("whom"), Person.timezone, NotificationSettings.digest_at)
        .join(Writeup, Writeup.id == ReviewRequest.writeup_id)
        .join(Person, is_meant(Person.id))
        .outerjoin(NotificationSettings, NotificationSettings.person_id == Person.id)
        .where(
            ReviewRequest.closed_at.is_(None),
            Writeup.state.in_(UNDER_REVIEW),
            or_(
                and_(ReviewRequest.reminded_at.is_(None), ReviewRequest.created_at <= now - FIRST_AFTER),
                ReviewRequest.reminded_at <= now - THEN_EVERY,
            ),
            Person.is_active,
            ~writes(Person.id),
            ~is_asked_alone(Person.id),
            ~has_answered(Person.id),
            ~knows_newest(Person.id),
        )
    ):
        local = now.astimezone(zones.zone(row.timezone)).time()
        found[row.id][row.whom] = local >= time.fromisoformat(row.digest_at or USUAL_TIME)
    return found


def _due_at(request: ReviewRequest) -> datetime:
    if request.reminded_at is None:
        return request.created_at + FIRST_AFTER
    return request.reminded_at + THEN_EVERY


def _remind(session: Session, due: Due) -> None:
    """The news, unless another worker was quicker or the request was taken back or made anew meanwhile."""
    is_as_seen = (
        ReviewRequest.reminded_at.is_(None)
        if due.reminded_at is None
        else ReviewRequest.reminded_at == due.reminded_at
    )
    # The version stays: this is nothing that somebody who looks at the request has to look at again.
    taken = session.scalars(
        update(ReviewRequest)
        .where(
            ReviewRequest.id == due.request_id,
            ReviewRequest.closed_at.is_(None),
            ReviewRequest.created_at == due.created_at,
            is_as_seen,
        )
        .values(reminded_at=clock.now())
        .returning(ReviewRequest.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken is not None:
        request = session.get_one(ReviewRequest, due.request_id)
        facts = {"reminder": True}
        tell(session, Event.REVIEW_REQUESTED, request, actor=WORKER, to=due.people, facts=facts)


DUTIES = (remind,)
