"""The statements of the list, each built once for a shape of question and used again with other values.

An index alone finds the keys of a page's rows in their order; only then their columns are read. Where the
list is that of one service, team or tag, it is the index of that association, which carries copies of the keys.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    case,
    column,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    table,
    true,
    tuple_,
)

from postmortem.accounts.models import Service, Team
from postmortem.db import UTCDateTime
from postmortem.incidents.enums import MOMENTS, Visibility
from postmortem.incidents.models import (
    TIME_NOT_RECORDED,
    Incident,
    incident_services,
    incident_tags,
    incident_teams,
)
from postmortem.incidents.rules import is_insider
from postmortem.tags.models import Tag

NEWEST, OLDEST, FILED = "newest", "oldest", "filed"
_incidents = Incident.__table__
# By name, because incidents stand below actions.
_actions = table("actions", column("incident_id"), column("status"), column("deleted_at"))
_OPEN_ACTION = ("proposed", "accepted", "in_progress")
# filter: association table, its column, how its value is found
_LINKED: Mapping[str, tuple[Any, str, Any]] = {
    "service": (incident_services, "service_id", Service.slug),
    "team": (incident_teams, "team_id", Team.slug),
    "tag": (incident_tags, "tag_id", Tag.name),
}
_EQUAL = ("severity", "kind", "status", "detected_by")
# Filters that the keys beside a service, team or tag can answer without the incident.
_BY_KEYS = frozenset({"no_drills", "drills", "since", "until"})


class Shape(NamedTuple):
    """What a page's statement depends on. `run`: all, or of the oldest first recorded or unrecorded ones."""

    names: tuple[str, ...]
    sort: str
    run: str
    has_cursor: bool
    is_backward: bool
    is_admin: bool


class _Keys(NamedTuple):
    """The columns that find a page: the incidents' own, or their copies beside a service, team or tag."""

    source: FromClause
    id: ColumnElement[int]
    sort_at: ColumnElement[datetime]
    is_drill: ColumnElement[bool]
    visibility: ColumnElement[Visibility]
    filter: str = ""


def _keys(names: tuple[str, ...]) -> _Keys:
    for name in names:
        if name in _LINKED:
            link = _LINKED[name][0]
            c = link.c
            needs_incident = not _BY_KEYS.union({name}).issuperset(names)
            source = link.join(_incidents, _incidents.c.id == c.incident_id) if needs_incident else link
            return _Keys(source, c.incident_id, c.sort_at, c.is_drill, c.visibility, name)
    c = _incidents.c
    return _Keys(_incidents, c.id, c.sort_at, c.is_drill, c.visibility)


def _conditions(names: tuple[str, ...], keys: _Keys, *, is_admin: bool) -> list[ColumnElement[bool]]:
    found = [_condition(name, keys) for name in names]
    if is_admin:
        found.append(keys.visibility != Visibility.DELETED)
    else:
        is_theirs = and_(keys.visibility == Visibility.RESTRICTED, _is_insider(keys))
        found.append(or_(keys.visibility == Visibility.OPEN, is_theirs))
    return found


def _is_insider(keys: _Keys) -> ColumnElement[bool]:
    person_id: Any = bindparam("person_id")
    if keys.source is _incidents:
        return is_insider(person_id, _incidents.c)
    restricted = _incidents.alias("restricted")
    return exists(
        select(restricted.c.id).where(restricted.c.id == keys.id, is_insider(person_id, restricted.c))
    )


def _condition(name: str, keys: _Keys) -> ColumnElement[bool]:
    if name in _EQUAL:
        matches: ColumnElement[bool] = _incidents.c[name] == bindparam(name)
        return matches
    if name in _LINKED:
        return _linked(name, keys)
    if name.startswith("words"):
        return _text(int(name.removeprefix("words")))
    # The index for drills is only for those who ask for them; `coalesce` keeps it out of the way otherwise.
    conditions: Mapping[str, ColumnElement[bool]] = {
        "unrated": _incidents.c.severity.is_(None),
        "no_drills": func.coalesce(keys.is_drill, true()) == false(),
        "drills": keys.is_drill == true(),
        "since": keys.sort_at >= bindparam("since", type_=UTCDateTime()),
        "until": (keys.sort_at < bindparam("until", type_=UTCDateTime()))
        & (keys.sort_at > TIME_NOT_RECORDED),
    }
    return conditions[name]


