"""The list of incidents: one page of rows, and how many there are.

`sort_at` is the earliest recorded moment, so incidents without any stand last when the newest come first; when
the oldest come first they are a second run behind the others.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person
from postmortem.incidents.list_statements import (
    CHOICES,
    FILED,
    NEWEST,
    OLDEST,
    SERVICES,
    Shape,
    count_statement,
    page_statement,
)
from postmortem.incidents.models import TIME_NOT_RECORDED
from postmortem.web.kept import remembered


class Wanted(NamedTuple):
    """A question to the list: the names of its filters (see `list_statements`), their values, and the sort."""

    names: tuple[str, ...] = ()
    values: tuple[tuple[str, Any], ...] = ()
    sort: str = NEWEST


def page_rows(
    session: Session,
    person: Person,
    wanted: Wanted,
    *,
    cursor: tuple[Any, ...] | None,
    is_backward: bool,
    limit: int,
) -> Sequence[Any]:
    """Up to `limit` rows behind the cursor in its direction, nearest first; key: see `sort_key`."""
    values = {**dict(wanted.values), "person_id": person.id, "limit": limit}
    # Straight on the connection: the session's own execute costs as much again as the statement.
    connection = session.connection()
    rows: list[Any] = []
    for run, from_here in _runs(wanted.sort, cursor, is_backward):
        shape = Shape(wanted.names, wanted.sort, run, from_here, is_backward, person.role == Role.ADMIN)
        if from_here and cursor:
            values |= {"cursor_id": cursor[-1], "cursor_at": cursor[0]}
        rows += connection.execute(page_statement(shape), {**values, "limit": limit - len(rows)}).all()
        if len(rows) >= limit:
            break
    return rows


def sort_key(row: Any, sort: str) -> tuple[Any, ...]:
    """A row's place in the list, for the cursor."""
    return (row.id,) if sort == FILED else (row.sort_at, row.id)


def found_count(session: Session, person: Person, wanted: Wanted, *, cap: int) -> int:
    """How many there are in all, exactly up to `cap`, else `cap` + 1."""
    statement = count_statement(wanted.names, person.role == Role.ADMIN)
    values = {**dict(wanted.values), "person_id": person.id, "limit": cap + 1}
    key = ("incident count", wanted.names, wanted.values, person.id, person.version, cap)
    return remembered(session, key, lambda: session.scalar(statement, values) or 0)


def services_of(session: Session, numbers: Sequence[int]) -> dict[int, list[Any]]:
    """The services (name, slug) of these incidents, by number."""
    found: dict[int, list[Any]] = {number: [] for number in numbers}
    for row in session.connection().execute(SERVICES, {"numbers": list(numbers)}):
        found[row.incident_id].append(row)
    return found


def filter_choices(session: Session) -> tuple[list[Any], list[Any]]:
    """The active services and teams (slug, name), by name, in one statement."""
    rows = session.execute(CHOICES).all()
    return [row for row in rows if row.what == "service"], [row for row in rows if row.what == "team"]


def _runs(sort: str, cursor: tuple[Any, ...] | None, is_backward: bool) -> list[tuple[str, bool]]:
    """The runs to read in order, each with whether it starts at the cursor."""
    if sort != OLDEST:
        return [("all", cursor is not None)]
    order = ["recorded", "unrecorded"]
    if is_backward:
        order.reverse()
    if cursor is None:
        return [(run, False) for run in order]
    here = "unrecorded" if cursor[0] == TIME_NOT_RECORDED else "recorded"
    return [(run, run == here) for run in order[order.index(here) :]]
