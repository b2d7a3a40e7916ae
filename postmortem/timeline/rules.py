"""Who may see and change events and factors: whoever may see and change their incident.

A deleted one is in no list, page or count; only deleting, undoing and saving over it look through
`also_deleted`, and those ask `can_edit` next.
"""

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.attachments.models import Attachment
from postmortem.attachments.rules import OF_EVENTS
from postmortem.incidents import rules as incidents_rules
from postmortem.incidents.models import Incident
from postmortem.timeline.models import Factor, TimelineEvent
from postmortem.web import visibility


def can_see(person: Person | None, thing: TimelineEvent | Factor) -> bool:
    """This belongs to an incident that only some people may see."""
    return thing.deleted_at is None and incidents_rules.can_see(person, thing.incident)


def reasons_to_see(session: Session, person: Person | None, thing: TimelineEvent | Factor) -> list[str]:
    """Why this person sees this event or factor: why they see its incident. None where they do not."""
    if thing.deleted_at is not None:
        return []
    return incidents_rules.reasons_to_see(session, person, thing.incident)


def can_edit(person: Person, thing: TimelineEvent | Factor) -> bool:
    """Whoever may edit the incident may edit its timeline and factors; your role does not include that."""
    return incidents_rules.can_edit(person, thing.incident)


def events_visible_to(person: Person | None) -> ColumnElement[bool]:
    """Events that are not deleted, of incidents that this person may see."""
    return TimelineEvent.deleted_at.is_(None) & TimelineEvent.incident_id.in_(_incidents(person))


def factors_visible_to(person: Person | None) -> ColumnElement[bool]:
    """Factors that are not deleted, of incidents that this person may see."""
    return Factor.deleted_at.is_(None) & Factor.incident_id.in_(_incidents(person))


def also_deleted(model: type[TimelineEvent] | type[Factor], person: Person | None) -> ColumnElement[bool]:
    """Events or factors of incidents that this person may see, deleted ones too: where undo looks."""
    return model.incident_id.in_(_incidents(person))


def _incidents(person: Person | None) -> Select[int]:
    return select(Incident.id).where(incidents_rules.visible_to(person))


def images_visible_to(person: Person | None) -> ColumnElement[bool]:
    """Images of events that this person may see."""
    return Attachment.event_id.in_(select(TimelineEvent.id).where(events_visible_to(person)))


visibility.register("event", events_visible_to)
visibility.register(OF_EVENTS, images_visible_to)
visibility.register("factor", factors_visible_to)
