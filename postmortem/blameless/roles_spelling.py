"""Words of a text with their places, and spellings compared: case, accents and normal forms do not matter. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# Scripts that put no blanks between words: each of their letters is a word of its own.
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af"
_ONE_UNSPACED = re.compile(f"[{_UNSPACED}]")
# Marks belong to the letter before them; what nobody sees (soft hyphens and their like) does not end a word.
_WORD = re.compile(
    f"[{_UNSPACED}]|(?![{_UNSPACED}])[^\\W_]"
    f"(?:(?![{_UNSPACED}])[^\\W_]|[\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff])*"
)
_UNSEEN = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i"}
)


@dataclass(frozen=True, slots=True)
class Word:
    """One run of letters and digits; `key` is what it is compared by."""

    start: int
    end: int
    text: str
    key: str

    @property
    def is_unspaced(self) -> bool:
        """A letter of a script that puts no blanks between words."""
        return _ONE_UNSPACED.match(self.text) is not None

    @property
    def is_capital(self) -> bool:
        return self.text[:1].isupper()

    @property
    def is_upper(self) -> bool:
        return len(self.text) > 1 and self.text.isupper()

    @property
    def is_title(self) -> bool:
        """Capitalised, and not an abbreviation in capitals throughout."""
        return self.is_capital and (len(self.text) == 1 or not self.text.isupper())


def words(text: str) -> Iterator[Word]:
    """The words of a text, in order."""
    for found in _WORD.finditer(text):
        yield Word(found.start(), found.end(), found[0], fold(found[0]))


def keys(text: str) -> tuple[str, ...]:
    """The words of a name as they are compared: `Anne-Marie O'Brien` is four."""
    return tuple(word.key for word in words(text))


def fold(word: str) -> str:
    """A word without case, accents and what nobody sees."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", _UNSEEN.sub("", word).casefold().translate(_LETTERS))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))
