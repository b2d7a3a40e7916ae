"""Finding somebody's name, address and handle in any text, and putting others in their place. Pure.

What stands as a whole word is found: capital or small, however its accents are encoded, over a line's end, with the
backslashes of Markdown in it. A first name alone is nobody's, and is left.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from postmortem.text.slugs import slugify

EMAIL, NAME, HANDLE = "email", "name", "handle"
# A name begins and ends where no letter, digit or underscore is beside it.
_EDGES = {
    EMAIL: (r"(?<![\w.+-])", r"(?![\w-])(?!\.\w)"),
    NAME: (r"(?<!\w)", r"(?!\w)"),
    HANDLE: (r"(?<![\w.-])(?<!\w@)", r"(?![\w-])(?!\.\w)(?!@\w)"),
}


@dataclass(frozen=True)
class Term:
    """One spelling to look for; `text` as it was stored."""

    kind: str
    text: str


@dataclass(frozen=True)
class Replacer:
    """Replaces the terms of person `number`. `renamed` are addresses of write-ups that were made of their name."""

    number: int
    terms: tuple[Term, ...]
    # Replaced only where a whole value is just this: the history's from and to.
    alone: tuple[Term, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, text: str) -> str:
        """The text without the terms; the same text where none stands in it."""
        composed = unicodedata.normalize("NFC", text)
        if whole := self._alone.get(composed.casefold().removeprefix("@")):
            return whole
        if self._pattern is None:
            return text
        replaced, count = self._pattern.subn(self._with, composed)
        return replaced if count else text

    def slug(self, slug: str) -> str:
        """An address made from a text that held a name: its words without the name."""
        for term in self.terms:
            words = slugify(term.text, max_length=100) if term.kind != EMAIL else ""
            if words:
                slug = re.sub(rf"(?<![a-z0-9]){re.escape(words)}(?![a-z0-9])", f"person-{self.number}", slug)
        return slug

    def value(self, value: Any) -> Any:
        """Every text in a plain JSON value."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {key: self.value(item) for key, item in value.items()}
        return value

    @cached_property
    def _alone(self) -> dict[str, str]:
        return {
            unicodedata.normalize("NFC", term.text).casefold(): stand_in(term.kind, self.number)
            for term in (*self.terms, *self.alone)
        }

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        parts = [f"(?P<{kind}>{found})" for kind in _EDGES if (found := self._any(kind))]
        if self.renamed:
            slugs = "|".join(map(re.escape, sorted(self.renamed, key=len, reverse=True)))
            parts.insert(0, rf"(?P<slug>(?<![\w-])(?:{slugs})(?![\w-]))")
        return re.compile("|".join(parts), re.IGNORECASE) if parts else None

    def _any(self, kind: str) -> str:
        texts = sorted({term.text for term in self.terms if term.kind == kind}, key=len, reverse=True)
        if not texts:
            return ""
        before, after = _EDGES[kind]
        return f"{before}(?:{'|'.join(map(_spelt, texts))}){after}"

    def _with(self, match: re.Match[str]) -> str:
        kind = match.lastgroup or NAME
        if kind == "slug":
            return self.renamed[match.group().lower()]
        return stand_in(kind, self.number)


def stand_in(kind: str, number: int) -> str:
    """What stands there afterwards. The address can never be delivered to: `.invalid` belongs to nobody."""
    return {
        EMAIL: f"former-{number}@anonymised.invalid",
        NAME: f"Former colleague {number}",
        HANDLE: f"former-{number}",
    }[kind]


def terms_of(spellings: Iterable[tuple[str, str | None]]) -> tuple[Term, ...]:
    """Pairs of kind and text, each once, without blank ones."""
    found: dict[tuple[str, str], Term] = {}
    for kind, text in spellings:
        clean = unicodedata.normalize("NFC", " ".join((text or "").split()))
        if clean:
            found.setdefault((kind, clean.casefold()), Term(kind, clean))
    return tuple(found.values())


def replacing(replace: Callable[[str], str], also: Callable[[str], bool]) -> Callable[[str], str]:
    """The same, which also empties what `also` says yes to."""
    return lambda text: "" if also(text) else replace(text)


def _spelt(text: str) -> str:
    """The text as a pattern: any white space for a space, `@` encoded or not, other signs escaped or not."""
    parts = []
    for sign in text:
        if sign.isspace():
            parts.append(r"\s+")
        elif sign == "@":
            parts.append("(?:@|%40)")
        else:
            parts.append(re.escape(sign) if sign.isalnum() else rf"\\?{re.escape(sign)}")
    return "".join(parts)
