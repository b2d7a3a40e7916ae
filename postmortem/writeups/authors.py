"""Whom entries name as their authors: by role, or by name where somebody is named. Read from what is published.

`the second on-call engineer` of one entry and `the on-call engineer` of another are the same role to a reader, and
nothing here knows who it was: all that there is to see is the line above the published text.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.blameless.roles_phrases import ORDINAL, role_noun
from postmortem.errors import NotVisible
from postmortem.text.slugs import tag_name
from postmortem.web.kept import remembered
from postmortem.writeups.entries import current_publication
from postmortem.writeups.models import Publication, Writeup
from postmortem.writeups.rules import IS_PUBLIC, IS_PUBLISHED

_OTHERS = re.compile(r"\d+ others")
_ROLE = re.compile(rf"(?:the|an?) (?:(?:{ORDINAL}) )?(?=\S)")


@dataclass(frozen=True)
class Credit:
    """One author as a line names them. `key` stands in addresses; it is blank for what has no page."""

    text: str
    key: str
    is_role: bool

    @property
    def url(self) -> str:
        return author_url(self.key) if self.key else ""


@dataclass(frozen=True)
class AuthorUse:
    """A role or a name under which entries have authors; `lines` are the lines in which it stands."""

    key: str
    name: str
    is_role: bool
    writeups: int
    lines: tuple[str, ...]

    @property
    def url(self) -> str:
        return author_url(self.key)


def author_url(key: str) -> str:
    """The address of an author's page."""
    return f"/authors/{quote(key, safe='')}"


def credits_in(line: str) -> list[Credit]:
    """The authors of a line as `frozen.name_line` puts them together, in order."""
    before, _, last = line.rpartition(" and ")
    names = [name for name in (*before.split(", "), last) if name.strip()]
    return [_credit(name) for name in names]


def linked_line(line: str) -> list[tuple[str, str, str]]:
    """The line in pieces: what stands before each author, the author, and the address of its page."""
    found = credits_in(line)
    between = ["", *([", "] * (len(found) - 2)), " and "][: len(found)]
    return [(before, each.text, each.url) for before, each in zip(between, found, strict=True)]


def authors_of(session: Session, person: Person | None) -> dict[str, AuthorUse]:
    """Every role and name above the entries that this person may read, by key. One statement, once after each write."""
    key = ("authors", person is not None)
    return remembered(session, key, lambda: _authors_of(session, is_signed_in=person is not None))


def author_in_use(session: Session, person: Person | None, key: str) -> AuthorUse:
    """The author of an address. Raises NotVisible where no entry that this person may read names one like it."""
    found = authors_of(session, person).get(tag_name(key))
    if found is None:
        raise NotVisible
    return found


def _authors_of(session: Session, *, is_signed_in: bool) -> dict[str, AuthorUse]:
    counts, lines = Counter[str](), defaultdict[str, list[str]](list)
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    roles: set[str] = set()
    for line, count in session.execute(_lines(is_signed_in)):
        for credit in {each.key: each for each in credits_in(line) if each.key}.values():
            counts[credit.key] += count
            lines[credit.key].append(line)
            spellings[credit.key][_name(credit)] += count
            if credit.is_role:
                roles.add(credit.key)
    return {
        key: AuthorUse(key, _spelling(spellings[key]), key in roles, counts[key], tuple(lines[key]))
        for key in sorted(counts)
    }


def _credit(name: str) -> Credit:
    is_role = _ROLE.match(name) is not None
    key = "" if _OTHERS.fullmatch(name) else tag_name(_ROLE.sub("", name, count=1) if is_role else name)
    return Credit(name, key, is_role)


def _name(credit: Credit) -> str:
    """How a page is headed: the role without article and number, a name as it is shown."""
    if not credit.is_role:
        return credit.text
    noun = role_noun(_ROLE.sub("", credit.text, count=1)) or credit.text
    return noun[0].upper() + noun[1:]


def _spelling(found: Counter[str]) -> str:
    """The most frequent one, of equals the first."""
    return min(found, key=lambda name: (-found[name], name))


@cache
def _lines(is_signed_in: bool) -> Select[*tuple[Any, ...]]:
    return (
        select(Publication.author_line, func.count())
        .join(Writeup, current_publication())
        .where(IS_PUBLISHED if is_signed_in else IS_PUBLIC, Publication.author_line != "")
        .group_by(Publication.author_line)
        .order_by(Publication.author_line)
    )
