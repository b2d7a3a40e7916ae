"""Whether a word that could be a name is one here: what stands around it says so. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from postmortem.blameless.roles_book import Kind
from postmortem.blameless.roles_markdown import Place
from postmortem.blameless.roles_spelling import Word
from postmortem.blameless.roles_words import (
    ABBREVIATIONS,
    ACTING,
    BEING,
    ELSEWHERE,
    GIVEN_NAMES,
    HONORIFICS,
    MONTHS,
    MOSTLY_NAMES,
    OF_THINGS,
    OPENERS,
    SAYING,
    TO_PEOPLE,
    WORDLIKE,
)

_ZONES = r"(?:utc|gmt|cet|cest|pst|pdt|est|edt|bst|am|pm|z|t)"
# What may stand between the beginning of a line and its first word: quotes, headings, bullets, times.
_LINE_OPENING = re.compile(
    rf"[\s>]*(?:\#{{1,6}}\s+|[-*+]\s+(?:\[[ xX]\]\s+)?|\d{{1,3}}[.)]\s+|\|)?(?:[\W\d_]|\b{_ZONES}\b)*", re.I
)
# As far around a word is looked: a text may be one line of 100 KB.
SIGHT = 300
_SIGNS = "*_~\"'“‘«([`"
_ABBREVIATED = re.compile(r"(?:\b(?:e\.g|i\.e|vs|cf|dr|mr|mrs|ms|prof|approx|incl)|\b[A-Za-z])\.$", re.I)
# `Will's pager`, `Will: it is slow`, `| Will |`, `Will, who slept`, `Will was asleep`.
_NAMED_AT_START = re.compile(r"[*_~]*(?:['’ʼ]s\b|:[*_~]*\s|\s*\||,\s(?:who|whose)\b|\s(?:was|is|has|had)\b)")
_MONTH_BEFORE = frozenset(
    [
        "in",
        "on",
        "of",
        "since",
        "until",
        "by",
        "from",
        "to",
        "last",
        "next",
        "early",
        "late",
        "mid",
        "this",
        "before",
        "after",
        "during",
        "and",
        "through",
        "till",
    ]
)
_PRODUCT_PREPOSITIONS = frozenset(
    ["with", "by", "and", "call", "calls", "page", "pages", "help", "helped", "contact"]
)


class Verdict(IntEnum):
    NO = 0
    MAYBE = 1
    SURE = 2


@dataclass(frozen=True)
class Spot:
    """Words `first` to `last` of a text, and what is known of whom they would name."""

    text: str
    words: Sequence[Word]
    first: int
    last: int
    place: Place
    # Takes part, writes, or is named in full somewhere in the write-up.
    is_in_cast: bool
    own_keys: frozenset[str] = frozenset()

    @property
    def start(self) -> int:
        return self.words[self.first].start

    @property
    def end(self) -> int:
        return self.words[self.last].end

    @property
    def word(self) -> Word:
        return self.words[self.first]

    @property
    def before(self) -> Word | None:
        """The word before, on the same line and with nothing but blanks and emphasis between."""
        word = self.words[self.first - 1] if self.first else None
        return word if word and self._is_near(word.end, self.start) else None

    @property
    def after(self) -> Word | None:
        word = self.words[self.last + 1] if self.last + 1 < len(self.words) else None
        return word if word and self._is_near(self.end, word.start) else None

    def _is_near(self, start: int, end: int) -> bool:
        gap = self.text[start:end]
        return bool(gap) and not gap.strip(" \t\u00a0\n*_~") and gap.count("\n") < 2

    @property
    def is_at_start(self) -> bool:
        return begins_sentence(self.text, self.start)


def begins_sentence(text: str, position: int) -> bool:
    """Whether a sentence, heading, list item or table cell begins here."""
    before = text[max(0, position - SIGHT) : position].rstrip(_SIGNS)
    line = before[before.rfind("\n") + 1 :]
    stripped = before.rstrip()
    if not stripped or stripped[-1] in "|":
        return True
    if _LINE_OPENING.fullmatch(line):
        is_block = bool(line.strip(" \t"))
        above = before[: len(before) - len(line)].rstrip(" \t")
        return is_block or above.endswith("\n\n") or _is_heading(above) or stripped[-1] in ".!?…"
    if before == stripped:
        return False
    ended = stripped.rstrip("*_~\"'”’»)]`")
    return ended[-1:] in (".", "!", "?", "…") and not _ABBREVIATED.search(ended)


def _is_heading(above: str) -> bool:
    line = above.rstrip("\n").rpartition("\n")[2].lstrip()
    return line.startswith("#") or bool(line and set(line) <= {"=", "-"})


def judge(kind: Kind, spot: Spot) -> Verdict:
    """Whether these words name somebody: a first or last name alone, or initials."""
    if kind is Kind.INITIALS:
        return _initials(spot)
    if spot.place in (Place.CODE, Place.LINK):
        return _in_code(kind, spot)
    if spot.text[spot.start - 1 : spot.start] == "@" or _is_titled(spot):
        return Verdict.SURE
    if _is_somebody_else(kind, spot):
        return Verdict.MAYBE
    is_elsewhere = not spot.is_in_cast and spot.word.key in ELSEWHERE
    if spot.first == spot.last and (is_elsewhere or is_wordlike(spot.word.key)):
        return _wordlike(kind, spot)
    if spot.word.is_capital:
        return Verdict.SURE
    is_telling = kind is Kind.FIRST_NAME and len(spot.word.key) > 3
    return Verdict.SURE if spot.is_in_cast or is_telling else Verdict.MAYBE


def is_wordlike(key: str) -> bool:
    """A word that is more often a word than a name."""
    return key in WORDLIKE or key in MONTHS or len(key) < 3


def _initials(spot: Spot) -> Verdict:
    if not spot.word.is_upper or spot.place in (Place.CODE, Place.LINK):
        return Verdict.NO
    around = spot.text[spot.start - 1 : spot.start] + spot.text[spot.end : spot.end + 1]
    if spot.word.key in ABBREVIATIONS or any(sign in "-/_.#$%&+=" for sign in around.replace(".", "")):
        return Verdict.MAYBE
    return Verdict.SURE


def _in_code(kind: Kind, spot: Spot) -> Verdict:
    if spot.first == spot.last and is_wordlike(spot.word.key):
        return Verdict.SURE if spot.text[spot.start - 1 : spot.start] in ("@", "~") else Verdict.NO
    if kind is Kind.FIRST_NAME and (spot.is_in_cast or len(spot.word.key) > 3):
        return Verdict.SURE
    return Verdict.SURE if spot.is_in_cast or spot.word.is_title else Verdict.MAYBE


def _is_titled(spot: Spot) -> bool:
    gap_before = spot.text[: spot.start].rstrip()
    previous = spot.words[spot.first - 1] if spot.first else None
    return bool(
        previous
        and previous.key in HONORIFICS
        and spot.word.is_capital
        and gap_before[previous.end :] in ("", ".")
    )


def _is_somebody_else(kind: Kind, spot: Spot) -> bool:
    """A name of which only a part is known here: `Ada Byron`, where there is an Ada Lovelace; `Anne-Marie` for Marie."""
    text, start, end = spot.text, spot.start, spot.end
    if (
        text[start - 1 : start] in ("-", "‐", "‑")
        and spot.first
        and spot.words[spot.first - 1].end == start - 1
    ) and spot.words[spot.first - 1].is_capital:
        return True
    if text[end : end + 1] in ("-", "‐", "‑") and text[end + 1 : end + 2].isupper():
        return True
    if not spot.word.is_capital or _is_title_case(spot):
        return False
    if spot.place is Place.HEADING and spot.is_in_cast:
        # `Ada Breaks It`: headings are written in capitals too often to see a family name in the next word.
        return False
    if kind is Kind.FIRST_NAME:
        return _is_surname(spot, spot.after)
    return _is_first_name(spot, spot.before)


def _is_surname(spot: Spot, after: Word | None) -> bool:
    if after is None or not after.is_title or len(after.key) < 2 or after.key in spot.own_keys:
        return False
    return not (after.key in OPENERS or after.key in ACTING or after.key.endswith("ed"))


def _is_first_name(spot: Spot, before: Word | None) -> bool:
    if before is None or not before.is_capital or before.key in spot.own_keys or before.key in OPENERS:
        return False
    if before.key in TO_PEOPLE or before.key.endswith("ed"):
        return False
    return before.key in GIVEN_NAMES or not begins_sentence(spot.text, before.start)


def _is_title_case(spot: Spot) -> bool:
    """Whether the line is written In Capitals, so that a capital says nothing."""
    line = (
        spot.text[max(0, spot.start - SIGHT) : spot.start].rpartition("\n")[2]
        + spot.text[spot.start : spot.end + SIGHT].partition("\n")[0]
    )
    others = [word for word in re.findall(r"[^\W\d_]{4,}", line) if word.lower() not in OPENERS]
    return len(others) > 2 and all(word[0].isupper() for word in others)


def _wordlike(kind: Kind, spot: Spot) -> Verdict:
    word = spot.word
    if not word.is_capital or (spot.place is Place.HEADING and _is_title_case(spot)):
        return Verdict.NO if not word.is_capital else Verdict.MAYBE
    if word.is_upper:
        return Verdict.MAYBE if len(word.key) > 2 else Verdict.NO
    before, after = spot.before, spot.after
    if word.key in MONTHS and _is_month(spot):
        return Verdict.NO
    if kind is Kind.LAST_NAME and not spot.is_in_cast:
        return Verdict.MAYBE
    if after and after.is_upper:
        # `Travis CI`, `West US`.
        return Verdict.MAYBE
    at_start = spot.is_at_start
    # `An attempted fix` and `So added` begin sentences; `An said` does with a name.
    is_particle = at_start and len(word.key) < 3
    if _acts(after, at_start, spot.is_in_cast and not is_particle):
        return Verdict.SURE
    if at_start:
        is_owner = (
            spot.is_in_cast and not is_particle and _NAMED_AT_START.match(spot.text[spot.end : spot.end + 16])
        )
        is_name = spot.is_in_cast and word.key in MOSTLY_NAMES and kind is Kind.FIRST_NAME
        return Verdict.SURE if is_name or (is_owner and word.key not in MONTHS) else Verdict.MAYBE
    if (before and before.is_title and before.key not in OPENERS) or (after and after.is_title):
        return Verdict.MAYBE
    if before and before.key in TO_PEOPLE and (spot.is_in_cast or before.key not in _PRODUCT_PREPOSITIONS):
        return Verdict.SURE
    # Behind a colon or a dash a capital says as little as at a start.
    is_free = spot.text[max(0, spot.start - 20) : spot.start].rstrip().endswith((":", "—", "–", "-"))
    return Verdict.SURE if spot.is_in_cast and kind is Kind.FIRST_NAME and not is_free else Verdict.MAYBE


def _is_month(spot: Spot) -> bool:
    before, after = spot.before, spot.after
    near = spot.words[spot.first - 1] if spot.first else None
    is_dated = bool(after and after.key[:1].isdigit()) or bool(
        near and near.end >= spot.start - 2 and near.key[:1].isdigit()
    )
    return is_dated or bool(before and before.key in _MONTH_BEFORE)


def _acts(after: Word | None, at_start: bool, is_in_cast: bool) -> bool:
    if after is None or after.is_capital:
        return False
    if after.key in SAYING or (is_in_cast and after.key in ACTING):
        return True
    is_done = after.key.endswith("ed") and len(after.key) > 4 and after.key not in OF_THINGS
    if at_start:
        return is_done and is_in_cast
    return is_in_cast and (is_done or after.key in BEING)
