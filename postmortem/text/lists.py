"""Lists as people write them, turned into lists as Python-Markdown wants them.

Most editors and sites nest a list by two or three spaces and let it follow its introduction directly;
Python-Markdown wants four spaces a level and a blank line before. Lines that have what it wants are left
alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

INDENT = 4
# A mark this much to the right of another belongs to it; less is a sibling written untidily.
_NESTED = 2

_ITEM = re.compile(r"( *)([*+-]|\d{1,9}\.) +(?=\S)")
_MAY_FOLLOW_TEXT = re.compile(r" {0,3}(?:[*+-]|1\.) +\S")
# Rules and headings: what follows them starts anew.
_BREAK = re.compile(r" {0,3}(?:(?:- *){3,}+|(?:\* *){3,}+|(?:_ *){3,}+)$|#")
_NOT_TEXT = (">", "|", "[^", ":")
_TEXT = re.compile(r" {0,3}(?![>|:]|\[\^)\S")


@dataclass
class _Lists:
    """The lists that are open at a line: the columns of their current marks, outermost first."""

    marks: list[int] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    # What the line before was: the start of something new is possible, or it is text that a list may follow
    # (a paragraph outside lists; inside one, a paragraph after a blank line).
    at_start: bool = True
    after_text: bool = False
    # How deep the first line after the last blank one was.
    block_depth: int = 0

    def add(self, line: str) -> None:
        """Take the next line of the text."""
        item = _ITEM.match(line)
        if not line.strip():
            self.lines.append(line)
            self.at_start, self.after_text = True, False
        elif _BREAK.match(line):
            self.marks.clear()
            self.lines.append(line)
            self.at_start, self.after_text = True, False
        elif item and (self.marks or len(item[1]) < INDENT):
            self._add_item(line, len(item[1]))
        else:
            self._add_text(line)

    def _add_item(self, line: str, column: int) -> None:
        # "The outage began in / 1628. Nobody was on call" is a sentence, not a list.
        if not self.marks and self.after_text and not _MAY_FOLLOW_TEXT.match(line):
            self._add_text(line)
            return
        while self.marks and column < self.marks[-1] + _NESTED:
            self.marks.pop()
        # The library takes the indent off a whole block, so an item further out needs a block of its own.
        if self.after_text or (not self.at_start and len(self.marks) < self.block_depth):
            self.lines.append("")
            self.at_start = True
        if self.at_start:
            self.block_depth = len(self.marks)
        self.lines.append(self._indented(line, column))
        self.marks.append(column)
        self.at_start = self.after_text = False

    def _add_text(self, line: str) -> None:
        column = len(line) - len(line.lstrip(" "))
        if self.at_start:
            while self.marks and column < self.marks[-1] + _NESTED:
                self.marks.pop()
            self.block_depth = len(self.marks)
            line = self._indented(line, column)
            self.after_text = bool(self.marks) or bool(_TEXT.match(line))
        elif column == 0 and line.startswith(_NOT_TEXT):
            self.marks.clear()
            self.after_text = False
        self.lines.append(line)
        self.at_start = False

    def _indented(self, line: str, column: int) -> str:
        wanted = INDENT * len(self.marks)
        return line if column >= wanted else " " * wanted + line.lstrip(" ")


def as_the_library_wants(lines: list[str]) -> list[str]:
    """Return the lines with nested lists indented by four, and blank lines before lists that follow text.

    Takes expanded tabs; fenced code must have been taken out. One pass, linear but for the depth of nesting.
    """
    lists = _Lists()
    for line in lines:
        lists.add(line)
    return lists.lines
