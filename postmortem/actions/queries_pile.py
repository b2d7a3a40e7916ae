"""What people who left have left behind: open actions whose owner cannot sign in any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions import conditions
from postmortem.actions.models import Action
from postmortem.actions.queries import listed
from postmortem.actions.rules import counted_for, visible_to

# So many are shown, and can be handed over, at once.
MOST = 200


@dataclass(frozen=True)
class Leaver:
    """Somebody who left, with how many open actions of theirs this reader may see, and how many of those are late."""

    person_id: int
    name: str
    count: int
    overdue: int


def leavers(session: Session, reader: Person) -> list[Leaver]:
    """Everybody who left open actions behind, most first."""
    late = func.count(Action.id).filter(conditions.overdue(clock.today()))
    count = func.count(Action.id)
    rows = session.execute(
        select(Person.id, Person.name, count, late)
        .join(Action, Action.owner_id == Person.id)
        .where(Person.is_active.is_(False), conditions.is_open(), counted_for(reader))
        .group_by(Person.id, Person.name)
        .order_by(count.desc(), Person.name, Person.id)
    )
    return [Leaver(*row) for row in rows]


def open_actions_of(
    session: Session, reader: Person, owner_id: int, *, limit: int = MOST
) -> Sequence[Row[Any]]:
    """The open actions of one owner that this reader may see, the earliest due date first; rows as in the list."""
    return session.execute(
        listed()
        .where(Action.owner_id == owner_id, conditions.is_open(), visible_to(reader))
        .order_by(Action.sort_key, Action.id)
        .limit(limit)
    ).all()


def count_open_actions_of(session: Session, reader: Person, owner_id: int) -> int:
    """How many there are in all."""
    found = select(func.count(Action.id)).where(
        Action.owner_id == owner_id, conditions.is_open(), counted_for(reader)
    )
    return session.scalar(found) or 0
