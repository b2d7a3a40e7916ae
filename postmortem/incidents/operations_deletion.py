"""Deleting incidents, bringing them back, and destroying them for good.

Deletion is a level of visibility. What hangs on an incident is seen only through it, so it goes and comes back
with it and is not touched here.
"""

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.operations import check_version
from postmortem.errors import Conflict
from postmortem.history.operations import Actor, record
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import (
    ExternalId,
    Incident,
    Participant,
    Relation,
    incident_services,
    incident_tags,
    incident_teams,
)

_LINKS = (incident_services, incident_teams, incident_tags)


def delete_incident(session: Session, incident: Incident, *, version: int | None, actor: Actor) -> None:
    """Put an incident into the trash, with all that hangs on it. Nothing happens to one that is there already.

    Raises Conflict for a stale version: nobody deletes what they have not seen.
    """
    if incident.visibility == Visibility.DELETED:
        return
    check_version(incident, version)
    incident.deleted_visibility = incident.visibility
    incident.deleted_at = clock.now()
    _set_level(session, incident, Visibility.DELETED)
    record(session, "deleted", incident, actor=actor, incident_id=incident.id)


def restore_incident(session: Session, incident: Incident, *, actor: Actor) -> None:
    """Bring a deleted incident back as it was: for the people it was there for. Nothing happens to any other."""
    if incident.visibility != Visibility.DELETED:
        return
    level = incident.deleted_visibility or Visibility.RESTRICTED
    incident.deleted_visibility = None
    incident.deleted_at = None
    _set_level(session, incident, level)
    record(session, "brought back", incident, actor=actor, incident_id=incident.id)


def destroy_incident(session: Session, incident: Incident) -> None:
    """Remove a deleted incident's own rows. Whoever calls has removed what other nouns hang on it, and records it.

    Raises Conflict where somebody brought it back, or destroyed it, meanwhile.
    """
    number = incident.id
    for table in _LINKS:
        session.execute(delete(table).where(table.c.incident_id == number))
    for model in (Participant, ExternalId):
        session.execute(delete(model).where(model.incident_id == number))
    session.execute(delete(Relation).where(or_(Relation.incident_id == number, Relation.other_id == number)))
    gone = session.scalar(
        delete(Incident)
        .where(
            Incident.id == number,
            Incident.version == incident.version,
            Incident.visibility == Visibility.DELETED,
        )
        .returning(Incident.id)
        .execution_options(synchronize_session=False)
    )
    if gone is None:
        raise Conflict
    session.expunge(incident)


def _set_level(session: Session, incident: Incident, level: Visibility) -> None:
    """Set the visibility, on the row first: of two at once the slower one finds it changed; then on its copies."""
    incident.visibility = level
    session.flush()
    for table in _LINKS:
        session.execute(update(table).where(table.c.incident_id == incident.id).values(visibility=level))
