"""What the pictures of follow-up are drawn from: sums, never rows. One statement however many actions there are, which reads each of them once.

Counted is what the reader may see, without drills. Nobody's name is read, and nothing is grouped by owner.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from itertools import pairwise
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
    months: Sequence[date],
) -> list[Sums]:
    """One for each team and kind that has any.

    `months` are first days, one more than there are steps; what is counted by due date or re-dating is of that period. `born_after` are the beginnings of the steps of age but the last, youngest first; `redatings` is the count from
    which on the last step of re-dating begins.
    """
    is_due = and_(
        Action.first_due_on >= months[0],
        Action.first_due_on < today,
        Action.status != ActionStatus.NOT_DOING,
    )
    was_done = Action.status.in_((ActionStatus.DONE, ActionStatus.VERIFIED))
    in_time = and_(is_due, was_done, func.date(Action.closed_at) <= Action.first_due_on)
    dated = and_(Action.first_due_on.is_not(None), Action.created_at >= _edge(months[0]))
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
        **_months("created", Action.created_at, months),
        **_months("closed", Action.closed_at, months),
    }
    grouped = (
        select(
            Action.team_id,
            Action.kind,
            *(_how_many(condition).label(name) for name, condition in columns.items()),
        )
        .where(*_counted(person, team, kind))
        .group_by(Action.team_id, Action.kind)
        .subquery()
    )
    named = select(Team.name, grouped).outerjoin_from(grouped, Team, Team.id == grouped.c.team_id)
    rows = session.execute(named.order_by(Team.name, Team.id, grouped.c.kind)).mappings()
    return [_sums(row) for row in rows]


def _months(name: str, column: Any, months: Sequence[date]) -> dict[str, ColumnElement[bool]]:
    edges = [_edge(month) for month in months]
    return {
        f"{name}_{number}": and_(column >= begin, column < end)
        for number, (begin, end) in enumerate(pairwise(edges))
    }


def _edge(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def created_and_closed(
    session: Session, person: Person, months: Sequence[date]
) -> tuple[list[int], list[int]]:
    """How many were created and how many closed in each month; reads only what was, through an index each."""

    def counts(name: str, column: Any) -> Any:
        inside = and_(column >= _edge(months[0]), column < _edge(months[-1]))
        columns = _months("step", column, months)
        return select(
            literal(name).label("what"),
            *(func.coalesce(_how_many(condition), 0).label(step) for step, condition in columns.items()),
        ).where(inside, *_counted(person, "", ""))

    both = union_all(counts("created", Action.created_at), counts("closed", Action.closed_at))
    found = {row[0]: list(row[1:]) for row in session.execute(both)}
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


def _sums(row: Any) -> Sums:
    def series(name: str) -> tuple[int, ...]:
        return tuple(value for column, value in row.items() if column.rpartition("_")[0] == name)

    return Sums(
        team=row["name"],
        kind=row["kind"],
        ages=series("age"),
        due=row["due"],
        in_time=row["in_time"],
        dated=row["dated"],
        redated=series("redated"),
        created=series("created"),
        closed=series("closed"),
    )
