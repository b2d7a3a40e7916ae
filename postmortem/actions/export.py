"""Actions as lines of CSV; headings are the records' own names."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person, Team
from postmortem.actions.listing import Wanted, conditions_of
from postmortem.actions.models import Action
from postmortem.actions.rules import visible_to
from postmortem.incidents.models import Incident
from postmortem.text.csv import csv_line

# Heading and column. Owners are told by their address and teams by their slug, as forms take them.
COLUMNS: dict[str, Any] = {
    "number": Action.id,
    "title": Action.title,
    "description": Action.description,
    "kind": Action.kind,
    "owner": Person.email,
    "team": Team.slug,
    "priority": Action.priority,
    "due_on": Action.due_on,
    "end_state": Action.end_state,
    "status": Action.status,
    "status_reason": Action.status_reason,
    "tracker_url": Action.tracker_url,
    "closed_at": Action.closed_at,
    "created_at": Action.created_at,
    "first_due_on": Action.first_due_on,
    "redated_count": Action.redated_count,
    "verify_on": Action.verify_on,
    "incident": Incident.id,
    "severity": Incident.severity,
}
READ_AT_ONCE = 500


def csv_lines(session: Session, person: Person, wanted: Wanted) -> Iterator[str]:
    """The headings, then every action that is wanted and that this person sees, in the list's order.

    Read in stretches, each behind the last row of the one before, so that no more than a stretch is in memory.
    """
    yield csv_line(COLUMNS)
    statement = _rows().where(visible_to(person), *conditions_of(session, person, wanted))
    place, behind = tuple_(Action.sort_key, Action.id), None
    while True:
        here = statement.where(place > behind) if behind else statement
        rows = session.execute(here.limit(READ_AT_ONCE)).all()
        for row in rows:
            yield csv_line(_plain(value) for value in row[:-1])
        if len(rows) < READ_AT_ONCE:
            return
        behind = (rows[-1].sort_key, rows[-1].number)


def _rows() -> Select[Any]:
    columns = [column.label(name) for name, column in COLUMNS.items()]
    return (
        select(*columns, Action.sort_key)
        .join(Incident, Incident.id == Action.incident_id)
        .outerjoin(Person, Person.id == Action.owner_id)
        .outerjoin(Team, Team.id == Action.team_id)
        .order_by(Action.sort_key, Action.id)
    )


def _plain(value: Any) -> Any:
    """Days and moments as ISO 8601, choices as the word that forms take."""
    return value.isoformat() if hasattr(value, "isoformat") else value
