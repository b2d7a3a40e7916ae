"""Reading timelines. `events_of` and `factors_of` ask nothing about who reads: the incident was asked."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload, selectinload

from postmortem.accounts.models import Person
from postmortem.errors import NotVisible
from postmortem.timeline import rules
from postmortem.timeline.models import Factor, TimelineEvent

_LAST = datetime.max.replace(tzinfo=UTC)


def in_order(events: Iterable[TimelineEvent]) -> list[TimelineEvent]:
    """Events that are not deleted by time, equal times as entered, those without a time last."""
    kept = [event for event in events if event.deleted_at is None]
    return sorted(kept, key=lambda event: (event.occurred_at or _LAST, event.id))


def events_of(session: Session, incident_id: int) -> Sequence[TimelineEvent]:
    """An incident's events in the order in which they are shown."""
    return session.scalars(
        select(TimelineEvent)
        .where(TimelineEvent.incident_id == incident_id, TimelineEvent.deleted_at.is_(None))
        .order_by(TimelineEvent.occurred_at.is_(None), TimelineEvent.occurred_at, TimelineEvent.id)
    ).all()


def factors_of(session: Session, incident_id: int) -> Sequence[Factor]:
    """An incident's factors as entered; with tags and events loaded (deleted events too: see `in_order`)."""
    return session.scalars(
        select(Factor)
        .where(Factor.incident_id == incident_id, Factor.deleted_at.is_(None))
        .options(selectinload(Factor.tags), selectinload(Factor.events))
        .order_by(Factor.id)
    ).all()


def visible_event(session: Session, person: Person | None, event_id: int) -> TimelineEvent:
    """The event with its incident, if this person may see it. Raises NotVisible."""
    return _event(session, event_id, rules.events_visible_to(person))


def deleted_event(session: Session, person: Person | None, event_id: int) -> TimelineEvent:
    """The deleted event with its incident, if this person may see the incident. Raises NotVisible."""
    return _event(session, event_id, rules.deleted_events_visible_to(person))


def visible_factor(session: Session, person: Person | None, factor_id: int) -> Factor:
    """The factor with its incident, tags and events, if this person may see it. Raises NotVisible."""
    return _factor(session, factor_id, rules.factors_visible_to(person))


def deleted_factor(session: Session, person: Person | None, factor_id: int) -> Factor:
    """The deleted factor with its incident, if this person may see the incident. Raises NotVisible."""
    return _factor(session, factor_id, rules.deleted_factors_visible_to(person))


def _event(session: Session, event_id: int, seen: ColumnElement[bool]) -> TimelineEvent:
    event = session.scalar(
        select(TimelineEvent)
        .where(TimelineEvent.id == event_id, seen)
        .options(joinedload(TimelineEvent.incident))
    )
    if event is None:
        raise NotVisible
    return event


def _factor(session: Session, factor_id: int, seen: ColumnElement[bool]) -> Factor:
    factor = session.scalar(
        select(Factor)
        .where(Factor.id == factor_id, seen)
        .options(joinedload(Factor.incident), selectinload(Factor.tags), selectinload(Factor.events))
    )
    if factor is None:
        raise NotVisible
    return factor
