"""Everything that past failures leave open: what write-ups leave open, and what readers asked and nobody answered.

Newest first, by when it was asked: the text was published, or the reader wrote. Both kinds are one list; `sequence`,
twice the id and one more for readers' questions, tells them apart and orders those of the same moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person, Service, Team
from postmortem.accounts.rules import is_contributor
from postmortem.readers.models import OpenQuestion, ReaderQuestion
from postmortem.readers.rules_questions import IS_CURRENT, visible_to, works_on
from postmortem.tags.models import Tag
from postmortem.web.paging import COUNT_CAP
from postmortem.writeups.models import Publication, Writeup, writeup_services, writeup_tags, writeup_teams
from postmortem.writeups.rules import published_to

WRITEUPS, READERS = "writeups", "readers"
OPEN, SETTLED = "open", "settled"
MAX_WORDS = 8
_LINKED: dict[str, tuple[Any, str, Any]] = {
    "tag": (writeup_tags, "tag_id", Tag.name),
    "team": (writeup_teams, "team_id", Team.slug),
    "service": (writeup_services, "service_id", Service.slug),
}


# A statement with the two columns that it is sorted by.
_Branch = tuple[Select[*tuple[Any, ...]], Any, ColumnElement[int]]


@dataclass(frozen=True)
class Wanted:
    """A question to the list; what is blank does not narrow it. `state` is open, settled, or blank for both."""

    words: tuple[str, ...] = ()
    kind: str = ""
    state: str = OPEN
    tag: str = ""
    team: str = ""
    service: str = ""


def page_rows(
    session: Session,
    person: Person | None,
    wanted: Wanted,
    *,
    cursor: tuple[Any, ...] | None,
    is_backward: bool,
    limit: int,
) -> Sequence[Any]:
    """Up to `limit` rows behind the cursor (moment and sequence) in its direction, nearest first."""
    branches = []
    for branch, at, sequence in _branches(person, wanted):
        if cursor is not None:
            here, key = tuple_(literal(cursor[0], at.type), literal(cursor[1])), tuple_(at, sequence)
            branch = branch.where(key > here if is_backward else key < here)
        order = (at.asc(), sequence.asc()) if is_backward else (at.desc(), sequence.desc())
        branches.append(select(branch.order_by(*order).limit(limit).subquery()))
    if not branches:
        return []
    found = union_all(*branches).subquery()
    keys = (found.c.at, found.c.sequence)
    direction = tuple(key.asc() if is_backward else key.desc() for key in keys)
    return session.execute(select(found).order_by(*direction).limit(limit)).all()


def found_count(session: Session, person: Person | None, wanted: Wanted) -> int:
    """How many there are in all, exactly up to COUNT_CAP, else one more."""
    some = [branch.with_only_columns(Writeup.id) for branch, _, _ in _branches(person, wanted)]
    if not some:
        return 0
    found = select(union_all(*some).subquery()).limit(COUNT_CAP + 1).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def workable(session: Session, person: Person | None, writeup_ids: Sequence[int]) -> set[int]:
    """Those of these write-ups that this person works on."""
    if person is None or not is_contributor(person):
        return set()
    return set(session.scalars(select(Writeup.id).where(Writeup.id.in_(writeup_ids), works_on(person))))


def _branches(person: Person | None, wanted: Wanted) -> list[_Branch]:
    branches = []
    if wanted.kind != READERS:
        branches.append(_left_open(person, wanted))
    # Nobody but those who sign in learns of readers' questions.
    if wanted.kind != WRITEUPS and person is not None:
        branches.append(_of_readers(person, wanted))
    return branches


def _left_open(person: Person | None, wanted: Wanted) -> _Branch:
    at, sequence = OpenQuestion.created_at, OpenQuestion.id * 2
    # What was found out is not looked through for names: for those who sign in.
    outcome = OpenQuestion.outcome if person is not None else literal("", String)
    statement = (
        select(
            at.label("at"),
            sequence.label("sequence"),
            literal(WRITEUPS).label("kind"),
            OpenQuestion.id.label("id"),
            OpenQuestion.text.label("text"),
            OpenQuestion.settled_at.label("settled_at"),
            outcome.label("outcome"),
            *_COLUMNS,
        )
        .join(Writeup, Writeup.id == OpenQuestion.writeup_id)
        .join(Publication, IS_CURRENT)
        .where(published_to(person), OpenQuestion.is_gone.is_(False))
        .where(*_state(OpenQuestion.settled_at, wanted), *_filters(wanted))
    )
    if wanted.words and person is not None:
        in_outcome = _has_words(wanted.words, OpenQuestion.outcome)
        statement = statement.where(or_(_has_words(wanted.words, OpenQuestion.text), in_outcome))
    elif wanted.words:
        statement = statement.where(_has_words(wanted.words, OpenQuestion.text))
    return statement, at, sequence


def _of_readers(person: Person, wanted: Wanted) -> _Branch:
    at, sequence = ReaderQuestion.created_at, ReaderQuestion.id * 2 + 1
    statement = (
        select(
            at.label("at"),
            sequence.label("sequence"),
            literal(READERS).label("kind"),
            ReaderQuestion.id.label("id"),
            ReaderQuestion.text.label("text"),
            ReaderQuestion.answered_at.label("settled_at"),
            literal("", String).label("outcome"),
            *_COLUMNS,
        )
        .join(Writeup, Writeup.id == ReaderQuestion.writeup_id)
        .join(Publication, IS_CURRENT)
        .where(visible_to(person), ReaderQuestion.deleted_at.is_(None))
        .where(*_state(ReaderQuestion.answered_at, wanted), *_filters(wanted))
    )
    if wanted.words:
        statement = statement.where(_has_words(wanted.words, ReaderQuestion.text))
    return statement, at, sequence


_COLUMNS = (
    Writeup.id.label("writeup_id"),
    Writeup.slug.label("slug"),
    Publication.title.label("title"),
)


def _state(settled_at: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    if wanted.state == OPEN:
        return [settled_at.is_(None)]
    return [settled_at.is_not(None)] if wanted.state == SETTLED else []


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for name, (table, key, label) in _LINKED.items():
        if value := getattr(wanted, name):
            found.append(
                exists(
                    select(table.c.writeup_id)
                    .join(label.class_, label.class_.id == table.c[key])
                    .where(table.c.writeup_id == Writeup.id, label == value)
                    .correlate(Writeup)
                )
            )
    return found


def _has_words(words: Sequence[str], text: Any) -> ColumnElement[bool]:
    """All the words, wherever they stand. Databases fold only ASCII alike, so others are looked for in three spellings."""
    return and_(
        *(
            or_(*(func.lower(text).like(_pattern(spelling), escape="!") for spelling in _spellings(word)))
            for word in words
        )
    )


def _spellings(word: str) -> list[str]:
    """As `lower` of a database may leave it: ASCII in small letters, all others as they were written."""
    small = word.lower()
    return list(dict.fromkeys((small, *map(_ascii_lower, (small.capitalize(), word.upper())))))


def _ascii_lower(text: str) -> str:
    return "".join(sign.lower() if sign.isascii() else sign for sign in text)


def _pattern(word: str) -> str:
    """A LIKE pattern that finds the word anywhere; `!` is the escape sign."""
    for sign in "!%_":
        word = word.replace(sign, f"!{sign}")
    return f"%{word}%"
