"""What the search in the browser knows: every word, and the entries in which it stands. Pure.

It is a script and no JSON file, because a page that was opened from a disk may load scripts but not files. Words are
folded as `exported-search.js` folds what is typed: without marks above letters, in small letters.
"""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+")
# Nobody types longer ones; those of a log or a key would only make the file large.
LONGEST = 30
# A word that stands in more than half of many entries finds nothing: it is named, and left out.
MANY, COMMON = 20, 0.5
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Found:
    """What a result shows of an entry, and the headings that count more than the rest of its text.

    `line` is author, day and reading time.
    """

    title: str
    file: str
    summary: str
    line: list[str]
    tags: list[str]
    headings: str


class SearchIndex:
    """Filled entry by entry, newest first."""

    def __init__(self) -> None:
        self._entries: list[Found] = []
        self._places: dict[str, list[int]] = defaultdict(list)

    def add(self, entry: Found, texts: Iterable[str]) -> None:
        """An entry with all the words of its page."""
        number = len(self._entries)
        self._entries.append(entry)
        shown = (entry.title, entry.summary, " ".join(entry.tags), entry.headings)
        for word in {word for text in (*shown, *texts) for word in words(text)}:
            self._places[word].append(number)

    def script(self) -> str:
        """The index as a script: words in order, and for each the entries by how far they are from one another."""
        count = len(self._entries)
        most = COMMON * count if count >= MANY else count
        kept = sorted(word for word, places in self._places.items() if len(places) <= most)
        common = sorted(word for word, places in self._places.items() if len(places) > most)
        index = {
            "entries": [
                [each.title, each.file, each.summary, each.line, each.tags, each.headings]
                for each in self._entries
            ],
            "words": " ".join(kept),
            "places": "|".join(_steps(self._places[word]) for word in kept),
            "common": common,
        }
        # Valid inside a script in any encoding that a server may claim.
        return f"window.searchIndex = {json.dumps(index, separators=(',', ':'))};\n"


def words(text: str) -> set[str]:
    """The words of a text as they are looked up."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if unicodedata.category(letter)[0] != "M"
    )
    return {word for word in _WORD.findall(plain.lower()) if len(word) <= LONGEST}


def _steps(places: list[int]) -> str:
    """Increasing numbers as the steps between them, to the base of 36: what a browser reads quickly."""
    steps, last = [], 0
    for place in places:
        steps.append(_base36(place - last))
        last = place
    return " ".join(steps)


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
        if not number:
            return digits
