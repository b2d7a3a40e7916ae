"""Which hints about language are given here, and which words of a write-up somebody decided to keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from postmortem.accounts.models import Person
from postmortem.blameless.language_rules import BY_ID
from postmortem.blameless.models import LanguageKeep, LanguagePolicy

ONLY_ROW = 1
WORDS_MAX = 200


@dataclass(frozen=True)
class LanguageSettings:
    """What admins decided: rules that give no hints, and words added by rule."""

    off: frozenset[str] = frozenset()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


AS_SHIPPED = LanguageSettings()


def stored_language(session: Session) -> LanguagePolicy | None:
    """The row that admins change, or None where everything is as shipped."""
    return session.get(LanguagePolicy, ONLY_ROW)


def current_language(session: Session) -> LanguageSettings:
    """What holds now. One read by primary key."""
    row = stored_language(session)
    return language_of(row) if row else AS_SHIPPED


def language_of(row: LanguagePolicy) -> LanguageSettings:
    """A stored row as a value; a rule that is no more is forgotten."""
    words = {rule: tuple(words) for rule, words in row.words.items() if rule in BY_ID and words}
    return LanguageSettings(frozenset(row.rules_off) & frozenset(BY_ID), words)


def folded(words: str) -> str:
    """How words are remembered: in one spelling, so that they are known again wherever they stand."""
    return " ".join(words.replace("*", " ").replace("_", " ").split()).casefold()[:WORDS_MAX]


def keeps_of(session: Session, writeup_id: int) -> Sequence[LanguageKeep]:
    """The words kept in a write-up, in the order in which that was decided."""
    rows = select(LanguageKeep).where(LanguageKeep.writeup_id == writeup_id)
    return session.scalars(rows.options(joinedload(LanguageKeep.kept_by)).order_by(LanguageKeep.id)).all()


def names_in(session: Session, text: str) -> list[str]:
    """The full names of people who work here that stand in this text."""
    names = session.scalars(select(Person.name).where(Person.is_active))
    return [name for name in names if len(name) > 3 and name in text]
