"""Bringing things back from the trash; through the operations of their nouns, which record it."""

from typing import Any

from sqlalchemy.orm import Session

from postmortem.actions.operations import restore_action
from postmortem.errors import NotVisible, Refused
from postmortem.history.operations import Actor
from postmortem.ideas.operations import restore_idea
from postmortem.incidents.enums import Visibility
from postmortem.incidents.operations_deletion import restore_incident
from postmortem.timeline.operations import restore_event, restore_factor
from postmortem.trash.enums import Kind
from postmortem.trash.queries import deleted_row
from postmortem.writeups.operations_deletion import restore_writeup

_RESTORE: dict[Kind, Any] = {
    Kind.INCIDENT: restore_incident,
    Kind.WRITEUP: restore_writeup,
    Kind.ACTION: restore_action,
    Kind.IDEA: restore_idea,
    Kind.EVENT: restore_event,
    Kind.FACTOR: restore_factor,
}


def restore(session: Session, kind: Kind, id_: int, *, actor: Actor) -> None:
    """Bring one thing back as it was. Raises NotVisible for what is not in the trash (any more).

    Refuses what belongs to a deleted incident: it would stay out of sight with it.
    """
    thing = deleted_row(session, kind, id_)
    if thing is None:
        raise NotVisible
    if kind not in (Kind.INCIDENT, Kind.WRITEUP) and thing.incident.visibility == Visibility.DELETED:
        raise Refused(f"Bring {thing.incident.reference} back first: this belongs to it.")
    _RESTORE[kind](session, thing, actor=actor)
