"""The list of actions by owner, team or incident: one page of rows with their groups, and how many each has.

Owners and teams come by name, those without first; incidents the newest first. Inside a group the order is the
list's own. Two statements, however many actions and groups there are: one counts each group, and by that it is
known which groups a page can reach into, so that the other reads no more than three stretches of an index.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person, Team
from postmortem.actions.listing import Wanted, conditions_of, in_order
from postmortem.actions.models import Action
from postmortem.actions.queries import listed
from postmortem.actions.rules import counted_for, visible_to
from postmortem.web.paging import PAGE_SIZE

GROUP_LABELS = {"owner": "Owner", "team": "Team", "incident": "Incident"}
_COLUMNS: dict[str, Any] = {"owner": Action.owner_id, "team": Action.team_id}
_NAMED: dict[str, type[Person] | type[Team]] = {"owner": Person, "team": Team}


class GroupKey(NamedTuple):
    """Where a group stands. Those without come first: their name is blank, their id 0."""

    name: str = ""
    id: int = 0


class RowKey(NamedTuple):
    """Where a row stands in the grouped list; what a cursor holds."""

    name: str
    group_id: int
    sort_key: int
    id: int


@dataclass
class Grouped:
    """A page's rows and one more in the cursor's direction; how many each of their groups has; how many in all."""

    rows: Sequence[Row[Any]]
    counts: dict[int, int]
    found: int


def row_key(row: Any, group: str) -> RowKey:
    """The key of a row of `listed()`."""
    if group == "incident":
        return RowKey("", row.incident_id, row.sort_key, row.id)
    name, group_id = (row.owner_name, row.owner_id) if group == "owner" else (row.team_name, row.team_id)
    return RowKey(name or "", group_id or 0, row.sort_key, row.id)


def find_by_name(
    session: Session,
    person: Person,
    wanted: Wanted,
    group: str,
    *,
    key: RowKey | None = None,
    is_backward: bool = False,
    is_descending: bool = False,
) -> Grouped:
    """One page grouped by owner or team. `is_descending` turns the rows inside the groups round, not the groups."""
    matching = conditions_of(session, person, wanted)
    counts = _counts(session, _COLUMNS[group], _NAMED[group], (counted_for(person), *matching))
    here = GroupKey(key.name, key.group_id) if key else None
    ahead = sorted(counts, key=_place, reverse=is_backward)
    if here is not None:
        # Whose name changed meanwhile is not met a second time.
        ahead = [each for each in ahead if each.id != here.id and _is_behind(each, here, is_backward)]
    reads_up = is_backward == is_descending
    rows = _page(session, person, matching, _COLUMNS[group], ahead, counts, key, reads_up)
    ordered = sorted(rows, key=lambda row: (row.sort_key, row.id), reverse=not reads_up)
    ordered.sort(key=lambda row: _place(GroupKey(*row_key(row, group)[:2])), reverse=is_backward)
    shown = ordered[: PAGE_SIZE + 1]
    return Grouped(shown, {each.id: count for each, count in counts.items()}, sum(counts.values()))


def find_by_incident(
    session: Session,
    person: Person,
    wanted: Wanted,
    *,
    key: RowKey | None = None,
    is_backward: bool = False,
    is_descending: bool = False,
) -> tuple[Sequence[Row[Any]], dict[int, int]]:
    """One page grouped by incident, and how many each incident on it has."""
    matching = conditions_of(session, person, wanted)
    number = Action.incident_id
    counted = select(number, func.count()).where(counted_for(person), *matching).group_by(number)
    if key is not None:
        counted = counted.where(number >= key.group_id if is_backward else number <= key.group_id)
    # No page reaches further than one action of each, and the rest of the one that it begins in.
    reached = counted.order_by(number.asc() if is_backward else number.desc()).limit(PAGE_SIZE + 2)
    counts = {GroupKey(id=row[0]): row[1] for row in session.execute(reached)}
    ahead = [each for each in counts if key is None or each.id != key.group_id]
    reads_up = is_backward == is_descending
    rows = _page(session, person, matching, number, ahead, counts, key, reads_up)
    ordered = sorted(rows, key=lambda row: (row.sort_key, row.id), reverse=not reads_up)
    ordered.sort(key=lambda row: int(row.incident_id), reverse=not is_backward)
    return ordered[: PAGE_SIZE + 1], {each.id: count for each, count in counts.items()}


def _page(
    session: Session,
    person: Person,
    matching: Sequence[ColumnElement[bool]],
    column: Any,
    ahead: list[GroupKey],
    counts: dict[GroupKey, int],
    key: RowKey | None,
    reads_up: bool,
) -> Sequence[Row[Any]]:
    """A page's worth and perhaps more: the rest of the group that the key is in, and the groups ahead of it."""
    whole, last = _reach(ahead, counts)
    begun = []
    if last is not None:
        begun.append(_of_group(column, last))
    if key is not None:
        place, behind = tuple_(Action.sort_key, Action.id), (key.sort_key, key.id)
        rest = place > behind if reads_up else place < behind
        begun.append(_of_group(column, GroupKey(key.name, key.group_id)) & rest)
    seen = (visible_to(person), *matching)
    return session.execute(_stretches(seen, _of_groups(column, whole), begun, reads_up)).all()


def _counts(
    session: Session, column: Any, model: type[Person] | type[Team], matching: Sequence[ColumnElement[bool]]
) -> dict[GroupKey, int]:
    """How many each group has that has any. Counted before names are looked up: there are few groups."""
    counted = (
        select(column.label("id"), func.count().label("count")).where(*matching).group_by(column).subquery()
    )
    rows = session.execute(
        select(counted.c.id, model.name, counted.c.count).outerjoin(model, model.id == counted.c.id)
    )
    return {GroupKey(name or "", number or 0): count for number, name, count in rows}


def _place(group: GroupKey) -> tuple[str, str, int]:
    return (group.name.casefold(), group.name, group.id)


def _is_behind(group: GroupKey, here: GroupKey, is_backward: bool) -> bool:
    return _place(group) < _place(here) if is_backward else _place(group) > _place(here)


def _reach(ahead: list[GroupKey], counts: dict[GroupKey, int]) -> tuple[list[GroupKey], GroupKey | None]:
    """The groups that a page holds wholly, and the one, if any, that it is filled up from."""
    whole: list[GroupKey] = []
    room = PAGE_SIZE + 1
    for group in ahead:
        if counts[group] > room:
            return whole, group
        whole.append(group)
        room -= counts[group]
        if not room:
            break
    return whole, None


def _of_group(column: Any, group: GroupKey) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column == group.id if group.id else column.is_(None)
    return found


def _of_groups(column: Any, groups: Sequence[GroupKey]) -> ColumnElement[bool]:
    ids = [group.id for group in groups if group.id]
    found = column.in_(ids)
    return or_(column.is_(None), found) if len(ids) < len(groups) else found


def _stretches(
    seen: Sequence[ColumnElement[bool]],
    whole: ColumnElement[bool],
    begun: Sequence[ColumnElement[bool]],
    reads_up: bool,
) -> Select[Any]:
    """The rows of all groups that fit, which are few, and a page's worth of each that is begun or goes on."""
    parts = [select(Action.id).where(*seen, whole).subquery()]
    for each in begun:
        first = select(Action.id).where(*seen, each).order_by(*in_order(reads_up)).limit(PAGE_SIZE + 1)
        parts.append(first.subquery())
    return listed().where(Action.id.in_(union_all(*(select(each.c.id) for each in parts))))
