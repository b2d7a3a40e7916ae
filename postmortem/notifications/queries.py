"""Reading what people chose, what they follow, and what waits for them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from postmortem.accounts.models import Person
from postmortem.history.models import HistoryEntry
from postmortem.notifications.enums import USUAL_PACE, Event, Pace
from postmortem.notifications.models import (
    Follow,
    NewsItem,
    NotificationChoice,
    NotificationSettings,
    Receiver,
)
from postmortem.notifications.quiet import Quiet, time_of
from postmortem.web import zones

FOLLOWED = ("tag", "service", "team")


def choices_of(session: Session, person_id: int) -> dict[Event, NotificationChoice]:
    """What this person chose, by event; what they left alone is as shipped (`enums.USUAL_PACE`)."""
    rows = session.scalars(select(NotificationChoice).where(NotificationChoice.person_id == person_id))
    known = set(map(str, Event))
    return {Event(row.event): row for row in rows if row.event in known}


def choices_for(session: Session, event: Event, people: Collection[int]) -> dict[int, NotificationChoice]:
    """What these people chose for one event, by person."""
    wanted = select(NotificationChoice).where(NotificationChoice.event == event.value)
    return {
        row.person_id: row for row in session.scalars(wanted.where(NotificationChoice.person_id.in_(people)))
    }


def pace_of(choices: dict[Event, NotificationChoice], event: Event) -> Pace:
    return choices[event].pace if event in choices else USUAL_PACE[event]


def settings_of(session: Session, people: Collection[int]) -> dict[int, NotificationSettings]:
    """Quiet hours and times of digests, by person; nothing for who left them as they are."""
    wanted = select(NotificationSettings).where(NotificationSettings.person_id.in_(people))
    return {row.person_id: row for row in session.scalars(wanted)}


def quiet_of(person: Person, settings: NotificationSettings | None) -> Quiet:
    """When this person wants to be left alone."""
    zone = zones.zone(person.timezone)
    if settings is None:
        return Quiet(zone)
    start, until = time_of(settings.quiet_from), time_of(settings.quiet_until)
    return Quiet(zone, start, until, settings.is_quiet_on_weekends)


def active_people(session: Session, ids: Collection[int]) -> Sequence[Person]:
    return session.scalars(
        select(Person).where(Person.id.in_(ids), Person.is_active).order_by(Person.id)
    ).all()


def own_receivers(session: Session, person_id: int) -> Sequence[Receiver]:
    """The receivers of this person's own that can be told something now."""
    return session.scalars(
        select(Receiver)
        .where(Receiver.person_id == person_id, Receiver.is_active, Receiver.deleted_at.is_(None))
        .order_by(Receiver.id)
    ).all()


def told_at_once_since(session: Session, people: Collection[int], since: datetime) -> dict[int, int]:
    """How much news these people were told at once since then, by person."""
    rows = session.execute(
        select(NewsItem.person_id, func.count())
        .where(NewsItem.person_id.in_(people), NewsItem.pace == Pace.AT_ONCE, NewsItem.created_at > since)
        .group_by(NewsItem.person_id)
    )
    return {row[0]: row[1] for row in rows}


def texts_lately(session: Session, person_id: int, subject_type: str, since: datetime, *, cap: int) -> int:
    """How many texts of this kind somebody wrote or changed since then, counted up to `cap`."""
    mine = select(HistoryEntry.id).where(
        HistoryEntry.actor_id == person_id, HistoryEntry.at > since, HistoryEntry.subject_type == subject_type
    )
    return session.scalar(select(func.count()).select_from(mine.limit(cap).subquery())) or 0


def waiting_items(session: Session, person_id: int, pace: Pace, until: datetime) -> Sequence[NewsItem]:
    """What waits for this person's digest and came by then, the oldest first."""
    return session.scalars(
        select(NewsItem)
        .where(
            NewsItem.person_id == person_id,
            NewsItem.pace == pace,
            NewsItem.sent_at.is_(None),
            NewsItem.created_at <= until,
        )
        .order_by(NewsItem.id)
    ).all()


def followers(
    session: Session, *, tags: Iterable[int] = (), services: Iterable[int] = (), teams: Iterable[int] = ()
) -> set[int]:
    """Who follows any of these, by id."""
    columns = ((Follow.tag_id, tags), (Follow.service_id, services), (Follow.team_id, teams))
    found: set[int] = set()
    for column, ids in columns:
        if wanted := set(ids):
            found |= set(session.scalars(select(Follow.person_id).where(column.in_(wanted))))
    return found


def follows_of(session: Session, person: Person) -> Sequence[Follow]:
    """What this person follows, the newest first."""
    return session.scalars(
        select(Follow)
        .where(Follow.person_id == person.id)
        .options(joinedload(Follow.tag), joinedload(Follow.service), joinedload(Follow.team))
        .order_by(Follow.id.desc())
    ).all()


def does_follow(session: Session, person: Person | None, kind: str, thing_id: int) -> bool:
    """Whether this person follows this tag, service or team."""
    if person is None:
        return False
    column = getattr(Follow, f"{kind}_id")
    found = select(Follow.id).where(Follow.person_id == person.id, column == thing_id)
    return session.scalar(found) is not None
