"""What a name is about, as far as whoever looks may see it; what an address names is said by `router`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.incidents.models import Incident
from postmortem.incidents.queries import LARGEST_NUMBER
from postmortem.timeline.models import Factor, TimelineEvent
from postmortem.web.visibility import visible
from postmortem.writeups.models import Writeup

_MODELS: dict[str, Any] = {
    "incident": Incident,
    "action": Action,
    "event": TimelineEvent,
    "factor": Factor,
    "writeup": Writeup,
}


class Name(NamedTuple):
    """What is meant: a noun and its number, or the slug of a write-up."""

    noun: str
    key: Any


@dataclass(frozen=True)
class Thing:
    """Something that is there. `incident` is what it belongs to, or itself; a write-up has none."""

    noun: str
    row: Any
    label: str
    url: str
    incident: Incident | None

    @property
    def is_writeup(self) -> bool:
        return self.noun == "writeup"


def things_named(session: Session, person: Person, names: Iterable[Name | None]) -> dict[Name, Thing]:
    """Those of the named things that are there for this person; one statement for each noun, however many."""
    wanted: dict[str, set[Any]] = {}
    for name in names:
        if name and (name.noun == "writeup" or 0 < name.key <= LARGEST_NUMBER):
            wanted.setdefault(name.noun, set()).add(name.key)
    found = {}
    for noun, keys in wanted.items():
        model = _MODELS[noun]
        key = model.slug if noun == "writeup" else model.id
        statement = select(model).where(key.in_(keys), visible(noun, person)).options(*_loaded(noun))
        for row in session.scalars(statement):
            thing = _thing(noun, row)
            found[Name(noun, row.slug if noun == "writeup" else row.id)] = thing
    return found


def thing_named(session: Session, person: Person, name: Name | None) -> Thing | None:
    """The thing of this name, if it is there for this person."""
    return things_named(session, person, [name]).get(name) if name else None


def sees(session: Session, person: Person, thing: Thing) -> bool:
    """Whether the thing is there for this person, by the clause that every page of it goes through."""
    model = _MODELS[thing.noun]
    found = session.scalar(select(model.id).where(model.id == thing.row.id, visible(thing.noun, person)))
    return found is not None


def _loaded(noun: str) -> tuple[Any, ...]:
    if noun == "writeup":
        return selectinload(Writeup.authors), selectinload(Writeup.incidents)
    return () if noun == "incident" else (joinedload(_MODELS[noun].incident),)


def _thing(noun: str, row: Any) -> Thing:
    if noun == "writeup":
        return Thing(noun, row, f"the write-up “{row.title}”", f"/writeups/{row.slug}", None)
    if noun == "incident":
        return Thing(noun, row, f"{row.reference} {row.title}", f"/incidents/{row.id}", row)
    incident = row.incident
    if noun == "action":
        label = f"ACT-{row.id} {row.title}, an action of {incident.reference}"
        return Thing(noun, row, label, f"/actions/{row.id}", incident)
    word = "an event" if noun == "event" else "a factor"
    label = f"{word} of {incident.reference} {incident.title}"
    return Thing(noun, row, label, f"/incidents/{incident.id}#{noun}-{row.id}", incident)
