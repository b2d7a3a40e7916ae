"""Adding, changing, deleting and bringing back events and factors.

Each changed record leaves one history entry under its incident. Deleting sets `deleted_at`; what linked to
the record stays linked, so that undo brings everything back.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.operations import check_version
from postmortem.errors import Refused
from postmortem.history.operations import Actor, Changes, created, record, set_fields
from postmortem.incidents.models import Incident
from postmortem.tags.operations import tags_named
from postmortem.text.markdown import RENDERER_VERSION, render
from postmortem.timeline.checks import checked_event, checked_factor
from postmortem.timeline.drafts import EventDraft, FactorDraft
from postmortem.timeline.models import Factor, TimelineEvent, factor_events, factor_tags

EVENT_FIELDS = (
    "occurred_at",
    "ended_at",
    "occurred_text",
    "kind",
    "text",
    "actor_role",
    "learnt_later",
    "in_writeup",
    "evidence",
)
RENDER_BATCH = 200
FACTOR_FIELDS = ("text", "tags", "was_present_before", "events")


def add_events(
    session: Session, incident: Incident, drafts: Sequence[EventDraft], *, actor: Actor
) -> list[TimelineEvent]:
    """Add events to an incident. Raises Refused (with the field) for a blank text or what is no time or link.

    An end before the start is kept: people notice and mend it better than a form can.
    """
    events = []
    for draft in drafts:
        values = checked_event({name: getattr(draft, name) for name in EVENT_FIELDS})
        event = TimelineEvent(incident=incident, created_at=clock.now(), **values)
        _render(event)
        events.append(event)
    session.add_all(events)
    session.flush()
    for event in events:
        record(
            session, "added", event, actor=actor, changes=_made(event, EVENT_FIELDS), incident_id=incident.id
        )
    return events


def edit_event(
    session: Session, event: TimelineEvent, values: Mapping[str, Any], *, version: int | None, actor: Actor
) -> None:
    """Change some of an event's fields; one that was deleted meanwhile comes back with them.

    Raises Conflict for a stale version, Refused as `add_events` does."""
    check_version(event, version)
    _save(session, event, checked_event(values), actor)


def delete_event(session: Session, event: TimelineEvent, *, actor: Actor) -> None:
    """Take an event off the timeline; `restore_event` brings it back. Nothing happens to one already gone."""
    _delete(session, event, actor)


def restore_event(session: Session, event: TimelineEvent, *, actor: Actor) -> None:
    """Bring a deleted event back as it was."""
    _restore(session, event, actor)


def add_factors(
    session: Session, incident: Incident, drafts: Sequence[FactorDraft], *, actor: Actor
) -> list[Factor]:
    """Add contributing factors to an incident; tags are made as needed.

    Raises Refused (with the field) for a blank text and for an event of another incident.
    """
    factors = []
    for draft in drafts:
        values = checked_factor({name: getattr(draft, name) for name in FACTOR_FIELDS})
        values["tags"] = tags_named(session, values["tags"])
        values["events"] = _events_with_ids(session, incident.id, values["events"])
        factor = Factor(incident=incident, created_at=clock.now(), **values)
        _render(factor)
        factors.append(factor)
    session.add_all(factors)
    session.flush()
    for factor in factors:
        record(
            session,
            "added",
            factor,
            actor=actor,
            changes=_made(factor, FACTOR_FIELDS),
            incident_id=incident.id,
        )
    return factors


def edit_factor(
    session: Session, factor: Factor, values: Mapping[str, Any], *, version: int | None, actor: Actor
) -> None:
    """Change some of a factor's fields; one that was deleted meanwhile comes back with them.

    `events` are ids; its links to deleted events stay.

    Raises Conflict for a stale version, Refused as `add_factors` does.
    """
    check_version(factor, version)
    checked = checked_factor(values)
    if "tags" in checked:
        checked["tags"] = tags_named(session, checked["tags"])
    if "events" in checked:
        gone = [event for event in factor.events if event.deleted_at is not None]
        checked["events"] = _events_with_ids(session, factor.incident_id, checked["events"]) + gone
    _save(session, factor, checked, actor)


def delete_factor(session: Session, factor: Factor, *, actor: Actor) -> None:
    """Take a factor off the incident; `restore_factor` brings it back. Nothing happens to one already gone."""
    _delete(session, factor, actor)


def restore_factor(session: Session, factor: Factor, *, actor: Actor) -> None:
    """Bring a deleted factor back as it was."""
    _restore(session, factor, actor)


def destroy_events(session: Session, which: ColumnElement[bool]) -> None:
    """Remove the events that match for good, also from the factors that they show. Whoever calls records it."""
    events = select(TimelineEvent.id).where(which)
    session.execute(delete(factor_events).where(factor_events.c.event_id.in_(events)))
    session.execute(delete(TimelineEvent).where(which).execution_options(synchronize_session=False))


def destroy_factors(session: Session, which: ColumnElement[bool]) -> None:
    """Remove the factors that match for good. Whoever calls records it."""
    factors = select(Factor.id).where(which)
    for table in (factor_events, factor_tags):
        session.execute(delete(table).where(table.c.factor_id.in_(factors)))
    session.execute(delete(Factor).where(which).execution_options(synchronize_session=False))


def render_again(session: Session) -> int:
    """Render anew what an older renderer made, deleted records too; says how many. Leaves no history.

    A record that somebody saves meanwhile is left alone: saving renders it.
    """
    return _render_all(session, TimelineEvent) + _render_all(session, Factor)


def _render_all(session: Session, model: type[TimelineEvent] | type[Factor]) -> int:
    count, last_id = 0, 0
    outdated = select(model.id, model.version, model.text).where(model.rendered_with != RENDERER_VERSION)
    while rows := session.execute(
        outdated.where(model.id > last_id).order_by(model.id).limit(RENDER_BATCH)
    ).all():
        for row in rows:
            session.execute(
                update(model)
                .where(model.id == row.id, model.version == row.version)
                .values(text_html=rendered(row.text), rendered_with=RENDERER_VERSION)
                .execution_options(synchronize_session=False)
            )
        count, last_id = count + len(rows), rows[-1].id
    return count


def _save(session: Session, thing: TimelineEvent | Factor, values: Mapping[str, Any], actor: Actor) -> None:
    if thing.deleted_at is not None:
        _restore(session, thing, actor)
    changes = set_fields(thing, values)
    if "text" in changes:
        _render(thing)
    if changes:
        record(session, "edited", thing, actor=actor, changes=changes, incident_id=thing.incident_id)


def _delete(session: Session, thing: TimelineEvent | Factor, actor: Actor) -> None:
    if thing.deleted_at is None:
        thing.deleted_at = clock.now()
        record(session, "deleted", thing, actor=actor, incident_id=thing.incident_id)


def _restore(session: Session, thing: TimelineEvent | Factor, actor: Actor) -> None:
    if thing.deleted_at is not None:
        thing.deleted_at = None
        record(session, "brought back", thing, actor=actor, incident_id=thing.incident_id)


def _made(thing: TimelineEvent | Factor, fields: Sequence[str]) -> Changes:
    changes = created(thing, fields)
    # `created` leaves blanks out; a "no" here is an answer.
    if isinstance(thing, Factor) and thing.was_present_before is False:
        changes["was_present_before"] = [None, False]
    return changes


def _render(thing: TimelineEvent | Factor) -> None:
    thing.text_html = rendered(thing.text)
    thing.rendered_with = RENDERER_VERSION


def rendered(text: str) -> str:
    """Safe HTML of one text; many stand on one page, so each gets ids (of headings, footnotes) of its own."""
    return render(text, heading_prefix=f"t{secrets.token_hex(4)}-").html


def _events_with_ids(session: Session, incident_id: int, ids: Sequence[int]) -> list[TimelineEvent]:
    if not ids:
        return []
    found = session.scalars(
        select(TimelineEvent).where(
            TimelineEvent.id.in_(ids),
            TimelineEvent.incident_id == incident_id,
            TimelineEvent.deleted_at.is_(None),
        )
    ).all()
    if len(found) != len(set(ids)):
        raise Refused("One of these events is not on this timeline any more. Choose again.", field="events")
    return sorted(found, key=lambda event: event.id)
