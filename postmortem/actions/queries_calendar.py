"""Reading calendar links, and the due dates that one shows."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person, Team
from postmortem.accounts.tokens import token_hash
from postmortem.actions import conditions
from postmortem.actions.calendar import Entry
from postmortem.actions.enums import ACTION_STATUS_LABELS
from postmortem.actions.models import Action
from postmortem.actions.rules import visible_to
from postmortem.incidents.models import Incident
from postmortem.notifications.models import CalendarLink

# More than anybody looks at; what is due first comes first.
MOST_ENTRIES = 2000


def links_of(session: Session, person: Person) -> Sequence[CalendarLink]:
    """Those of this person that work, the newest first."""
    mine = (CalendarLink.person_id == person.id, CalendarLink.revoked_at.is_(None))
    return session.scalars(select(CalendarLink).where(*mine).order_by(CalendarLink.id.desc())).all()


def link_with_token(session: Session, token: str) -> tuple[CalendarLink, Person] | None:
    """The link of this secret and whose it is; None for one that is unknown or revoked, or whose person left."""
    found = session.execute(
        select(CalendarLink, Person)
        .join(Person, Person.id == CalendarLink.person_id)
        .where(
            CalendarLink.token_hash == token_hash(token),
            CalendarLink.revoked_at.is_(None),
            Person.is_active.is_(True),
        )
    ).first()
    return (found[0], found[1]) if found else None


def entries_of(session: Session, link: CalendarLink, person: Person) -> list[Entry]:
    """The open actions with a due date that the link is about and its person may see now. One statement."""
    is_own = link.team_id is None
    about: ColumnElement[bool] = Action.owner_id == person.id if is_own else Action.team_id == link.team_id
    rows = session.execute(
        select(
            Action.id,
            Action.title,
            Action.due_on,
            Action.status,
            Action.end_state,
            Action.version,
            Action.created_at,
            Action.touched_at,
            Incident.id.label("incident_id"),
            Incident.title.label("incident_title"),
            Person.name.label("owner"),
        )
        .join(Incident, Incident.id == Action.incident_id)
        .outerjoin(Person, Person.id == Action.owner_id)
        .where(visible_to(person), about, conditions.is_open(), Action.due_on.is_not(None))
        .order_by(Action.sort_key, Action.id)
        .limit(MOST_ENTRIES)
    )
    return [
        Entry(
            id=row.id,
            title=row.title,
            due_on=row.due_on,
            status=ACTION_STATUS_LABELS[row.status],
            end_state=row.end_state,
            incident=f"INC-{row.incident_id} {row.incident_title}",
            owner="" if is_own else row.owner or "nobody yet",
            version=row.version,
            created_at=row.created_at,
            touched_at=row.touched_at,
        )
        for row in rows
    ]


def name_of(session: Session, link: CalendarLink) -> str:
    """What calendar programs call it."""
    team = session.get(Team, link.team_id) if link.team_id else None
    return f"Due actions of {team.name}" if team else "My due actions"
