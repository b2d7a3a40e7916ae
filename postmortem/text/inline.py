"""The marks of a text (`marks`) as elements of its tree. Runs in the child only."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown.inlinepatterns import InlineProcessor
from markdown.util import AtomicString

from postmortem.text.marks import MARK, WrongTime, moment_of, shown_as_written, utc_text

# After code and escapes, before links and emphasis: a zone may hold an underscore.
PRIORITY = 175


class MarkPattern(InlineProcessor):
    """`{{time: …}}` and the two marks that the blocks of write-ups make. A wrong time stays, and says what is wrong."""

    def __init__(self, md: Any) -> None:
        super().__init__(MARK, md)

    # The name is the library's.
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]
        """One mark as an element; nothing inside it is looked at again."""
        make = {"time": _time, "state": _state, "notice": _notice}[m[1]]
        return make(m[2].strip()), m.start(0), m.end(0)


def _time(written: str) -> Element:
    try:
        at = moment_of(written)
    except WrongTime as wrong:
        return _notice(f"{written}: {wrong}")
    element = Element("time", {"class": "when", "datetime": utc_text(at)})
    local, utc = shown_as_written(at)
    element.text = AtomicString(f"{local} " if utc else local)
    if utc:
        SubElement(element, "span", {"class": "when__utc"}).text = AtomicString(utc)
    return element


def _state(number: str) -> Element:
    if not re.fullmatch(r"[0-9]{1,10}", number):
        return _notice(f"There is no action {number}.")
    return Element("span", {"class": "action-state", "data-action": number})


def _notice(sentence: str) -> Element:
    element = Element("span", {"class": "block-notice"})
    element.text = AtomicString(sentence.replace("&", "&amp;"))
    return element
