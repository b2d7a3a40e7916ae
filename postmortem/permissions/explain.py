"""Why a person sees a thing, or what it would take; and who sees it. In words, from the nouns' own rules.

Nothing is decided here: reasons come from each noun's `reasons_to_see`, lists from its `people_who_see`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.rules import is_facilitator
from postmortem.actions import rules as actions_rules
from postmortem.incidents import rules as incidents_rules
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident
from postmortem.permissions.things import Thing
from postmortem.timeline import rules as timeline_rules
from postmortem.writeups import rules as writeups_rules
from postmortem.writeups.enums import WriteupState

_RULES: dict[str, Any] = {
    "incident": incidents_rules,
    "event": timeline_rules,
    "factor": timeline_rules,
    "action": actions_rules,
    "writeup": writeups_rules,
}


@dataclass(frozen=True)
class Explanation:
    """The answer: why they see it, each to stand after their name; or, without a reason, what it would take."""

    reasons: list[str]
    needed: list[str]


def explain(session: Session, person: Person, thing: Thing) -> Explanation:
    """Whether and why this person sees this thing."""
    reasons = reasons_for(session, person, thing)
    return Explanation(reasons, [] if reasons else _needed(session, person, thing))


def reasons_for(session: Session, person: Person, thing: Thing) -> list[str]:
    """Why this person sees this thing; none where they do not."""
    reasons: list[str] = _RULES[thing.noun].reasons_to_see(session, person, thing.row)
    return reasons


def is_for_everybody(thing: Thing) -> bool:
    """Whether all who sign in see it, so that a list of them says nothing."""
    if thing.incident is not None:
        return thing.incident.visibility == Visibility.OPEN
    return bool(thing.row.state == WriteupState.PUBLISHED)


def people_rows(
    session: Session, thing: Thing, *, key: tuple[Any, ...] | None, is_backward: bool, limit: int
) -> Sequence[Person]:
    """Some of those who see a thing, by name; nearest to the key (name in lower case, id) first."""
    place = tuple_(func.lower(Person.name), Person.id)
    statement = select(Person).where(_who_sees(thing))
    if key is not None:
        statement = statement.where(place < key if is_backward else place > key)
    order = (func.lower(Person.name), Person.id)
    ordered = statement.order_by(*(part.desc() if is_backward else part for part in order))
    return session.scalars(ordered.limit(limit)).all()


def people_count(session: Session, thing: Thing) -> int:
    """How many see a thing."""
    return session.scalar(select(func.count()).select_from(Person).where(_who_sees(thing))) or 0


def _who_sees(thing: Thing) -> ColumnElement[bool]:
    if thing.incident is not None:
        return incidents_rules.people_who_see(thing.incident)
    return writeups_rules.people_who_see(thing.row)


def _needed(session: Session, person: Person, thing: Thing) -> list[str]:
    if not person.is_active:
        return [f"{person.name} is not active, and sees nothing. An admin can reactivate them."]
    if thing.incident is not None:
        return [_for_incident(person, thing.incident)]
    hidden = [
        each for each in thing.row.incidents if not incidents_rules.reasons_to_see(session, person, each)
    ]
    own = f"Add {person.name} as an author, make them a facilitator, or publish it."
    is_own = thing.row.created_by_id == person.id or person in thing.row.authors
    is_one = is_own or is_facilitator(person)
    return [*([] if is_one else [own]), *(_for_incident(person, each) for each in hidden)]


def _for_incident(person: Person, incident: Incident) -> str:
    return (
        f"{incident.reference} is restricted. Make {person.name} its lead or a participant, give them one of its "
        "actions, or put one of their teams on it; or open it to everybody."
    )
