"""Who sees what readers give back, and who may change it. A rule's docstring is the sentence shown on refusal.

Reactions, visits and citations are there for whoever is signed in and reads the published write-up: a withdrawn or deleted one
takes them along.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, false, select

from postmortem.accounts.models import Person
from postmortem.accounts.rules import is_facilitator
from postmortem.readers.models import Citation
from postmortem.web import visibility
from postmortem.writeups.models import Writeup
from postmortem.writeups.rules import published_to


def readable_by(person: Person | None) -> ColumnElement[bool]:
    """The write-ups under which this person sees what readers gave back: published, and they are signed in."""
    return false() if person is None else published_to(person)


def visible_to(person: Person | None) -> ColumnElement[bool]:
    """The citations that this person sees; deleted ones are there for nobody."""
    if person is None:
        return false()
    read = select(Writeup.id).where(readable_by(person))
    return and_(Citation.deleted_at.is_(None), Citation.writeup_id.in_(read))


def may_react(person: Person, writeup: Writeup) -> bool:
    """Whether a write-up helped is for its readers to say, not for its authors."""
    return not has_written(person, writeup)


def can_change_citation(person: Person, citation: Citation) -> bool:
    """Only whoever added it, the write-up's authors and facilitators change where it was used."""
    return may_change(person, citation.added_by_id, citation.writeup.authors)


def may_change(person: Person, added_by_id: int | None, authors: Any) -> bool:
    """The same of the values that stand for a citation in a list."""
    return added_by_id == person.id or is_facilitator(person) or any(each.id == person.id for each in authors)


def has_written(person: Person, writeup: Writeup) -> bool:
    """Whether this person is one of its authors. Who only started it, for example by importing it, is not."""
    return any(author.id == person.id for author in writeup.authors)


visibility.register("citation", visible_to)
