"""Which part of a Markdown text is what: prose, heading, image text, link text, link target, code. Pure.

It is no parser: it only has to say for a name where it stands, and errs on the side of prose.
"""

import bisect
import re
from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Where in a text a mention stands."""

    TEXT = "text"
    HEADING = "heading"
    IMAGE = "image text"
    LINK_TEXT = "link text"
    LINK = "link"
    CODE = "code"


@dataclass(frozen=True)
class Part:
    """A part of a text. For a link target, `whole` is the range of the whole link and `kept` what it leaves behind."""

    start: int
    end: int
    place: Place
    whole: tuple[int, int] = (0, 0)
    kept: tuple[int, int] | None = None


_FENCE = re.compile(
    r"^[ \t>]*(?:[-*+][ \t]+)?(`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t>]*\1[`~]*[ \t]*$|\Z)", re.M | re.S
)
_INDENTED = re.compile(
    r"(?:(?<=\n\n)|\A)(?:(?: {4}|\t)(?![ \t]*(?:[-*+]|\d+[.)])[ \t])[^\n]*(?:\n|\Z)|[ \t]*\n(?= {4}|\t))+"
)
_CODE = re.compile(r"(?<!`)(`+)(?!`)(?:[^`]|(?!(?<!`)\1(?!`))`){1,2000}?(?<!`)\1(?!`)")
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t][^\n]*$|^[^\n]+\n(?=(?:=+|-{2,})[ \t]*$)", re.M)
_TARGET = r"\([ \t\n]*(?P<target><[^>\n]*>|(?:[^\s()]|\([^\s()]*\))*)(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?[ \t\n]*\)"
_LINK = re.compile(
    r"(?P<bang>!?)\[(?P<text>(?:[^\[\]\\]|\\.|\[(?:[^\[\]\\]|\\.)*\](?:\([^()\s]*\))?)*)\]" + _TARGET
)
_AUTOLINK = re.compile(r"<(?P<target>(?:[a-zA-Z][a-zA-Z0-9+.-]{1,31}:[^\s<>]*|[\w.+-]+@[\w.-]+))>")
_BARE = re.compile(
    r"(?<![\w/])(?P<target>(?:https?|ftp|slack|mailto|ssh|git)(?:://|:(?=\S+@))[^\s<>\"'`|\]]*[^\s<>\"'`|\].,;:!?)*_])",
    re.I,
)
_ATTRIBUTE = re.compile(r"<[a-zA-Z][^<>]*?\s(?:href|src)\s*=\s*[\"']?(?P<target>[^\s\"'>]+)", re.I)
_FOOTNOTE = re.compile(r"\[\^([^\]\s]+)\]")


class Parts:
    """The parts of one text. `at(position)` says which one a position is in."""

    def __init__(self, text: str, *, is_markdown: bool = True) -> None:
        self.text = text
        self._taken = bytearray(len(text))
        self.found: list[Part] = []
        if is_markdown:
            self._code()
            self._links()
            self._headings()
        else:
            self._bare()
        self.found.sort(key=lambda part: (part.start, part.end))
        self._starts = [part.start for part in self.found]

    def at(self, position: int) -> Part | None:
        """The narrowest part around a position; None in plain prose."""
        best: Part | None = None
        index = bisect.bisect_right(self._starts, position)
        for part in reversed(self.found[max(0, index - 12) : index]):
            inside = part.start <= position < part.end
            if inside and (best is None or part.end - part.start < best.end - best.start):
                best = part
        return best

    def place(self, position: int) -> Place:
        part = self.at(position)
        return part.place if part else Place.TEXT

    def targets(self) -> list[Part]:
        return [part for part in self.found if part.place is Place.LINK]

    def _is_free(self, start: int, end: int) -> bool:
        return not any(self._taken[start:end])

    def _take(self, start: int, end: int) -> None:
        self._taken[start:end] = b"\x01" * (end - start)

    def _code(self) -> None:
        for pattern in (_FENCE, _INDENTED, _CODE, _FOOTNOTE):
            for found in pattern.finditer(self.text):
                if self._is_free(*found.span()):
                    self._take(*found.span())
                    self.found.append(Part(*found.span(), Place.CODE))

    def _links(self) -> None:
        for found in _LINK.finditer(self.text):
            if self._is_free(found.start("target"), found.end("target")):
                self._link(found)
        for found in _ATTRIBUTE.finditer(self.text):
            span = found.span("target")
            if self._is_free(*span):
                self._take(*span)
                self.found.append(Part(*span, Place.LINK, whole=span))
        self._bare()

    def _link(self, found: re.Match[str]) -> None:
        text, target = found.span("text"), found.span("target")
        whole = found.span()
        is_image = bool(found["bang"])
        self._take(*target)
        self.found.append(Part(*text, Place.IMAGE if is_image else Place.LINK_TEXT))
        self.found.append(Part(*target, Place.LINK, whole=whole, kept=text))
        # An image inside a link: [![alt](picture)](page).
        if not is_image:
            for inner in _LINK.finditer(self.text, *text):
                self._link(inner)

    def _bare(self) -> None:
        for pattern in (_AUTOLINK, _BARE):
            for found in pattern.finditer(self.text):
                span = found.span("target")
                if self._is_free(*span):
                    self._take(*span)
                    self.found.append(Part(*span, Place.LINK, whole=found.span()))

    def _headings(self) -> None:
        for found in _HEADING.finditer(self.text):
            if self._is_free(*found.span()):
                self.found.append(Part(*found.span(), Place.HEADING))
