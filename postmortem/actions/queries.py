"""Reading actions. Everything that a person sees goes through `rules.visible_to`."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from postmortem import clock
from postmortem.accounts.models import Person, Team
from postmortem.actions import conditions
from postmortem.actions.enums import ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.order import overdue_below
from postmortem.actions.rules import of_visible_incident, visible_to
from postmortem.errors import NotVisible
from postmortem.history.models import HistoryEntry
from postmortem.incidents import rules as incidents_rules
from postmortem.incidents.models import Incident

LARGEST_NUMBER = 2**31 - 1


class StateToday(NamedTuple):
    """What a published page shows of an action that it froze."""

    status: ActionStatus
    is_overdue: bool


def actions_of(session: Session, incident_id: int) -> Sequence[Action]:
    """The actions of an incident that the caller may see: open ones first by due date; owner, team loaded."""
    return session.scalars(
        select(Action)
        .where(Action.incident_id == incident_id, Action.deleted_at.is_(None))
        .options(joinedload(Action.owner), joinedload(Action.team))
        .order_by(Action.sort_key, Action.id)
    ).all()


def visible_action(session: Session, person: Person | None, number: int) -> Action:
    """One action with incident, owner and team loaded. Raises NotVisible."""
    return _one(session, number, visible_to(person))


def visible_or_deleted_action(session: Session, person: Person | None, number: int) -> Action:
    """As `visible_action`, but a deleted one too: for deleting and bringing back, however often it is sent."""
    return _one(session, number, of_visible_incident(person))


def verification_in(entries: Iterable[HistoryEntry]) -> HistoryEntry | None:
    """The newest change in an action's history by which somebody recorded that it worked."""
    # Whoever brought in an action that was verified elsewhere did not verify it.
    edits = (entry for entry in entries if entry.verb == "edited")
    return next((entry for entry in edits if entry.changes.get("status", [""])[-1] == "verified"), None)


def sees_incident(session: Session, person: Person | None, incident_id: int) -> bool:
    """Whether this person sees the incident now, after what this transaction did to its actions' owners."""
    found = select(Incident.id).where(Incident.id == incident_id, incidents_rules.visible_to(person))
    return session.scalar(found) is not None


def _one(session: Session, number: int, where: Any) -> Action:
    if not 0 < number <= LARGEST_NUMBER:
        raise NotVisible
    action = session.scalar(
        select(Action)
        .where(Action.id == number, where)
        .options(joinedload(Action.incident), joinedload(Action.owner), joinedload(Action.team))
        .execution_options(populate_existing=True)
    )
    if action is None:
        raise NotVisible
    return action


def listed() -> Select[*tuple[Any, ...]]:
    """The columns of a list, without order or conditions; no text longer than a line is read."""
    is_overdue = and_(Action.sort_key < overdue_below(clock.today()), Action.due_on.is_not(None))
    return (
        select(
            Action.id,
            Action.title,
            Action.kind,
            Action.priority,
            Action.status,
            Action.due_on,
            Action.redated_count,
            Action.sort_key,
            Action.version,
            Action.questioned_by_id,
            is_overdue.label("is_overdue"),
            Action.owner_id,
            Person.name.label("owner_name"),
            Action.team_id,
            Team.name.label("team_name"),
            Incident.id.label("incident_id"),
            Incident.title.label("incident_title"),
            Incident.severity,
            Incident.visibility,
        )
        .join(Incident, Incident.id == Action.incident_id)
        .outerjoin(Person, Person.id == Action.owner_id)
        .outerjoin(Team, Team.id == Action.team_id)
    )


def my_open_actions(session: Session, person: Person, *, limit: int = 20) -> Sequence[Row[Any]]:
    """The open actions that this person owns, the earliest due date first; rows as in the list."""
    return _first(session, person, limit, Action.owner_id == person.id, conditions.is_open())


def unowned_of_my_teams(session: Session, person: Person, *, limit: int = 20) -> Sequence[Row[Any]]:
    """The open actions of this person's teams that nobody answers for; rows as in the list."""
    return _first(session, person, limit, conditions.of_teams_of(person), conditions.unowned())


def mine_to_verify(session: Session, person: Person, *, limit: int = 20) -> Sequence[Row[Any]]:
    """What this person or one of their teams has done and nobody has verified yet; rows as in the list."""
    theirs = or_(Action.owner_id == person.id, conditions.of_teams_of(person))
    # The sum has databases look at the few that are done, instead of going through all that is closed in order.
    order = Action.sort_key + 0
    return _first(session, person, limit, theirs, conditions.unverified(clock.today()), order=order)


def _first(
    session: Session, person: Person, limit: int, *where: ColumnElement[bool], order: Any = Action.sort_key
) -> Sequence[Row[Any]]:
    found = listed().where(visible_to(person), *where)
    return session.execute(found.order_by(order, Action.id).limit(limit)).all()


def state_of_actions(session: Session, ids: Iterable[int]) -> dict[int, StateToday]:
    """Status and lateness today by id, for a published page about the actions that it froze.

    Asks nobody's permission: the page has shown these actions already. Deleted ones are left out.
    """
    wanted = list(ids)
    if not wanted:
        return {}
    today = clock.today()
    rows = session.execute(
        select(Action.id, Action.status, Action.due_on).where(
            Action.id.in_(wanted), Action.deleted_at.is_(None)
        )
    )
    return {
        row.id: StateToday(row.status, row.status.is_open and row.due_on is not None and row.due_on < today)
        for row in rows
    }
