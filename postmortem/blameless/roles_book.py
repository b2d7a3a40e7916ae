"""Everybody who is known, by every spelling of their name. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from postmortem.blameless.roles_spelling import fold, keys
from postmortem.blameless.roles_words import WORDLIKE

Keys = tuple[str, ...]
SHORTEST_HANDLE = 3
SHORTEST_JOINED = 6


class Kind(StrEnum):
    """How somebody is named."""

    FULL_NAME = "full name"
    FIRST_NAME = "first name"
    LAST_NAME = "last name"
    HANDLE = "handle"
    EMAIL = "e-mail address"
    INITIALS = "initials"
    UNKNOWN = "unknown name"


@dataclass(frozen=True)
class Known:
    """A person, as their record names them."""

    id: int
    name: str
    handle: str | None = None
    email: str = ""


class Book:
    """Spellings of names and whose they are. `participants` are known by their initials too.

    Somebody may stand in it more than once, with another name or address; the first is what they are called.
    """

    def __init__(self, people: Iterable[Known], participants: Sequence[int] = ()) -> None:
        self.people: dict[int, Known] = {}
        self.emails: dict[str, int] = {}
        self.handles: dict[str, int] = {}
        self.initials: dict[str, set[int]] = {}
        self._owners: dict[Keys, dict[Kind, set[int]]] = {}
        self._beginning: dict[str, list[Keys]] = {}
        self.entries = tuple(people)
        for person in self.entries:
            self.people.setdefault(person.id, person)
            self._add(person)
        for id_ in participants:
            self.add_participant(id_)
        for found in self._beginning.values():
            found.sort(key=len, reverse=True)

    def add_participant(self, id_: int) -> None:
        """Whoever takes part is known by their initials."""
        if id_ in self.people and len(parts := name_parts(self.people[id_].name)) > 1:
            self.initials.setdefault("".join(part[0][0] for part in parts).upper(), set()).add(id_)

    def with_participants(self, ids: Iterable[int]) -> "Book":
        """The same book, in which these are known by their initials and nobody else."""
        book = object.__new__(Book)
        book.__dict__.update(self.__dict__)
        book.initials = {}
        for id_ in ids:
            book.add_participant(id_)
        return book

    def beginning(self, key: str) -> Sequence[Keys]:
        """The spellings that begin with this word, longest first."""
        return self._beginning.get(key, ())

    def owners(self, spelling: Keys) -> Mapping[Kind, set[int]]:
        """Whose spelling it is, by how it names them."""
        return self._owners.get(spelling, {})

    def _add(self, person: Known) -> None:
        if person.email:
            self.emails[person.email.casefold()] = person.id
            local = keys(person.email.partition("@")[0])
            is_telling = len(local) > 1 or (
                len("".join(local)) > SHORTEST_HANDLE and local[0] not in WORDLIKE
            )
            if is_telling:
                self._enter(local, Kind.HANDLE, person.id)
        if person.handle:
            self.handles[fold(person.handle)] = person.id
            spelling = keys(person.handle)
            if len("".join(spelling)) >= SHORTEST_HANDLE and spelling not in {
                (word,) for word in spelling if word in WORDLIKE
            }:
                self._enter(spelling, Kind.HANDLE, person.id)
        for spelling, kind in spellings(person.name):
            self._enter(spelling, kind, person.id)

    def _enter(self, spelling: Keys, kind: Kind, id_: int) -> None:
        if not spelling:
            return
        if spelling not in self._owners:
            self._beginning.setdefault(spelling[0], []).append(spelling)
        self._owners.setdefault(spelling, {}).setdefault(kind, set()).add(id_)


def name_parts(name: str) -> list[Keys]:
    """The parts of a name, each as its words: `Anne-Marie O'Brien` has two."""
    return [part for part in (keys(each) for each in name.split()) if part]


def spellings(name: str) -> Iterable[tuple[Keys, Kind]]:
    """Every way to write a name, with what it is then."""
    parts = name_parts(name)
    if not parts:
        return
    first, last = parts[0], parts[-1]
    yield first, Kind.FIRST_NAME
    if len(first) > 1:
        yield ("".join(first),), Kind.FIRST_NAME
    if len(parts) == 1:
        return
    yield tuple(key for part in parts for key in part), Kind.FULL_NAME
    yield first + last, Kind.FULL_NAME
    yield (first[0][0], *last), Kind.FULL_NAME
    yield last + first, Kind.FULL_NAME
    joined = "".join(first + last)
    if len(joined) >= SHORTEST_JOINED:
        yield (joined,), Kind.FULL_NAME
    yield last, Kind.LAST_NAME
    if len(last) > 1:
        yield ("".join(last),), Kind.LAST_NAME
    if len(parts) > 2:
        yield tuple(key for part in parts[1:] for key in part), Kind.LAST_NAME
