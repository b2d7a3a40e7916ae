"""A text paragraph by paragraph, and where a paragraph that was commented on stands now. Pure.

It is found by its words: the very same first, else the most similar one. "In short" counts as a paragraph before
the text; the number 0 means the write-up as a whole.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from postmortem.writeups.merging import paragraphs

WHOLE = 0
# How much of two paragraphs must agree, and how many words of each are compared.
ALIKE = 0.6
MOST_WORDS = 600


@dataclass(frozen=True)
class Paragraph:
    """One paragraph. `field` is the column in which it stands, `number` counts from 1."""

    number: int
    field: str
    text: str


@dataclass(frozen=True)
class Found:
    """Where a quote stands; `is_exact` where it reads as it did."""

    number: int
    is_exact: bool


def paragraphs_of(tldr: str, body: str) -> list[Paragraph]:
    """All paragraphs of a text, "In short" first."""
    texts = [("tldr", tldr.replace("\r\n", "\n").strip("\n"))] if tldr.strip() else []
    texts += [("body", text) for text in paragraphs(body)]
    return [Paragraph(number, field, text) for number, (field, text) in enumerate(texts, 1)]


def find(quotes: Sequence[str], now: Sequence[Paragraph]) -> dict[str, Found | None]:
    """Where each quote stands now; None where its paragraph is gone."""
    exact: dict[str, int] = {}
    for each in now:
        exact.setdefault(each.text, each.number)
    texts = tuple(each.text for each in now)
    found: dict[str, Found | None] = {}
    for quote in quotes:
        if quote in found:
            continue
        if not quote:
            found[quote] = Found(WHOLE, True)
        elif quote in exact:
            found[quote] = Found(exact[quote], True)
        else:
            place = _most_similar(quote, texts)
            found[quote] = Found(now[place].number, False) if place is not None else None
    return found


def replaced(tldr: str, body: str, quote: str, by: str) -> Mapping[str, str] | None:
    """The field with the paragraph replaced; None unless it stands there exactly once."""
    standing = [each for each in paragraphs_of(tldr, body) if each.text == quote]
    if len(standing) != 1:
        return None
    if standing[0].field == "tldr":
        return {"tldr": by}
    text, at = body.replace("\r\n", "\n"), 0
    for each in paragraphs(body):
        at = text.index(each, at)
        if each == quote:
            break
        at += len(each)
    return {"body": text[:at] + by + text[at + len(quote) :]}


@lru_cache(maxsize=512)
def _most_similar(quote: str, texts: tuple[str, ...]) -> int | None:
    """Which of the texts is most like the quote. Remembered: whoever looks at a review looks at it again."""
    matcher: SequenceMatcher[str] = SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(_words(quote))
    best, score = None, ALIKE
    for place, text in enumerate(texts):
        matcher.set_seq1(_words(text))
        if matcher.real_quick_ratio() < score or matcher.quick_ratio() < score:
            continue
        if (ratio := matcher.ratio()) > score or (best is None and ratio >= score):
            best, score = place, ratio
    return best


@lru_cache(maxsize=1024)
def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+|[^\w\s]", text.casefold())[:MOST_WORDS])
