"""Hints about language: words that close a question which the learning needs open. Pure; never blocks anybody."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from re import Match, Pattern

from postmortem.blameless.language_rules import BY_ID, RULES
from postmortem.blameless.patterns import COMPILED
from postmortem.blameless.quiet import spoken
from postmortem.blameless.singled_out import singled_out
from postmortem.blameless.wording import phrase

Span = tuple[int, int]
# "Human mistake" is marked once, as what it is.
GIVES_WAY = {"normative": "mechanistic"}


@dataclass(frozen=True, order=True)
class Hint:
    """Words that a rule marks. `start` and `end` are places in the Markdown source."""

    start: int
    end: int
    rule: str
    words: str

    @property
    def why(self) -> str:
        return BY_ID[self.rule].why

    @property
    def question(self) -> str:
        return BY_ID[self.rule].question

    @property
    def label(self) -> str:
        return BY_ID[self.rule].label


def hints(
    text: str,
    *,
    off: frozenset[str] = frozenset(),
    added: Mapping[str, Sequence[str]] | None = None,
    names: Sequence[str] = (),
) -> list[Hint]:
    """What the rules mark in a Markdown text, in the order of the text.

    `off` are rules that give no hints, `added` are more words by rule, `names` are of people whom the site knows.
    Code, quotations and addresses are left alone.
    """
    read = spoken(text)
    spans = {
        rule.id: _apart([*_found(rule.id, read, names), *_added(read, tuple((added or {}).get(rule.id, ())))])
        for rule in RULES
        if rule.id not in off
    }
    for weaker, stronger in GIVES_WAY.items():
        taken = spans.get(stronger, [])
        spans[weaker] = [
            one for one in spans.get(weaker, []) if not any(_overlap(one, each) for each in taken)
        ]
    return sorted(
        Hint(start, end, rule, text[start:end]) for rule, of_rule in spans.items() for start, end in of_rule
    )


def _found(rule: str, read: str, names: Sequence[str]) -> Iterator[Span]:
    if rule == "singled_out":
        yield from singled_out(read, names)
        return
    for pattern in COMPILED[rule]:
        yield from map(_marked, pattern.finditer(read))


def _marked(found: Match[str]) -> Span:
    """The words in a match: its group `w` or `v` where it has one, as context is no part of them."""
    for name in ("w", "v"):
        if name in found.re.groupindex and found.group(name) is not None:
            return found.span(name)
    return found.span()


def _added(read: str, words: tuple[str, ...]) -> Iterator[Span]:
    for each in _phrases(words):
        for found in each.finditer(read):
            yield found.span()


@lru_cache(maxsize=64)
def _phrases(words: tuple[str, ...]) -> tuple[Pattern[str], ...]:
    return tuple(phrase(each) for each in words if each.strip())


def _apart(spans: list[Span]) -> list[Span]:
    """Of words that overlap, the first and longest."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda one: (one[0], -one[1])):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
