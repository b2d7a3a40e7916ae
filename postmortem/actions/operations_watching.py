"""Wanting to hear of an action, and not any more.

It is one's own business: nobody is told, and neither the action's story nor its incident's history shows it.
"""

from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.actions.models_around import ActionWatch
from postmortem.history.operations import record


def watch(session: Session, action: Action, *, actor: Person) -> None:
    """Hear of what changes on this action. Nothing happens where somebody does already."""
    if session.get(ActionWatch, (action.id, actor.id)) is None:
        found = ActionWatch(action_id=action.id, person_id=actor.id, created_at=clock.now())
        session.add(found)
        record(session, "began", found, actor=actor, incident_id=action.incident_id)


def unwatch(session: Session, action: Action, *, actor: Person) -> None:
    """Hear no more of it than its owner and whoever commented does anyway."""
    if (found := session.get(ActionWatch, (action.id, actor.id))) is not None:
        record(session, "stopped", found, actor=actor, incident_id=action.incident_id)
        session.delete(found)
