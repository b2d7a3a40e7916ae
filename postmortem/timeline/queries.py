"""Reading timelines. `events_of` and `factors_of` ask nothing about who reads: the incident was asked."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from postmortem.accounts.models import Person
from postmortem.errors import NotVisible
from postmortem.incidents.queries import LARGEST_NUMBER
from postmortem.timeline import rules
from postmortem.timeline.models import Factor, TimelineEvent

Thing = TypeVar("Thing", TimelineEvent, Factor)


def events_of(session: Session, incident_id: int) -> Sequence[TimelineEvent]:
    """An incident's events in the order in which they are shown."""
    return session.scalars(
        select(TimelineEvent)
        .where(TimelineEvent.incident_id == incident_id, TimelineEvent.deleted_at.is_(None))
        .order_by(TimelineEvent.occurred_at.is_(None), TimelineEvent.occurred_at, TimelineEvent.id)
    ).all()


def factors_of(session: Session, incident_id: int) -> Sequence[Factor]:
    """An incident's factors as entered; with tags and events loaded (see `Factor.shown_events`)."""
    return session.scalars(
        select(Factor)
        .where(Factor.incident_id == incident_id, Factor.deleted_at.is_(None))
        .options(selectinload(Factor.tags), selectinload(Factor.events))
        .order_by(Factor.id)
    ).all()


def visible_event(session: Session, person: Person | None, event_id: int) -> TimelineEvent:
    """The event with its incident, if this person may see it. Raises NotVisible."""
    return _event(session, event_id, rules.events_visible_to(person))


def event_or_deleted(session: Session, person: Person | None, event_id: int) -> TimelineEvent:
    """The event with its incident, also when it was deleted. Ask `rules.can_edit` next. Raises NotVisible."""
    return _event(session, event_id, rules.also_deleted(TimelineEvent, person))


def visible_factor(session: Session, person: Person | None, factor_id: int) -> Factor:
    """The factor with its incident, tags and events, if this person may see it. Raises NotVisible."""
    return _factor(session, factor_id, rules.factors_visible_to(person))


def factor_or_deleted(session: Session, person: Person | None, factor_id: int) -> Factor:
    """As `visible_factor`, also when it was deleted. Ask `rules.can_edit` next. Raises NotVisible."""
    return _factor(session, factor_id, rules.also_deleted(Factor, person))


def _event(session: Session, event_id: int, seen: ColumnElement[bool]) -> TimelineEvent:
    found = select(TimelineEvent).where(TimelineEvent.id == event_id, seen)
    return _one(session, event_id, found.options(joinedload(TimelineEvent.incident)))


def _factor(session: Session, factor_id: int, seen: ColumnElement[bool]) -> Factor:
    loaded = joinedload(Factor.incident), selectinload(Factor.tags), selectinload(Factor.events)
    return _one(session, factor_id, select(Factor).where(Factor.id == factor_id, seen).options(*loaded))


def _one(session: Session, row_id: int, statement: Select[Thing]) -> Thing:
    found = session.scalar(statement) if row_id <= LARGEST_NUMBER else None
    if found is None:
        raise NotVisible
    return found
