"""The first line of defence: what would make Python-Markdown stall is made literal, in linear time.

Python-Markdown scans to the end of a paragraph for each opening bracket, rebuilds the paragraph for each
mark it replaces, and recurses for each level of nesting. Marks that cannot mean anything (an unmatched
bracket) or are absurdly many are swapped for control characters, which no cleaned source contains, and
swapped back in the finished HTML. So nothing is ever lost, a mark swapped inside code reads the same, and
an ordinary text comes out byte for byte as without the guard.
"""

from __future__ import annotations

import re

# Not 0x02 and 0x03 (Python-Markdown's own), not the ones that Python takes for white space.
_STAND_INS = dict(zip("[](*_`<\\>-+.", map(chr, range(0x0E, 0x1A)), strict=True))
_LITERAL = str.maketrans(_STAND_INS)
_TO_TEXT = str.maketrans({stand_in: mark for mark, stand_in in _STAND_INS.items()})
_TO_HTML = str.maketrans(
    {stand_in: {"<": "&lt;", ">": "&gt;"}.get(mark, mark) for mark, stand_in in _STAND_INS.items()}
)

MAX_NESTING = 20
MAX_BRACKET_DEPTH = 6
MAX_BRACKET_PAIRS = 4_000
MAX_BACKTICKS = 20
MAX_EMPHASIS_MARKS = 1_000
# Each replaced mark copies its paragraph: this many characters are copied at most, about 30 ms.
MAX_COPIED = 100_000_000
MIN_MARKS = 500
# A link target that is not plainly closed makes the library look through the rest of the paragraph.
MAX_ODD_TARGETS = 12

_MARKER = r"[ \t]*(?:>|[*+-](?=[ \t])|\d{1,9}\.(?=[ \t]))"
_NESTED = re.compile(rf"^((?:{_MARKER}){{{MAX_NESTING}}})(.+)$", re.MULTILINE)
_RULE = re.compile(r"[ ]{0,3}(?:[* ]{1,200}|[- ]{1,200})$")
_MARK = re.compile(r"\\.|`+|[*_]+|<|[ ]{2}\n", re.DOTALL)
_BRACKET = re.compile(r"[\[\]]")
_PLAIN_TARGET = re.compile(
    r"""\(\s{0,20}(?:<[^<>]{0,2000}>|[^\s()<>"']{0,2000}(?:\([^\s()"']{0,500}\)[^\s()"']{0,500}){0,8})"""
    r"""\s{0,20}(?:"[^"]{0,1000}"|'[^']{0,1000}')?\s{0,20}\)"""
)


def literal(text: str) -> str:
    """Swap every mark of `text` for its stand-in."""
    return text.translate(_LITERAL)


def restore_text(text: str) -> str:
    """Swap stand-ins back into text that will still be escaped."""
    return text.translate(_TO_TEXT)


def restore_html(html: str) -> str:
    """Swap stand-ins back into finished HTML."""
    return html.translate(_TO_HTML)


def limit_nesting(source: str) -> str:
    """Make list and quotation marks literal past the twentieth at the start of a line."""
    return _NESTED.sub(_limit_line, source)


def _limit_line(line: re.Match[str]) -> str:
    if _RULE.match(line[0]):
        return line[0]
    return line[1] + literal(line[2])


def limit_marks(text: str) -> str:
    """Make the marks of one paragraph literal from the point where there are absurdly many."""
    if len(text) < MIN_MARKS:
        return text
    left = max(MIN_MARKS, MAX_COPIED // len(text))
    emphasis_left = MAX_EMPHASIS_MARKS

    def limited(mark: re.Match[str]) -> str:
        nonlocal left, emphasis_left
        left -= 1
        if mark[0][0] in "*_":
            emphasis_left -= 1
            return mark[0] if emphasis_left >= 0 and left >= 0 else literal(mark[0])
        if len(mark[0]) > MAX_BACKTICKS or left < 0:
            return literal(mark[0]).lstrip(" ")
        return mark[0]

    return _MARK.sub(limited, text)


class BracketGuard:
    """Makes brackets literal that cannot be links; counts over all paragraphs of one text."""

    def __init__(self) -> None:
        self.pairs_left = MAX_BRACKET_PAIRS

    def limit(self, text: str) -> str:
        """Return one paragraph, code spans and escapes already taken out, with hopeless brackets literal."""
        if "[" not in text:
            return text
        swaps = self._hopeless(text)
        if not swaps:
            return text
        characters = list(text)
        for position in swaps:
            characters[position] = _STAND_INS[characters[position]]
        return "".join(characters)

    def _hopeless(self, text: str) -> list[int]:
        unmatched = _unmatched(text)
        opened: list[int] = []
        swaps = list(unmatched)
        odd_targets_left = MAX_ODD_TARGETS
        for bracket in _BRACKET.finditer(text):
            position = bracket.start()
            if bracket[0] == "[":
                # One that nothing closes is no level of nesting.
                if position not in unmatched:
                    opened.append(position)
            elif opened:
                start = opened.pop()
                self.pairs_left -= 1
                if len(opened) >= MAX_BRACKET_DEPTH or self.pairs_left < 0:
                    swaps += (start, position)
                elif text.startswith("(", position + 1) and not _PLAIN_TARGET.match(text, position + 1):
                    odd_targets_left -= 1
                    if odd_targets_left < 0:
                        swaps.append(position + 1)
        return swaps


def _unmatched(text: str) -> set[int]:
    """Where a bracket opens that nothing closes."""
    opened: list[int] = []
    for bracket in _BRACKET.finditer(text):
        if bracket[0] == "[":
            opened.append(bracket.start())
        elif opened:
            opened.pop()
    return set(opened)
