"""Who may see and change ideas: whoever may see and change their incident.

A deleted one is on no page; only deleting, undoing and saving over it look through `of_visible_incident`.
"""

from sqlalchemy import ColumnElement, exists, select

from postmortem.accounts.models import Person
from postmortem.ideas.models import Idea
from postmortem.incidents import rules as incidents_rules
from postmortem.incidents.models import Incident
from postmortem.web import visibility


def visible_to(person: Person | None) -> ColumnElement[bool]:
    """Ideas that are not deleted, of incidents that this person may see."""
    return Idea.deleted_at.is_(None) & of_visible_incident(person)


def of_visible_incident(person: Person | None) -> ColumnElement[bool]:
    """Ideas of incidents that this person may see, deleted ones too: where undo looks."""
    seen = select(Incident.id).where(Incident.id == Idea.incident_id, incidents_rules.visible_to(person))
    return exists(seen.correlate(Idea))


def can_edit(person: Person, idea: Idea) -> bool:
    """Ideas are changed by whoever may change their incident; your role does not include that."""
    return incidents_rules.can_edit(person, idea.incident)


visibility.register("idea", visible_to)
