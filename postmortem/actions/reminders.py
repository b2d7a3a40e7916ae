"""Reminding owners by the calendar, as a duty of the worker; and their due actions in digests.

Due soon and verification due are told once. Overdue is told at growing intervals, never day after day; steps that were
missed while no worker ran make one reminder. Every step is a row that can be there once, written together with the
news it owes; it names the date that it was about, so that a new date starts anew. Who owns nothing any more, because
they are deactivated, is not reminded: their actions are in the list and the meeting.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions import conditions
from postmortem.actions.enums import ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.queries_policy import current_policy
from postmortem.actions.rules import visible_to
from postmortem.history.operations import WORKER
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident
from postmortem.notifications.digest_contents import Entry, Section, register_section
from postmortem.notifications.digests import USUAL_TIME
from postmortem.notifications.enums import Event
from postmortem.notifications.models import NotificationSettings, Reminder
from postmortem.notifications.operations import tell
from postmortem.outbox.workplace import Workplace
from postmortem.web import zones

# Days after the due date on which its owner is reminded; after the last again and again so many days later.
OVERDUE_AFTER = (1, 3, 7, 14, 30, 60)
THEN_EVERY = 60
# In one transaction, and in one round: what is left over waits for the round a minute later.
AT_A_TIME, MOST_A_ROUND = 50, 5_000
MOST_LISTED = 15


@dataclass(frozen=True)
class Due:
    """A reminder that is to be given now."""

    event: Event
    action_id: int
    owner_id: int
    day: date
    step: int
    facts: dict[str, Any]


def overdue_step(days: int) -> int:
    """Which reminder it is, this many days after the due date; 0 while it is none yet."""
    if days < OVERDUE_AFTER[-1]:
        return sum(days >= each for each in OVERDUE_AFTER)
    return len(OVERDUE_AFTER) + (days - OVERDUE_AFTER[-1]) // THEN_EVERY


def remind(workplace: Workplace) -> None:
    """Owe the news of the reminders whose time has come, so many as one round gives."""
    with workplace.reading() as session:
        due = list(islice(due_reminders(session, clock.now()), MOST_A_ROUND))
    for start in range(0, len(due), AT_A_TIME):
        with workplace.writing() as session:
            _remind(session, due[start : start + AT_A_TIME])


def due_reminders(session: Session, now: datetime) -> Iterator[Due]:
    """The reminders to be given: each from its owner's own hour on, by their clock."""
    policy, today = current_policy(session), now.date()
    days_of: dict[tuple[str, str], date] = {}

    def day_of(row: Any) -> date:
        """Thousands of actions have owners in a few zones."""
        key = (row.timezone, row.digest_at or USUAL_TIME)
        if key not in days_of:
            days_of[key] = day_for(*key, now)
        return days_of[key]

    for row in _rows(session, Event.OVERDUE, Action.due_on, conditions.overdue(today)):
        days = (day_of(row) - row.day).days
        step = overdue_step(days)
        if step > (row.told or 0):
            yield Due(Event.OVERDUE, row.id, row.owner_id, row.day, step, {"days": days})
    for row in _rows(session, Event.DUE_SOON, Action.due_on, conditions.due_soon(policy, today)):
        days = (row.day - day_of(row)).days
        if row.told is None and days <= policy.due_soon_days:
            yield Due(Event.DUE_SOON, row.id, row.owner_id, row.day, 1, {"days": days})
    # Whoever was asked because of a related incident was told then.
    is_time = and_(
        Action.status == ActionStatus.DONE, Action.verify_on <= today, Action.questioned_at.is_(None)
    )
    for row in _rows(session, Event.VERIFICATION_DUE, Action.verify_on, is_time):
        if row.told is None and row.day <= day_of(row):
            yield Due(Event.VERIFICATION_DUE, row.id, row.owner_id, row.day, 1, {})


def _rows(
    session: Session, event: Event, day: InstrumentedAttribute[date | None], condition: ColumnElement[bool]
) -> Any:
    """Actions with an owner who can be reminded, and the last step that they were reminded of for this very date."""
    of_action = (Reminder.action_id == Action.id, Reminder.event == event.value, Reminder.due_on == day)
    columns = (
        Action.id,
        Action.owner_id,
        day.label("day"),
        Person.timezone,
        NotificationSettings.digest_at,
    )
    return session.execute(
        select(*columns, func.max(Reminder.step).label("told"))
        .join(Person, Person.id == Action.owner_id)
        .join(Incident, Incident.id == Action.incident_id)
        .outerjoin(NotificationSettings, NotificationSettings.person_id == Person.id)
        .outerjoin(Reminder, and_(*of_action))
        .where(
            condition,
            day.is_not(None),
            Person.is_active,
            Action.deleted_at.is_(None),
            Incident.visibility != Visibility.DELETED,
        )
        .group_by(*columns)
        .order_by(Action.id)
    )


def day_for(timezone: str, begins: str, now: datetime) -> date:
    """The day it is for an owner, which begins at the hour of their digests: nobody is reminded at night.

    Never later than the day in UTC, by which everything else here goes.
    """
    local = now.astimezone(zones.zone(timezone))
    has_begun = local.time() >= time.fromisoformat(begins)
    return min(local.date() - timedelta(days=not has_begun), now.date())


def _remind(session: Session, due: Sequence[Due]) -> None:
    """The rows that make each of these once, and the news."""
    ids = [each.action_id for each in due]
    actions = {row.id: row for row in session.scalars(select(Action).where(Action.id.in_(ids)))}
    for each in due:
        session.add(
            Reminder(
                action_id=each.action_id,
                event=each.event.value,
                due_on=each.day,
                step=each.step,
                created_at=clock.now(),
            )
        )
        facts = {**each.facts, "on": each.day.isoformat(), "step": each.step}
        tell(session, each.event, actions[each.action_id], actor=WORKER, to=[each.owner_id], facts=facts)


def own_actions(
    session: Session, person: Person, _since: datetime, _shown: Collection[str]
) -> Section | None:
    """The person's own actions that are overdue or due soon, the latest first."""
    today = clock.today()
    is_due = conditions.overdue(today) | conditions.due_soon(current_policy(session), today)
    rows = session.execute(
        select(Action.id, Action.title, Action.due_on)
        .where(visible_to(person), Action.owner_id == person.id, is_due, Action.due_on.is_not(None))
        .order_by(Action.sort_key, Action.id)
        .limit(MOST_LISTED + 1)
    ).all()
    entries = [
        Entry(
            f"ACT-{row.id} {row.title}",
            f"/actions/{row.id}",
            note=due_in_words(row.due_on, today),
            is_late=row.due_on < today,
        )
        for row in rows[:MOST_LISTED]
    ]
    if not entries:
        return None
    is_more = len(rows) > MOST_LISTED
    return Section("Your actions that are due", tuple(entries), is_more=is_more, more_path="/me")


def due_in_words(due_on: date, today: date) -> str:
    """`Due 3 March 2026, 12 days ago`."""
    days = (due_on - today).days
    count = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    when = "today" if days == 0 else f"in {count}" if days > 0 else f"{count} ago"
    return f"Due {due_on.day} {due_on:%B %Y}, {when}"


register_section(own_actions)
DUTIES = (remind,)
