"""What a published text leaves open: the points below a heading such as “Open questions”. And which is which after an edit. Pure."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from itertools import product

from postmortem.text.reading import shortened

MAX_POINT = 1000
# More than anybody asks; a longer list is a log.
MOST = 100
ALIKE = 0.6
_ASKS = re.compile(r"[\W\d_]*(?:open|unanswered|remaining|outstanding)\s+questions?\b", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_LISTS = frozenset({"ul", "ol"})
_VOID = frozenset({"br", "hr", "img", "input", "wbr", "source"})
# What is no question: code, tables, what is quoted, pictures, notes, what was crossed out.
_SKIPPED = frozenset({"pre", "table", "blockquote", "figure", "section", "sup", "del", "details"})
# Words that say nothing about what is asked.
_COMMON = frozenset(
    {
        *(
            "a",
            "an",
            "and",
            "are",
            "as",
            "at",
            "be",
            "by",
            "can",
            "could",
            "did",
            "do",
            "does",
            "for",
            "from",
        ),
        *(
            "had",
            "has",
            "have",
            "how",
            "if",
            "in",
            "is",
            "it",
            "its",
            "of",
            "on",
            "or",
            "our",
            "should",
            "so",
        ),
        *(
            "that",
            "the",
            "their",
            "there",
            "these",
            "they",
            "this",
            "to",
            "was",
            "we",
            "were",
            "what",
            "when",
        ),
        *("where", "which", "who", "why", "will", "with", "would", "you"),
    }
)


def points_of(html: str) -> list[str]:
    """The points of a rendered text as plain words, each once, in order; those that are ticked off are left out.

    Where there are lists below the heading they are the points, else the paragraphs are.
    """
    if "question" not in html.lower():
        return []
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = reader.items or reader.paragraphs
    return list(dict.fromkeys(shortened(point, MAX_POINT) for point in found))[:MOST]


def matched(old: Sequence[str], new: Sequence[str]) -> list[int | None]:
    """For each new point the old one that it is, found by its words, or None where it is another; none is used twice."""
    known, asked = [_words(text) for text in old], [_words(text) for text in new]
    found: list[int | None] = [None] * len(new)
    free = set(range(len(old)))
    likeness = [
        (_alike(known[i], asked[j], old[i] == new[j]), -i, -j)
        for i, j in product(range(len(old)), range(len(new)))
    ]
    for alike, i, j in sorted(likeness, reverse=True):
        if alike < ALIKE:
            break
        if -i in free and found[-j] is None:
            found[-j] = -i
            free.discard(-i)
    return found


def _words(text: str) -> frozenset[str]:
    words = frozenset(_WORD.findall(text.casefold()))
    return words - _COMMON or words


def _alike(one: frozenset[str], other: frozenset[str], is_same: bool) -> float:
    if is_same:
        return 2.0
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0


class _Reader(HTMLParser):
    """Reads HTML as our renderer writes it: every tag is closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.items: list[str] = []
        self.paragraphs: list[str] = []
        self._skipped = self._lists = self._level = 0
        self._heading = 0
        self._text: list[str] = []
        self._is_done = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _VOID:
            self._is_done = self._is_done or (tag == "input" and "checked" in given)
            self._text.append(" ")
        elif self._skipped or tag in _SKIPPED or given.get("class") == "heading-anchor":
            self._skipped += 1
        elif level := _level(tag):
            self._heading, self._text = level, []
        elif tag in _LISTS:
            self._lists += 1
            self._text.append(" ")
        elif (tag == "li" and self._lists == 1) or (tag == "p" and not self._lists):
            self._text, self._is_done = [], False
        else:
            self._text.append(_before(tag, given))

    def handle_endtag(self, tag: str) -> None:
        if self._skipped:
            self._skipped -= 1
        elif level := _level(tag):
            if not self._level or level <= self._level:
                self._level = level if _ASKS.match(self._words()) else 0
            self._heading = 0
        elif tag in _LISTS:
            self._lists -= 1
        elif tag == "li" and self._lists == 1:
            self._keep(self.items)
        elif tag == "p" and not self._lists:
            self._keep(self.paragraphs)
        elif tag in ("li", "p"):
            self._text.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self._text.append(data)

    def _keep(self, where: list[str]) -> None:
        words = self._words()
        if self._level and words and not self._is_done:
            where.append(words)
        self._text, self._is_done = [], False

    def _words(self) -> str:
        return " ".join("".join(self._text).split())


def _level(tag: str) -> int:
    return int(tag[1]) if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit() else 0


def _before(tag: str, given: dict[str, str | None]) -> str:
    """What parts a word from the one before it: UTC behind a local time, another paragraph of an item."""
    return " " if tag in ("p", "li") or given.get("class") == "when__utc" else ""
