"""Who may see and change actions. A rule's docstring is the sentence shown on refusal.

An action is there for whoever sees its incident. A deleted one exists only on the way to being brought back.
"""

from sqlalchemy import ColumnElement, False_, exists, select
from sqlalchemy.orm import Session, aliased

from postmortem.accounts.models import Person
from postmortem.accounts.rules import is_contributor, is_facilitator
from postmortem.actions.models import Action
from postmortem.actions.models_around import ActionComment
from postmortem.incidents import rules as incidents_rules
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident
from postmortem.web import visibility


def visible_to(person: Person | None) -> ColumnElement[bool]:
    """Actions that are not deleted, of incidents that this person may see."""
    return Action.deleted_at.is_(None) & of_visible_incident(person)


def of_visible_incident(person: Person | None) -> ColumnElement[bool]:
    """Actions of incidents that this person may see, deleted ones too: where undo looks."""
    # Asked for each row through the incident's key: a list reads one page, never all incidents.
    seen = select(Incident.id).where(Incident.id == Action.incident_id, incidents_rules.visible_to(person))
    return exists(seen.correlate(Action))


def counted_for(person: Person | None) -> ColumnElement[bool]:
    """The same actions as `visible_to`, said in the way that is cheap for counting thousands.

    Whatever is not open to everybody is looked at once, instead of every action's incident.
    """
    seen = incidents_rules.visible_to(person)
    if isinstance(seen, False_):
        return Action.deleted_at.is_(None) & seen
    closed = aliased(Incident)
    mine = select(Incident.id).where(Incident.id == closed.id, seen).correlate(closed)
    hidden = select(closed.id).where(closed.visibility != Visibility.OPEN, ~exists(mine))
    return Action.deleted_at.is_(None) & Action.incident_id.not_in(hidden)


def can_see(person: Person | None, action: Action) -> bool:
    """This action belongs to an incident that is open only to the people it concerns."""
    return action.deleted_at is None and incidents_rules.can_see(person, action.incident)


def reasons_to_see(session: Session, person: Person | None, action: Action) -> list[str]:
    """Why this person sees this action: why they see its incident. None where they do not."""
    if action.deleted_at is not None:
        return []
    return incidents_rules.reasons_to_see(session, person, action.incident)


def can_edit(person: Person, action: Action) -> bool:
    """Only contributors and the action's owner may change it. An admin can change your role."""
    may = is_contributor(person) or (person.is_active and action.owner_id == person.id)
    return may and incidents_rules.can_see(person, action.incident)


def can_change_comment(person: Person, comment: ActionComment) -> bool:
    """Only who wrote a comment may change it."""
    return person.is_active and comment.author_id == person.id and can_see(person, comment.action)


def can_delete_comment(person: Person, comment: ActionComment) -> bool:
    """Only who wrote a comment and facilitators may delete it."""
    is_theirs = comment.author_id == person.id or is_facilitator(person)
    return person.is_active and is_theirs and can_see(person, comment.action)


visibility.register("action", visible_to)