def _linked(name: str, keys: _Keys) -> ColumnElement[bool]:
    link, key, label = _LINKED[name]
    wanted = select(label.class_.id).where(label == bindparam(name)).scalar_subquery()
    if keys.filter == name:
        matches: ColumnElement[bool] = link.c[key] == wanted
        return matches
    return exists(select(link.c.incident_id).where(link.c.incident_id == keys.id, link.c[key] == wanted))


def _text(count: int) -> ColumnElement[bool]:
    """All the words in title or summary, or the number that the text names."""
    matches: ColumnElement[bool] = _incidents.c.id == bindparam("number")
    if not count:
        return matches
    words = [_incidents.c.search_text.like(bindparam(f"word_{index}"), escape="!") for index in range(count)]
    return or_(matches, and_(*words))


@lru_cache(maxsize=500)
def page_statement(shape: Shape) -> Select[Any]:
    keys = _keys(shape.names)
    inner = (
        select(keys.id.label("id"), keys.sort_at.label("sort_at"))
        .select_from(keys.source)
        .where(*_conditions(shape.names, keys, is_admin=shape.is_admin))
    )
    if shape.run != "all":
        is_recorded = shape.run == "recorded"
        inner = inner.where(
            keys.sort_at > TIME_NOT_RECORDED if is_recorded else keys.sort_at == TIME_NOT_RECORDED
        )
    is_falling = (shape.sort == OLDEST) == shape.is_backward
    order = (keys.id,) if shape.sort == FILED else (keys.sort_at, keys.id)
    if shape.has_cursor:
        inner = inner.where(_behind_cursor(shape, keys, is_falling=is_falling))
    inner = inner.order_by(*(part.desc() if is_falling else part for part in order))
    page = inner.limit(bindparam("limit")).subquery("page")
    outer = (page.c.id,) if shape.sort == FILED else (page.c.sort_at, page.c.id)
    columns = select(*_COLUMNS).join(page, page.c.id == _incidents.c.id)
    return columns.order_by(*(part.desc() if is_falling else part for part in outer))


def _behind_cursor(shape: Shape, keys: _Keys, *, is_falling: bool) -> ColumnElement[bool]:
    mine: Any = keys.id
    cursor: Any = bindparam("cursor_id")
    if shape.sort != FILED:
        mine = tuple_(keys.sort_at, keys.id)
        cursor = tuple_(bindparam("cursor_at", type_=UTCDateTime()), cursor)
    found: ColumnElement[bool] = mine < cursor if is_falling else mine > cursor
    return found


@lru_cache(maxsize=200)
def count_statement(names: tuple[str, ...], is_admin: bool) -> Select[Any]:
    keys = _keys(names)
    found = select(literal(1)).select_from(keys.source).where(*_conditions(names, keys, is_admin=is_admin))
    return select(func.count()).select_from(found.limit(bindparam("limit")).subquery())


def _columns() -> list[ColumnElement[Any]]:
    """What a row of the list shows; the confidence is that of the moment which the list sorts by."""
    c = _incidents.c
    names = "id title kind severity status visibility is_drill reported_by_id sort_at timezone"
    sure = case(
        *((c[name] == c.sort_at, c[f"{name}_confidence"]) for name in MOMENTS),
        else_=None,
    )
    open_actions = (
        select(func.count())
        .select_from(_actions)
        .where(
            _actions.c.incident_id == c.id,
            _actions.c.deleted_at.is_(None),
            # Not `in_`, which is written anew for each execution.
            or_(*(_actions.c.status == status for status in _OPEN_ACTION)),
        )
        .scalar_subquery()
    )
    return [
        *(c[name] for name in names.split()),
        c.impact_started_at,
        c.resolved_at,
        c.impact_started_at_confidence,
        c.resolved_at_confidence,
        sure.label("confidence"),
        open_actions.label("open_actions"),
    ]


_COLUMNS = _columns()
SERVICES = (
    select(incident_services.c.incident_id, Service.name, Service.slug)
    .join(Service, Service.id == incident_services.c.service_id)
    .where(incident_services.c.incident_id.in_(bindparam("numbers", expanding=True)))
    .order_by(Service.name, Service.id)
)
CHOICES = (
    select(literal("service").label("what"), Service.slug, Service.name.label("name"))
    .where(Service.is_active)
    .union_all(select(literal("team"), Team.slug, Team.name).where(Team.is_active))
    .order_by("name", "slug")
)
