"""What of the follow-up wants somebody's eye, as conditions of SQL: for lists, meetings, reminders and pictures.

All but `unverified` speak of open actions alone. None asks who may see what: that is `rules.visible_to`. Whatever
can be said with `sort_key` is, because every index of lists holds it.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, exists, or_, select, true

from postmortem.accounts.models import Person, team_members
from postmortem.actions.enums import ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.models_around import Verification
from postmortem.actions.order import FIRST_CLOSED, closed_between, overdue_below

if TYPE_CHECKING:
    from postmortem.actions.policy import Policy


def is_open() -> ColumnElement[bool]:
    """Proposed, accepted or in progress."""
    return Action.sort_key < FIRST_CLOSED


def overdue(today: date) -> ColumnElement[bool]:
    """Open, and its day has passed."""
    return Action.sort_key < overdue_below(today)


def due_soon(policy: "Policy", today: date) -> ColumnElement[bool]:
    """Open and due today or within the days that the policy calls soon; not overdue yet."""
    first = today.toordinal()
    return Action.sort_key.between(first, first + policy.due_soon_days)


def stale(policy: "Policy", now: datetime) -> ColumnElement[bool]:
    """Open, and nobody has done anything about it for as many days as the policy allows."""
    return is_open() & (Action.touched_at < now - timedelta(days=policy.stale_days))


def unowned() -> ColumnElement[bool]:
    """Open, and nobody answers for it."""
    return is_open() & Action.owner_id.is_(None)


def left() -> ColumnElement[bool]:
    """Open, and its owner cannot sign in any more: to be handed over."""
    gone = select(Person.id).where(Person.is_active.is_(False))
    return is_open() & Action.owner_id.in_(gone)


def unverified(today: date) -> ColumnElement[bool]:
    """Done, and its day of verification is there (or nobody set one); or an incident raised the question anew."""
    # One that did not work stays done where another took its place: it was checked, and is not to be checked again.
    was_checked = exists(select(Verification.id).where(Verification.action_id == Action.id).correlate(Action))
    never = and_(Action.verify_on.is_(None), ~was_checked)
    is_time = and_(Action.status == ActionStatus.DONE, or_(never, Action.verify_on <= today))
    was_closed = Action.status.in_((ActionStatus.DONE, ActionStatus.VERIFIED))
    # The first part follows from the rest; by it a list starts behind all that is open.
    return (Action.sort_key >= FIRST_CLOSED) & or_(is_time, was_closed & Action.questioned_by_id.is_not(None))


def proposed() -> ColumnElement[bool]:
    """Nobody has promised it yet."""
    return Action.status == ActionStatus.PROPOSED


def of_teams_of(person: Person) -> ColumnElement[bool]:
    """Of a team that this person is in."""
    return Action.team_id.in_(select(team_members.c.team_id).where(team_members.c.person_id == person.id))


def dated(what: str, first: date, last: date) -> ColumnElement[bool]:
    """Added, or (`what`) `due` or `closed`, in a period whose first and last day belong to it, by the calendar in UTC.

    `date.min` and `date.max` are no bound.
    """
    if what == "closed":
        return Action.sort_key.between(*closed_between(first, last))
    if what == "due":
        # The first part follows from the rest: of what is open, a list reads that stretch of its order alone.
        place = Action.sort_key.between(first.toordinal(), last.toordinal())
        return or_(place, Action.sort_key >= FIRST_CLOSED) & Action.due_on.between(first, last)
    bounds = []
    if first > date.min:
        bounds.append(Action.created_at >= datetime.combine(first, time(), UTC))
    if last < date.max:
        bounds.append(Action.created_at < datetime.combine(last + timedelta(days=1), time(), UTC))
    return and_(true(), *bounds)
