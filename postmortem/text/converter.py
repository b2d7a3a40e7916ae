"""Markdown to safe HTML, without a deadline: imported by the child process only.

The order is the point: guard, convert without raw HTML, finish the tree (headings, links, images, tables,
footnotes), and sanitise last.
"""

from __future__ import annotations

import functools
import re
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.extensions import Extension
from markdown.extensions.def_list import DefListExtension
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension, TableProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import InlineProcessor, Treeprocessor
from markdown.util import AtomicString
from pymdownx.superfences import SuperFencesCodeExtension
from pymdownx.tasklist import TasklistExtension

from postmortem.text import guard
from postmortem.text.clean import clean_html
from postmortem.text.code import Highlighter, accept_any_option
from postmortem.text.finish import Finisher, HeadingRow
from postmortem.text.inline import PRIORITY, MarkPattern
from postmortem.text.lists import as_the_library_wants
from postmortem.text.sanitise import sanitise

MAX_TABLE_COLUMNS = 100
MAX_TABLE_CELLS = 20_000

# No pattern matches a text without one of these.
_INLINE_MARK = re.compile(r"[\\`\[<*_]|  \n|\{\{")

# The extension's boxes have no accessible name. Raw HTML is escaped, so only its own boxes look like this.
_CHECKBOXES = (
    (" disabled/>", ' aria-label="Not done" disabled>'),
    (" disabled checked/>", ' aria-label="Done" disabled checked>'),
)


class _Lists(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        return as_the_library_wants(lines)


class _GuardedInline(InlineProcessor):
    """Runs the inline patterns with the guard before the first and, once code is taken out, before links."""

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.brackets = guard.BracketGuard()
        self.patterns = list(md.inlinePatterns)
        self.first_link = md.inlinePatterns.get_index_for_name("footnote")

    # Python-Markdown offers no hook between its patterns, so this takes the place of its private loop (the
    # name is how Python spells a private method of another class). A test fails should it go unused.
    def _InlineProcessor__handleInline(self, data: str, patternIndex: int = 0) -> str:
        if isinstance(data, AtomicString) or not _INLINE_MARK.search(data):
            return data
        apply = self._InlineProcessor__applyPattern  # type: ignore[attr-defined]
        if patternIndex == 0:
            data = guard.limit_marks(data)
        for index, pattern in enumerate(self.patterns[patternIndex:], patternIndex):
            if index == self.first_link:
                data = self.brackets.limit(data)
            start, matched = 0, True
            while matched:
                data, matched, start = apply(pattern, data, index, start)
        return data


class _LimitedTable(TableProcessor):
    """A table of more than a hundred columns is a paragraph: each row is filled up to the header's width."""

    def test(self, parent: Element, block: str) -> bool:
        lines = block.split("\n")
        if len(lines) < 2 or "|" not in lines[0]:
            return False
        columns = max(line.count("|") for line in lines)
        if columns > MAX_TABLE_COLUMNS or (lines[0].count("|") + 1) * len(lines) > MAX_TABLE_CELLS:
            return False
        return super().test(parent, block)


class _Finish(Treeprocessor):
    finisher: Finisher

    def run(self, root: Element) -> None:
        self.finisher.run(root)


class _House(Extension):
    """What is ours: no raw HTML, the guard, and the finishing of the tree."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Register after the other extensions, because some of theirs are replaced."""
        md.preprocessors.deregister("html_block")
        md.inlinePatterns.deregister("html")
        # Entities stay as they are written and reach the sanitiser, which decodes them.
        md.inlinePatterns.deregister("entity")
        md.inlinePatterns.register(MarkPattern(md), "mark", PRIORITY)
        md.preprocessors.register(_Lists(md), "lists", 15)
        self.inline = _GuardedInline(md)
        md.treeprocessors.register(self.inline, "inline", 20)
        parser: BlockParser = md.parser
        md.parser.blockprocessors.register(_LimitedTable(parser, {"use_align_attribute": True}), "table", 75)
        self.finish = _Finish(md)
        md.treeprocessors.register(self.finish, "finish", -10)


class Converter:
    """One Markdown instance, used for one text after another."""

    def __init__(self) -> None:
        self._highlighter = Highlighter()
        self._house = _House()
        fence = {
            "name": "*",
            "class": "highlight",
            "format": self._fence,
            "validator": accept_any_option,
        }
        self._markdown = Markdown(
            extensions=[
                TableExtension(use_align_attribute=True),
                FootnoteExtension(USE_DEFINITION_ORDER=False),
                DefListExtension(),
                SaneListExtension(),
                SuperFencesCodeExtension(custom_fences=[fence], relaxed_headers=True),
                TasklistExtension(),
                self._house,
            ],
            output_format="html",
        )

    def convert(self, source: str, prefix: str) -> tuple[str, list[HeadingRow]]:
        """Return safe HTML and the headings of a cleaned source."""
        self._highlighter = Highlighter()
        self._house.inline.brackets = guard.BracketGuard()
        self._house.finish.finisher = finisher = Finisher(prefix)
        self._markdown.reset()
        html = self._markdown.convert(guard.limit_nesting(source))
        for checkbox, named in _CHECKBOXES:
            html = html.replace(f'<input type="checkbox"{checkbox}', f'<input type="checkbox"{named}')
        return sanitise(clean_html(guard.restore_html(html))), finisher.headings

    def _fence(self, source: str, language: str, class_name: str, options: Any, md: Any, **rest: Any) -> str:
        return self._highlighter.block(source, language or "")


@functools.cache
def _converter() -> Converter:
    return Converter()


def convert(source: str, prefix: str) -> tuple[str, list[HeadingRow]]:
    """Convert one cleaned text. After an exception the next call starts from a fresh instance."""
    try:
        return _converter().convert(source, prefix)
    except BaseException:
        _converter.cache_clear()
        raise
