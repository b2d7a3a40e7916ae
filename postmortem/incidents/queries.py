"""Reading incidents. Everything here goes through `rules.visible_to`."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from postmortem.accounts.models import Person
from postmortem.errors import NotVisible
from postmortem.incidents.models import Incident, Participant
from postmortem.incidents.rules import visible_to

LARGEST_NUMBER = 2**31 - 1


def visible_incident(session: Session, person: Person | None, number: int) -> Incident:
    """One incident with its people, services, teams and tags loaded. Raises NotVisible.

    Relations and external ids load when they are asked for.
    """
    if not 0 < number <= LARGEST_NUMBER:
        raise NotVisible
    incident = session.scalar(
        select(Incident)
        .where(Incident.id == number, visible_to(person))
        .options(
            joinedload(Incident.lead),
            joinedload(Incident.reported_by),
            selectinload(Incident.services),
            selectinload(Incident.teams),
            selectinload(Incident.tags),
            selectinload(Incident.participants).joinedload(Participant.person),
        )
    )
    if incident is None:
        raise NotVisible
    return incident
