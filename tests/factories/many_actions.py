"""Very many actions at once, past the operations: for what must not depend on how many there are."""

from datetime import timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person, Team
from postmortem.actions.enums import ActionKind, ActionStatus, Priority
from postmortem.actions.models import Action
from postmortem.incidents.models import Incident

AT_ONCE = 5_000
# Four in ten are open, as in a company that gets things done.
STATUSES = (
    *(ActionStatus.PROPOSED, ActionStatus.ACCEPTED, ActionStatus.ACCEPTED, ActionStatus.IN_PROGRESS),
    *(ActionStatus.DONE, ActionStatus.VERIFIED, ActionStatus.VERIFIED, ActionStatus.VERIFIED),
    *(ActionStatus.DONE, ActionStatus.NOT_DOING),
)


def insert_actions(session: Session, count: int) -> None:
    """So many actions of the incidents, people and teams that there are, of every state and age; committed."""
    incidents = session.scalars(select(Incident.id).order_by(Incident.id)).all()
    owners = [None, *session.scalars(select(Person.id).order_by(Person.id))]
    teams = [None, *session.scalars(select(Team.id).order_by(Team.id))]
    now = clock.now()
    kinds, priorities = [None, *ActionKind], [None, *Priority]

    def row(number: int) -> dict[str, object]:
        status = STATUSES[number * 7 % len(STATUSES)]
        created = now - timedelta(hours=number % 20_000)
        due_on = (now + timedelta(days=number % 160 - 40)).date() if number % 9 else None
        closed_at = None if status.is_open else now - timedelta(hours=number % 9_000)
        return {
            "incident_id": incidents[number * 13 % len(incidents)],
            "title": f"Add alarm {number} for the queue",
            "kind": kinds[number % len(kinds)],
            "owner_id": owners[number * 31 % len(owners)],
            "team_id": teams[number * 17 % len(teams)],
            "priority": priorities[number % len(priorities)],
            "due_on": due_on,
            "first_due_on": due_on,
            "status": status,
            "created_at": created,
            "touched_at": max(created, now - timedelta(days=number % 90)),
            "closed_at": closed_at,
            "verify_on": (closed_at + timedelta(days=14)).date() if closed_at else None,
            "end_state": "It rings when the queue is full.",
            "version": 1,
        }

    rows = [row(number) for number in range(count)]
    for start in range(0, count, AT_ONCE):
        session.execute(insert(Action), rows[start : start + AT_ONCE])
    session.commit()
