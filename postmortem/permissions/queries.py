"""Reading requests for access."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from postmortem.accounts.models import Person
from postmortem.incidents.models import Incident
from postmortem.permissions.enums import RequestState
from postmortem.permissions.models import AccessRequest

SHOWN = 20


def requests_of(session: Session, person: Person) -> Sequence[AccessRequest]:
    """What this person asked for, newest first."""
    return session.scalars(
        select(AccessRequest)
        .where(AccessRequest.person_id == person.id)
        .order_by(AccessRequest.id.desc())
        .limit(SHOWN)
    ).all()


def requests_by_state(
    session: Session, *, is_open: bool, before: int | None, after: int | None, limit: int
) -> Sequence[AccessRequest]:
    """Open or answered requests, newest first, with who asked and who answered; nearest to the cursor first.

    `after` is the id behind which an older page starts, `before` the one before which a newer page ends.
    """
    statement = select(AccessRequest).where(_is_open(is_open))
    if after is not None:
        statement = statement.where(AccessRequest.id < after)
    if before is not None:
        statement = statement.where(AccessRequest.id > before)
    order = AccessRequest.id.desc() if before is None else AccessRequest.id
    people = joinedload(AccessRequest.person), joinedload(AccessRequest.answered_by)
    return session.scalars(statement.options(*people).order_by(order).limit(limit)).all()


def count_requests(session: Session, *, is_open: bool) -> int:
    return session.scalar(select(func.count()).select_from(AccessRequest).where(_is_open(is_open))) or 0


def open_requests_for(
    session: Session,
    incident: Incident,
    actions: Iterable[int],
    events: Iterable[int],
    factors: Iterable[int],
) -> Sequence[AccessRequest]:
    """Open requests for an incident's pages and for those of its actions, events and factors, oldest first."""
    start = f"/incidents/{incident.id}"
    parts = {"actions": actions, "events": events, "factors": factors}
    paths = [
        f"/{word}/{number}{end}" for word, ids in parts.items() for number in ids for end in ("", "/edit")
    ]
    return session.scalars(
        select(AccessRequest)
        .where(
            _is_open(True),
            or_(AccessRequest.path.in_([start, *paths]), AccessRequest.path.startswith(f"{start}/")),
        )
        .options(joinedload(AccessRequest.person))
        .order_by(AccessRequest.id)
        .limit(SHOWN)
    ).all()


def _is_open(is_open: bool) -> ColumnElement[bool]:
    return AccessRequest.state == RequestState.OPEN if is_open else AccessRequest.state != RequestState.OPEN
