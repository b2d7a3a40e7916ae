"""The list of actions: what can be looked for, one page of rows, and how many there are.

Rows come out of an index in their order, and reading stops at the end of the page.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, func, literal, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person, Service, Team
from postmortem.actions.models import Action
from postmortem.actions.order import FIRST_CLOSED, overdue_below
from postmortem.actions.queries import LARGEST_NUMBER, listed
from postmortem.actions.rules import counted_for, visible_to
from postmortem.incidents.models import Incident, incident_services
from postmortem.web.paging import COUNT_CAP, PAGE_SIZE

_REFERENCE = re.compile(r"(?:ACT-)?(\d{1,10})", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to look for; blank means anything. Names are those of the filter form.

    `status` is a status, `open` or `closed`; `owner` an e-mail address, `me` or `none`; `severity` and
    `service` are the incident's.
    """

    q: str = ""
    status: str = ""
    owner: str = ""
    team: str = ""
    priority: str = ""
    kind: str = ""
    overdue: bool = False
    severity: str = ""
    service: str = ""


def find_actions(
    session: Session,
    person: Person,
    wanted: Wanted,
    *,
    key: tuple[int, int] | None = None,
    is_backward: bool = False,
    is_descending: bool = False,
) -> Sequence[Row[Any]]:
    """One page of rows and one more, behind (or, backward, before) the key `(sort_key, id)`.

    Ascending is open ones first, by due date; descending is exactly the reverse.
    """
    statement = listed().where(visible_to(person), *_conditions(person, wanted))
    reads_up = is_backward == is_descending
    place = tuple_(Action.sort_key, Action.id)
    if key is not None:
        statement = statement.where(place > key if reads_up else place < key)
    order = (Action.sort_key, Action.id) if reads_up else (Action.sort_key.desc(), Action.id.desc())
    return session.execute(statement.order_by(*order).limit(PAGE_SIZE + 1)).all()


def count_actions(session: Session, person: Person, wanted: Wanted) -> int:
    """How many there are in all; counting stops at COUNT_CAP + 1."""
    found = select(Action.id).where(counted_for(person), *_conditions(person, wanted)).limit(COUNT_CAP + 1)
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def filter_choices(session: Session) -> dict[str, list[tuple[str, str]]]:
    """What the filters offer, as pairs of value and label under `owner`, `team` and `service`.

    Who left and what was retired comes last: their actions are still here. One statement.
    """
    parts = (
        select(literal("owner").label("field"), Person.email.label("value"), Person.name, Person.is_active),
        select(literal("team"), Team.slug, Team.name, Team.is_active),
        select(literal("service"), Service.slug, Service.name, Service.is_active),
    )
    every = union_all(*parts).subquery()
    choices: dict[str, list[tuple[str, str]]] = {"owner": [], "team": [], "service": []}
    for row in session.execute(select(every).order_by(every.c.is_active.desc(), every.c.name, every.c.value)):
        choices[row.field].append((row.value, row.name if row.is_active else f"{row.name} (not active)"))
    return choices


def _conditions(person: Person, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = _of_text(wanted.q)
    if wanted.status == "open":
        conditions.append(Action.sort_key < FIRST_CLOSED)
    elif wanted.status == "closed":
        conditions.append(Action.sort_key >= FIRST_CLOSED)
    elif wanted.status:
        conditions.append(Action.status == wanted.status)
    if wanted.overdue:
        conditions.append(Action.sort_key < overdue_below(clock.today()))
    if wanted.owner == "me":
        conditions.append(Action.owner_id == person.id)
    elif wanted.owner == "none":
        conditions.append(Action.owner_id.is_(None))
    elif wanted.owner:
        conditions.append(Action.owner_id == _id_of(Person, Person.email == wanted.owner))
    if wanted.team:
        conditions.append(Action.team_id == _id_of(Team, Team.slug == wanted.team))
    if wanted.priority:
        conditions.append(Action.priority == wanted.priority)
    if wanted.kind:
        conditions.append(Action.kind == wanted.kind)
    return [*conditions, *_of_incident(wanted)]


def _of_incident(wanted: Wanted) -> list[ColumnElement[bool]]:
    # The sum keeps databases from starting with the incidents and sorting all their actions.
    incident_id = Action.incident_id + 0
    conditions: list[ColumnElement[bool]] = []
    if wanted.severity:
        conditions.append(incident_id.in_(select(Incident.id).where(Incident.severity == wanted.severity)))
    if wanted.service:
        service_id = _id_of(Service, Service.slug == wanted.service)
        of_service = select(incident_services.c.incident_id).where(
            incident_services.c.service_id == service_id
        )
        conditions.append(incident_id.in_(of_service))
    return conditions


def _of_text(text: str) -> list[ColumnElement[bool]]:
    """Every word somewhere in title, description or end state; or the action's own number."""
    if (reference := _REFERENCE.fullmatch(text)) and int(reference[1]) <= LARGEST_NUMBER:
        return [or_(Action.id == int(reference[1]), _has_word(text))]
    return [_has_word(word) for word in text.split()]


def _has_word(word: str) -> ColumnElement[bool]:
    return Action.search_text.contains(word.casefold(), autoescape=True)


def _id_of(model: type[Person] | type[Team] | type[Service], where: ColumnElement[bool]) -> Any:
    return select(model.id).where(where).scalar_subquery()
