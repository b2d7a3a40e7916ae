"""Which digests are due: a duty of the worker. What stands in one is worked out when it is sent (`digest_contents`).

A digest comes at its person's own hour, on each day or on one day of the week, and only where news waits for it. One
that was missed while no worker ran comes late and once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.notifications import queries
from postmortem.notifications.enums import Pace
from postmortem.notifications.models import Digest, NewsItem, NotificationSettings
from postmortem.notifications.quiet import SATURDAY, at_local
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.operations import owe
from postmortem.outbox.workplace import Workplace
from postmortem.web import zones

DIGESTS = (Pace.DAILY, Pace.WEEKLY)
USUAL_TIME, USUAL_WEEKDAY = "08:00", 0
# How long news stays that went out, and such that nobody fetched (its reader is gone, or mail was switched off).
KEPT_SENT, KEPT_WAITING = timedelta(days=30), timedelta(days=60)


@dataclass(frozen=True)
class Due:
    """A digest to be owed: for whom, which, for which day of theirs, and when it may go out."""

    person_id: int
    pace: Pace
    day: date
    due_at: datetime


def last_moment(
    timezone: str, settings: NotificationSettings | None, pace: Pace, now: datetime
) -> tuple[date, datetime]:
    """The newest day and moment at or before now at which this person's digest was to come.

    A daily one leaves out weekends that are quiet; what would stand in it comes on Monday.
    """
    zone = zones.zone(timezone)
    at = time.fromisoformat(settings.digest_at if settings else USUAL_TIME)
    day = now.astimezone(zone).date()
    if at_local(day, at, zone) > now:
        day -= timedelta(days=1)
    if pace is Pace.WEEKLY:
        weekday = settings.digest_weekday if settings else USUAL_WEEKDAY
        day -= timedelta(days=(day.weekday() - weekday) % 7)
    elif settings and settings.is_quiet_on_weekends and day.weekday() >= SATURDAY:
        day -= timedelta(days=day.weekday() - SATURDAY + 1)
    return day, at_local(day, at, zone)


def owe_digests(workplace: Workplace) -> None:
    """Owe the digests whose time has come; forget news of long ago."""
    now = clock.now()
    with workplace.reading() as session:
        due = _due(session, now) if workplace.config.smtp is not None else []
        is_tidy = not session.scalar(select(exists().where(_is_old(now))))
    if due:
        with workplace.writing() as session:
            for each in due:
                # Another worker's row is refused here, and with it what was to be owed twice.
                values = {"person_id": each.person_id, "pace": each.pace, "day": each.day}
                session.add(Digest(**values, created_at=now))
                session.flush()
                payload = {
                    "person_id": each.person_id,
                    "pace": each.pace.value,
                    "until": now.isoformat(),
                }
                owe(session, DeliveryKind.DIGEST, payload, due_at=each.due_at)
    if not is_tidy:
        with workplace.writing() as session:
            session.execute(delete(NewsItem).where(_is_old(now)))


def _due(session: Session, now: datetime) -> list[Due]:
    waiting = session.execute(
        select(NewsItem.person_id, NewsItem.pace, func.min(NewsItem.created_at).label("first"))
        .where(NewsItem.sent_at.is_(None), NewsItem.pace.in_(DIGESTS))
        .group_by(NewsItem.person_id, NewsItem.pace)
    ).all()
    ids = {row.person_id for row in waiting}
    people = {person.id: person for person in queries.active_people(session, ids)}
    settings = queries.settings_of(session, ids)
    owed = _owed(session, ids, now)
    due = []
    for row in waiting:
        if (person := people.get(row.person_id)) is None:
            continue
        mine = settings.get(person.id)
        day, moment = last_moment(person.timezone, mine, row.pace, now)
        if row.first < moment and (person.id, row.pace, day) not in owed:
            due.append(Due(person.id, row.pace, day, queries.quiet_of(person, mine).end_of(now)))
    return due


def _owed(session: Session, people: Collection[int], now: datetime) -> set[tuple[int, Pace, date]]:
    """The digests of the last days that were owed already."""
    since = now.date() - timedelta(days=9)
    rows = session.execute(
        select(Digest.person_id, Digest.pace, Digest.day).where(
            Digest.person_id.in_(people), Digest.day >= since
        )
    )
    return {(row.person_id, row.pace, row.day) for row in rows}


def _is_old(now: datetime) -> ColumnElement[bool]:
    return or_(
        NewsItem.sent_at < now - KEPT_SENT,
        NewsItem.sent_at.is_(None) & (NewsItem.created_at < now - KEPT_WAITING),
    )


DUTIES = (owe_digests,)
