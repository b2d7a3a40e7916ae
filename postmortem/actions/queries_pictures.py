"""What the pictures of follow-up are drawn from: sums, never rows. Two statements however many actions there are.

Counted is what the reader may see, without drills. Nobody's name is read, and nothing is grouped by owner.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person, Team
from postmortem.actions import conditions
from postmortem.actions.enums import ActionKind, ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.pictures import Sums
from postmortem.actions.rules import counted_for
from postmortem.incidents.models import Incident


def sums(
    session: Session,
    person: Person,
    *,
    team: str,
    kind: str,
    born_after: Sequence[datetime],
    redatings: int,
    today: date,
) -> list[Sums]:
    """One for each team and kind that has any.

    `born_after` are the beginnings of the steps of age but the last, youngest first; `redatings` is the count from
    which on the last step of re-dating begins.
    """
    is_due = and_(Action.first_due_on < today, Action.status != ActionStatus.NOT_DOING)
    was_done = Action.status.in_((ActionStatus.DONE, ActionStatus.VERIFIED))
    in_time = and_(is_due, was_done, func.date(Action.closed_at) <= Action.first_due_on)
    dated = Action.first_due_on.is_not(None)
    age = case(
        *((Action.created_at > moment, step) for step, moment in enumerate(born_after)), else_=len(born_after)
    )
    columns = {
        **{f"age_{step}": and_(conditions.is_open(), age == step) for step in range(len(born_after) + 1)},
        "due": is_due,
        "in_time": in_time,
        "dated": dated,
        **{f"redated_{count}": and_(dated, Action.redated_count == count) for count in range(redatings)},
        f"redated_{redatings}": and_(dated, Action.redated_count >= redatings),
    }
    statement = (
        select(
            Team.name, Action.kind, *(_how_many(condition).label(name) for name, condition in columns.items())
        )
        .select_from(Action)
        .outerjoin(Team, Team.id == Action.team_id)
        .where(*_counted(person, team, kind))
        .group_by(Team.id, Team.name, Action.kind)
        .order_by(Team.name, Team.id, Action.kind)
    )
    return [_sums(row, len(born_after) + 1, redatings + 1) for row in session.execute(statement).mappings()]


def created_and_closed(
    session: Session, person: Person, *, team: str, kind: str, months: Sequence[date]
) -> tuple[list[int], list[int]]:
    """How many were created and how many were closed in each month; `months` are first days, one more than months."""
    edges = [datetime.combine(month, time.min, UTC) for month in months]
    parts = []
    for name, column in (("created", Action.created_at), ("closed", Action.closed_at)):
        month: ColumnElement[int] = case(
            *((column < edge, number) for number, edge in enumerate(edges[1:])), else_=len(edges)
        )
        within = select(month.label("month"), literal(name).label("what")).where(
            *_counted(person, team, kind), column >= edges[0], column < edges[-1]
        )
        parts.append(within)
    every = union_all(*parts).subquery()
    found: dict[str, list[int]] = {"created": [0] * (len(edges) - 1), "closed": [0] * (len(edges) - 1)}
    counted = select(every.c.what, every.c.month, func.count()).group_by(every.c.what, every.c.month)
    for what, number, count in session.execute(counted):
        found[what][number] = count
    return found["created"], found["closed"]


def teams(session: Session) -> list[tuple[str, str]]:
    """Every team as slug and name; retired ones last, for their actions are still here."""
    rows = session.execute(
        select(Team.slug, Team.name, Team.is_active).order_by(Team.is_active.desc(), Team.name, Team.slug)
    )
    return [(row.slug, row.name if row.is_active else f"{row.name} (not active)") for row in rows]


def _counted(person: Person, team: str, kind: str) -> list[ColumnElement[bool]]:
    drills = select(Incident.id).where(Incident.is_drill.is_(True))
    found = [counted_for(person), Action.incident_id.not_in(drills)]
    if team == "none":
        found.append(Action.team_id.is_(None))
    elif team:
        found.append(Action.team_id.in_(select(Team.id).where(Team.slug == team)))
    if kind:
        found.append(Action.kind == ActionKind(kind))
    return found


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0), type_=Integer)


def _sums(row: Any, ages: int, redatings: int) -> Sums:
    return Sums(
        team=row["name"],
        kind=row["kind"],
        ages=tuple(row[f"age_{step}"] for step in range(ages)),
        due=row["due"],
        in_time=row["in_time"],
        dated=row["dated"],
        redated=tuple(row[f"redated_{count}"] for count in range(redatings)),
    )
