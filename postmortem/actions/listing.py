"""The list of actions: what can be looked for, one page of rows, and how many there are.

Rows come out of an index in their order, and reading stops at the end of the page. Rows by group: listing_groups.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, func, literal, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person, Service, Team
from postmortem.actions import conditions
from postmortem.actions.models import Action
from postmortem.actions.order import FIRST_CLOSED
from postmortem.actions.queries import LARGEST_NUMBER, listed
from postmortem.actions.queries_policy import current_policy
from postmortem.actions.rules import counted_for, visible_to
from postmortem.incidents.models import Incident, incident_services
from postmortem.web.paging import COUNT_CAP, PAGE_SIZE

_REFERENCE = re.compile(r"(?:ACT-)?(\d{1,10})", re.IGNORECASE)
SHOW_LABELS = {
    "overdue": "Overdue",
    "due_soon": "Due soon",
    "stale": "Stale",
    "unowned": "Without owner",
    "left": "Owner has left",
    "unverified": "To be verified",
    "proposed": "Not promised yet",
}
# What a period can be about, beside the day on which an action was added.
DATE_LABELS = {"due": "Due", "closed": "Closed"}


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to look for; blank means anything. Names are those of the filter form.

    `show` is one of SHOW_LABELS, `status` a status, `open` or `closed`; `owner` an e-mail address, `me` or `none`;
    `team` a slug, `mine` or `none`; `severity` and `service` are the incident's; `since` and `until` are the first
    and the last day, by the calendar in UTC, on which it was added; or, by `dates`, of DATE_LABELS, is due or was
    closed.
    """

    q: str = ""
    show: str = ""
    status: str = ""
    owner: str = ""
    team: str = ""
    priority: str = ""
    kind: str = ""
    overdue: bool = False
    severity: str = ""
    service: str = ""
    dates: str = ""
    since: date | None = None
    until: date | None = None


def find_actions(
    session: Session,
    person: Person,
    wanted: Wanted,
    *,
    key: tuple[int, int] | None = None,
    is_backward: bool = False,
    is_descending: bool = False,
    limit: int = PAGE_SIZE + 1,
) -> Sequence[Row[Any]]:
    """One page of rows and one more, behind (or, backward, before) the key `(sort_key, id)`.

    Ascending is open ones first, by due date; descending is exactly the reverse.
    """
    statement = listed().where(visible_to(person), *conditions_of(session, person, wanted))
    reads_up = is_backward == is_descending
    place = tuple_(Action.sort_key, Action.id)
    if key is not None:
        statement = statement.where(place > key if reads_up else place < key)
    return session.execute(statement.order_by(*in_order(reads_up)).limit(limit)).all()


def in_order(reads_up: bool) -> tuple[Any, Any]:
    """The list's order, or exactly the reverse."""
    return (Action.sort_key, Action.id) if reads_up else (Action.sort_key.desc(), Action.id.desc())


def count_actions(session: Session, person: Person, wanted: Wanted) -> int:
    """How many there are in all; counting stops at COUNT_CAP + 1."""
    matching = (counted_for(person), *conditions_of(session, person, wanted))
    found = select(Action.id).where(*matching).limit(COUNT_CAP + 1)
    return session.scalar(select(func.count()).select_from(found.subquery())) or 0


def filter_choices(session: Session) -> dict[str, list[tuple[str, str]]]:
    """What the filters offer, as pairs of value and label under `owner`, `team` and `service`. One statement.

    Who left and what was retired comes last: their actions are still here. `people` are owners who can still be
    given something.
    """
    parts = (
        select(literal("owner").label("field"), Person.email.label("value"), Person.name, Person.is_active),
        select(literal("team"), Team.slug, Team.name, Team.is_active),
        select(literal("service"), Service.slug, Service.name, Service.is_active),
    )
    every = union_all(*parts).subquery()
    choices: dict[str, list[tuple[str, str]]] = {"owner": [], "team": [], "service": [], "people": []}
    for row in session.execute(select(every).order_by(every.c.is_active.desc(), every.c.name, every.c.value)):
        choices[row.field].append((row.value, row.name if row.is_active else f"{row.name} (not active)"))
        if row.field == "owner" and row.is_active:
            choices["people"].append((row.value, row.name))
    return choices


def conditions_of(session: Session, person: Person, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What rows must be to be found. Says nothing of who may see them."""
    found = [*_of_text(wanted.q), *_of_status(wanted), *_of_people(person, wanted), *_of_incident(wanted)]
    if wanted.priority:
        found.append(Action.priority == wanted.priority)
    if wanted.kind:
        found.append(Action.kind == wanted.kind)
    if wanted.since or wanted.until:
        found.append(conditions.dated(wanted.dates, wanted.since or date.min, wanted.until or date.max))
    if wanted.show:
        found.append(_shown(session, wanted.show))
    return found


def _shown(session: Session, show: str) -> ColumnElement[bool]:
    today = clock.today()
    if show == "overdue":
        return conditions.overdue(today)
    if show == "unverified":
        return conditions.unverified(today)
    if show == "due_soon":
        return conditions.due_soon(current_policy(session), today)
    if show == "stale":
        return conditions.stale(current_policy(session), clock.now())
    return {"unowned": conditions.unowned, "left": conditions.left, "proposed": conditions.proposed}[show]()


def _of_status(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.status == "open":
        found.append(conditions.is_open())
    elif wanted.status == "closed":
        found.append(Action.sort_key >= FIRST_CLOSED)
    elif wanted.status:
        found.append(Action.status == wanted.status)
    if wanted.overdue:
        found.append(conditions.overdue(clock.today()))
    return found


def _of_people(person: Person, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.owner == "me":
        found.append(Action.owner_id == person.id)
    elif wanted.owner == "none":
        found.append(Action.owner_id.is_(None))
    elif wanted.owner:
        found.append(Action.owner_id == _id_of(Person, Person.email == wanted.owner))
    if wanted.team == "mine":
        found.append(conditions.of_teams_of(person))
    elif wanted.team == "none":
        found.append(Action.team_id.is_(None))
    elif wanted.team:
        found.append(Action.team_id == _id_of(Team, Team.slug == wanted.team))
    return found


def _of_incident(wanted: Wanted) -> list[ColumnElement[bool]]:
    # The sum keeps databases from starting with the incidents and sorting all their actions.
    incident_id = Action.incident_id + 0
    found: list[ColumnElement[bool]] = []
    if wanted.severity:
        found.append(incident_id.in_(select(Incident.id).where(Incident.severity == wanted.severity)))
    if wanted.service:
        service_id = _id_of(Service, Service.slug == wanted.service)
        of_service = select(incident_services.c.incident_id).where(
            incident_services.c.service_id == service_id
        )
        found.append(incident_id.in_(of_service))
    return found


def _of_text(text: str) -> list[ColumnElement[bool]]:
    """Every word somewhere in title, description or end state; or the action's own number."""
    if (reference := _REFERENCE.fullmatch(text)) and int(reference[1]) <= LARGEST_NUMBER:
        return [or_(Action.id == int(reference[1]), _has_word(text))]
    return [_has_word(word) for word in text.split()]


def _has_word(word: str) -> ColumnElement[bool]:
    return Action.search_text.contains(word.casefold(), autoescape=True)


def _id_of(model: type[Person] | type[Team] | type[Service], where: ColumnElement[bool]) -> Any:
    return select(model.id).where(where).scalar_subquery()
