"""Rows of the lists of people, teams and services: columns, not entities, in pages by name.

Every function takes `key`, the `(sort_name, id)` behind which the page starts (None for the first page),
and returns up to `limit` rows in that direction with the count of everything found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, select, tuple_
from sqlalchemy.orm import Session

from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person, Service, Team, team_members

Rows = Sequence[Row[Any]]
Key = tuple[str, int] | None


@dataclass(frozen=True)
class ListFilter:
    """What to look for: `text` in the name; `is_everything` brings the deactivated ones in as well."""

    text: str = ""
    is_everything: bool = False
    role: Role | None = None
    team: str = ""


_PEOPLE = select(
    Person.id,
    Person.name,
    Person.email,
    Person.handle,
    Person.role,
    Person.is_active,
    Person.password_hash.is_(None).label("is_waiting"),
    func.lower(Person.name).label("sort_name"),
)
_MEMBERS = (
    select(func.count())
    .select_from(team_members.join(Person, Person.id == team_members.c.person_id))
    .where(team_members.c.team_id == Team.id, Person.is_active)
    .correlate(Team)
    .scalar_subquery()
)
_OWNED = (
    select(func.count())
    .select_from(Service)
    .where(Service.team_id == Team.id, Service.is_active)
    .correlate(Team)
    .scalar_subquery()
)
_TEAMS = select(
    Team.id,
    Team.slug,
    Team.name,
    Team.is_active,
    _MEMBERS.label("member_count"),
    _OWNED.label("service_count"),
    func.lower(Team.name).label("sort_name"),
)
_SERVICES = select(
    Service.id,
    Service.slug,
    Service.name,
    Service.is_active,
    Team.slug.label("team_slug"),
    Team.name.label("team_name"),
    func.lower(Service.name).label("sort_name"),
).outerjoin(Team, Team.id == Service.team_id)


def people_rows(
    session: Session, wanted: ListFilter, *, key: Key, is_backward: bool, limit: int
) -> tuple[Rows, int]:
    """People by name, without those who were merged into others. Their teams: `teams_of_people`."""
    statement = _filtered(_PEOPLE, Person, wanted).where(Person.merged_into_id.is_(None))
    if wanted.role:
        statement = statement.where(Person.role == wanted.role)
    return _page(session, statement, Person, key=key, is_backward=is_backward, limit=limit)


def team_rows(
    session: Session, wanted: ListFilter, *, key: Key, is_backward: bool, limit: int
) -> tuple[Rows, int]:
    """Teams by name, with how many active members and services each has."""
    statement = _filtered(_TEAMS, Team, wanted)
    return _page(session, statement, Team, key=key, is_backward=is_backward, limit=limit)


def service_rows(
    session: Session, wanted: ListFilter, *, key: Key, is_backward: bool, limit: int
) -> tuple[Rows, int]:
    """Services by name, with the team that owns each."""
    statement = _filtered(_SERVICES, Service, wanted)
    if wanted.team:
        statement = statement.where(Team.slug == wanted.team)
    return _page(session, statement, Service, key=key, is_backward=is_backward, limit=limit)


def teams_of_people(session: Session, people: Rows) -> dict[int, list[Row[Any]]]:
    """The active teams (`slug`, `name`) of these people, by the person's id; one statement."""
    found: dict[int, list[Row[Any]]] = {row.id: [] for row in people}
    statement = (
        select(team_members.c.person_id, Team.slug, Team.name)
        .join(Team, Team.id == team_members.c.team_id)
        .where(team_members.c.person_id.in_(found), Team.is_active)
        .order_by(func.lower(Team.name), Team.id)
    )
    for row in session.execute(statement):
        found[row.person_id].append(row)
    return found


def _filtered(statement: Select[Any], model: Any, wanted: ListFilter) -> Select[Any]:
    if wanted.text:
        statement = statement.where(model.name.icontains(wanted.text, autoescape=True))
    return statement if wanted.is_everything else statement.where(model.is_active)


def _page(
    session: Session, statement: Select[Any], model: Any, *, key: Key, is_backward: bool, limit: int
) -> tuple[Rows, int]:
    found = session.scalar(statement.with_only_columns(func.count(), maintain_column_froms=True)) or 0
    order = tuple_(func.lower(model.name), model.id)
    if key is not None:
        statement = statement.where(order < key if is_backward else order > key)
    columns = (func.lower(model.name), model.id)
    statement = statement.order_by(*(column.desc() if is_backward else column for column in columns))
    return session.execute(statement.limit(limit)).all(), found
