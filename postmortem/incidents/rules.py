"""Who may see and change incidents. A rule's docstring is the sentence shown on refusal.

An open incident is there for everybody who is signed in. A restricted one exists only for its insiders:
who filed it, its lead, its participants, the owners of its actions, the members of its teams, and admins.
A deleted one exists for nobody, admins included, except in the trash; see `may_bring_back` for undo.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, column, exists, false, or_, select, table
from sqlalchemy.orm import Session, object_session

from postmortem import clock
from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person, Team, team_members
from postmortem.accounts.rules import is_admin, is_contributor, is_facilitator
from postmortem.history.queries import last_actor
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident, Participant, incident_teams
from postmortem.web import visibility

# By name, because incidents stand below actions.
_actions = table("actions", column("id"), column("incident_id"), column("owner_id"), column("deleted_at"))

# How long whoever deleted something can bring it back without an admin.
UNDO_FOR = timedelta(hours=24)


def visible_to(person: Person | None) -> ColumnElement[bool]:
    """The incidents that this person may see, as a WHERE clause; none for who is signed out or deactivated."""
    if person is None or not person.is_active:
        return false()
    if person.role == Role.ADMIN:
        return Incident.visibility != Visibility.DELETED
    return or_(
        Incident.visibility == Visibility.OPEN,
        and_(Incident.visibility == Visibility.RESTRICTED, is_insider(person.id)),
    )


def is_insider(person_id: Any, incident: Any = Incident) -> ColumnElement[bool]:
    """A clause: this person (an id or a bind parameter) is one of those for whom a restricted one exists."""
    return or_(*insider_as(person_id, incident).values())


def insider_as(person_id: Any, incident: Any = Incident) -> dict[str, ColumnElement[bool]]:
    """The clauses of which any one makes an insider, by what the person then is to the incident.

    Either may be a column, to ask about many people or many incidents, or a value, to ask about one.
    """
    return {
        "reporter": person_id == incident.reported_by_id,
        "lead": person_id == incident.lead_id,
        "participant": exists(
            select(Participant.id).where(
                Participant.incident_id == incident.id, Participant.person_id == person_id
            )
        ),
        "owner": exists(
            select(_actions.c.incident_id).where(
                _actions.c.incident_id == incident.id,
                _actions.c.owner_id == person_id,
                _actions.c.deleted_at.is_(None),
            )
        ),
        "team": exists(
            select(incident_teams.c.incident_id)
            .join(team_members, team_members.c.team_id == incident_teams.c.team_id)
            .where(incident_teams.c.incident_id == incident.id, team_members.c.person_id == person_id)
        ),
    }


def people_who_see(incident: Incident) -> ColumnElement[bool]:
    """The people for whom this incident exists, as a WHERE clause over people; the other side of `visible_to`."""
    if incident.visibility == Visibility.DELETED:
        return false()
    if incident.visibility == Visibility.OPEN:
        return Person.is_active.is_(True)
    return and_(Person.is_active, or_(Person.role == Role.ADMIN, is_insider(Person.id, incident)))


def reasons_to_see(session: Session, person: Person | None, incident: Incident) -> list[str]:
    """Why this person sees this incident, each reason to stand after their name; none where they do not."""
    if person is None or not person.is_active or incident.visibility == Visibility.DELETED:
        return []
    sides = insider_as(Person.id, incident)
    found = session.execute(select(*sides.values()).where(Person.id == person.id)).one()
    is_side = dict(zip(sides, found, strict=True))
    reasons = ["is an admin"] if person.role == Role.ADMIN else []
    if incident.visibility == Visibility.OPEN:
        reasons.append("signs in here, and the incident is open to everybody who does")
    reasons += ["filed it"] if is_side["reporter"] else []
    reasons += ["is its lead"] if is_side["lead"] else []
    if is_side["participant"]:
        roles = select(Participant.role).where(Participant.incident_id == incident.id)
        mine = session.scalars(roles.where(Participant.person_id == person.id).order_by(Participant.position))
        reasons += [f"took part in it ({role})" if role else "took part in it" for role in mine]
    if is_side["owner"]:
        owned = (_actions.c.incident_id == incident.id, _actions.c.owner_id == person.id)
        ids = session.scalars(select(_actions.c.id).where(*owned, _actions.c.deleted_at.is_(None)))
        reasons += [f"owns ACT-{number}" for number in sorted(ids)]
    if is_side["team"]:
        teams = select(Team.name).join(incident_teams, incident_teams.c.team_id == Team.id)
        teams = teams.join(team_members, team_members.c.team_id == Team.id)
        here = (incident_teams.c.incident_id == incident.id, team_members.c.person_id == person.id)
        mine = session.scalars(teams.where(*here).order_by(Team.name))
        reasons += [f"is on the team {name}, whose incident it is" for name in mine]
    return reasons


def may_bring_back(person: Person | None) -> ColumnElement[bool]:
    """The deleted incidents that this person may bring back, as a WHERE clause: admins any, else one's own deletions.

    One's own: deleted by this very person within the last day, and they would see it again.
    """
    if person is None or not is_contributor(person):
        return false()
    if is_admin(person):
        return Incident.visibility == Visibility.DELETED
    return and_(
        Incident.visibility == Visibility.DELETED,
        Incident.deleted_at > clock.now() - UNDO_FOR,
        or_(Incident.deleted_visibility == Visibility.OPEN, is_insider(person.id)),
        last_actor(Incident, "deleted") == person.id,
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


def can_delete(person: Person, incident: Incident) -> bool:
    """Only who filed it, its lead and facilitators delete an incident. Ask one of them."""
    is_theirs = person.id in (incident.reported_by_id, incident.lead_id)
    return (is_theirs or is_facilitator(person)) and can_edit(person, incident)


def can_restrict(person: Person, incident: Incident) -> bool:
    """Only who filed it, its lead, participants, owners of its actions, its teams and admins may restrict or open it."""
    return is_contributor(person) and _stays_visible(person, incident)


def _stays_visible(person: Person, incident: Incident) -> bool:
    """Whether this person sees the incident also when it is restricted. Asks the database."""
    if incident.visibility == Visibility.DELETED:
        return False
    if person.role == Role.ADMIN:
        return True
    session = object_session(incident)
    if session is None:
        return False
    return bool(session.scalar(select(Incident.id).where(Incident.id == incident.id, is_insider(person.id))))


visibility.register("incident", visible_to)
