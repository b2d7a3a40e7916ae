"""Who may see and change incidents. A rule's docstring is the sentence shown on refusal.

An open incident is there for everybody who is signed in. A restricted one exists only for its insiders:
who filed it, its lead, its participants, the owners of its actions, the members of its teams, and admins.
"""

from typing import Any

from sqlalchemy import ColumnElement, column, exists, false, or_, select, table, true
from sqlalchemy.orm import object_session

from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person, team_members
from postmortem.accounts.rules import is_contributor
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident, Participant, incident_teams
from postmortem.web import visibility

# By name, because incidents stand below actions.
_actions = table("actions", column("incident_id"), column("owner_id"), column("deleted_at"))


def visible_to(person: Person | None) -> ColumnElement[bool]:
    """The incidents that this person may see, as a WHERE clause; none for who is signed out or deactivated."""
    if person is None or not person.is_active:
        return false()
    if person.role == Role.ADMIN:
        return true()
    return or_(Incident.visibility == Visibility.OPEN, is_insider(person.id))


def is_insider(person_id: Any, incident: Any = Incident) -> ColumnElement[bool]:
    """A clause: this person (an id or a bind parameter) is one of those for whom a restricted one exists."""
    return or_(
        incident.reported_by_id == person_id,
        incident.lead_id == person_id,
        exists(
            select(Participant.id).where(
                Participant.incident_id == incident.id, Participant.person_id == person_id
            )
        ),
        exists(
            select(_actions.c.incident_id).where(
                _actions.c.incident_id == incident.id,
                _actions.c.owner_id == person_id,
                _actions.c.deleted_at.is_(None),
            )
        ),
        exists(
            select(incident_teams.c.incident_id)
            .join(team_members, team_members.c.team_id == incident_teams.c.team_id)
            .where(incident_teams.c.incident_id == incident.id, team_members.c.person_id == person_id)
        ),
    )


def can_see(person: Person | None, incident: Incident) -> bool:
    """This incident is open only to the people it concerns."""
    if person is None or not person.is_active:
        return False
    return incident.visibility == Visibility.OPEN or _stays_visible(person, incident)


def can_report(person: Person) -> bool:
    """Filing an incident needs the role contributor. An admin can change your role."""
    return is_contributor(person)


def can_edit(person: Person, incident: Incident) -> bool:
    """Changing an incident needs the role contributor. An admin can change your role."""
    return is_contributor(person) and can_see(person, incident)


def can_restrict(person: Person, incident: Incident) -> bool:
    """Only who filed it, its lead, participants, owners of its actions, its teams and admins may restrict or open it."""
    return is_contributor(person) and _stays_visible(person, incident)


def _stays_visible(person: Person, incident: Incident) -> bool:
    """Whether this person sees the incident also when it is restricted. Asks the database."""
    if person.role == Role.ADMIN:
        return True
    session = object_session(incident)
    if session is None:
        return False
    return bool(session.scalar(select(Incident.id).where(Incident.id == incident.id, is_insider(person.id))))


visibility.register("incident", visible_to)
