"""The hints about a text as a page shows them: words in their context, why, a question; kept ones folded apart."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from postmortem.blameless.language import Hint, hints
from postmortem.blameless.models import LanguageKeep
from postmortem.blameless.queries_language import current_language, folded, keeps_of, names_in

# More than these are no help while writing; the rest is counted.
SHOWN = 40
AROUND = 60
# Nobody writes more in one go; what is longer is not rendered either.
LONGEST_TEXT = 102_400


@dataclass(frozen=True)
class ShownHint:
    """One hint with the words around it, on one line."""

    hint: Hint
    before: str
    after: str
    utf16_start: int
    utf16_end: int

    @property
    def key(self) -> str:
        return f"{self.hint.rule}-{self.hint.start}"


@dataclass(frozen=True)
class KeptWords:
    """Words that stay, and why; `times` they stand in the text now."""

    rule: str
    words: str
    reason: str
    by: str
    times: int


@dataclass(frozen=True)
class LanguagePanel:
    """What `blameless/_hints.html` shows. `slug` is None where nothing can be kept: there is no write-up yet.

    `has_forms` is for a page on which these hints stand outside of any form; elsewhere script sends what is kept.
    `back` is the page that those forms lead back to: "review", or blank for that of the hints themselves.
    """

    slug: str | None
    has_forms: bool = False
    hints: Sequence[ShownHint] = ()
    more: int = 0
    kept: Sequence[KeptWords] = field(default_factory=list)
    back: str = ""

    @property
    def count(self) -> int:
        return len(self.hints) + self.more


def language_panel(
    session: Session, writeup: Any | None, text: str, *, has_forms: bool = False
) -> LanguagePanel:
    """The hints about `text`. Whoever calls knows that this person may see the draft of `writeup` (or gives None)."""
    settings = current_language(session)
    text = text[:LONGEST_TEXT]
    found = hints(text, off=settings.off, added=settings.words, names=names_in(session, text))
    kept = {(each.rule, each.words): each for each in keeps_of(session, writeup.id)} if writeup else {}
    open_hints = [each for each in found if (each.rule, folded(each.words)) not in kept]
    return LanguagePanel(
        slug=writeup.slug if writeup else None,
        has_forms=has_forms,
        hints=_shown(text, open_hints[:SHOWN]),
        more=max(0, len(open_hints) - SHOWN),
        kept=[_kept(each, found) for each in kept.values()],
    )


def _kept(row: LanguageKeep, found: Sequence[Hint]) -> KeptWords:
    times = sum((each.rule, folded(each.words)) == (row.rule, row.words) for each in found)
    return KeptWords(row.rule, row.words, row.reason, row.kept_by.name if row.kept_by else "", times)


def _shown(text: str, found: Sequence[Hint]) -> list[ShownHint]:
    """With places as scripts count them: a text field has newlines of one character, and some characters count twice."""
    shown, position, units = [], 0, 0
    for each in found:
        units += _units(text[position : each.start])
        length = _units(text[each.start : each.end])
        shown.append(
            ShownHint(each, _before(text, each.start), _after(text, each.end), units, units + length)
        )
        position = each.start
    return shown


def _units(text: str) -> int:
    return len(text.replace("\r\n", "\n").encode("utf-16-le")) // 2


def _before(text: str, start: int) -> str:
    line = text[max(0, start - AROUND) : start].rpartition("\n")[2]
    is_cut = start > AROUND and len(line) == AROUND
    return "…" + line.partition(" ")[2] if is_cut else line.lstrip("#->*| \t")


def _after(text: str, end: int) -> str:
    line = text[end : end + AROUND].partition("\n")[0].rstrip("\r")
    is_cut = len(line) == AROUND and len(text) > end + AROUND
    return line.rpartition(" ")[0] + "…" if is_cut else line
