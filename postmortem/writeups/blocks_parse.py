"""Where the blocks of a text stand: `{{timeline}}` on a line of its own, `{{time: …}}` within one. Pure.

Code is left alone, fenced, indented and within a line, and so is what a backslash stands before.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

BLOCKS = ("facts", "timeline", "factors", "actions", "impact", "summary")
# What shows single rows of an incident, and how one says which.
CHOOSES = {"timeline": "12, 15", "factors": "3, 4", "actions": "7, 9"}
# What only this program writes into a text.
OURS = ("state", "notice")

_ALONE = re.compile(r" {0,3}\{\{[ \t]*([A-Za-z][A-Za-z_-]{0,40})[ \t]*(?::([^{}\n]*))?\}\}[ \t]*$")
_WITHIN = re.compile(
    rf"(?<!\\)\{{\{{[ \t]*({'|'.join((*BLOCKS, *OURS, 'time'))})[ \t]*(?::([^{{}}\n]*))?\}}\}}"
)
_TICKS = re.compile(r"`+")
_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})")
_INDENTED = re.compile(r"(?: {4}| {0,3}\t)")
_NUMBER = re.compile(r"#?(\d{1,9})$")
_INCIDENT = re.compile(r"INC-?(\d{1,9})$", re.IGNORECASE)
_ACTION = re.compile(r"(?:ACT-?|#)?(\d{1,9})$", re.IGNORECASE)


@dataclass(frozen=True)
class Block:
    """One block as it is written at `start` to `end` of the text; `words` is what stands behind its colon."""

    name: str
    words: str
    written: str
    start: int
    end: int
    is_alone: bool


@dataclass(frozen=True)
class Wanted:
    """What a block asks for: rows by number, of these incidents; empty means all. `strange` words say nothing."""

    ids: tuple[int, ...]
    incidents: tuple[int, ...]
    strange: tuple[str, ...]


def find_blocks(body: str) -> list[Block]:
    """Every block of a text in order, also unknown ones that have a line to themselves."""
    if "{{" not in body:
        return []
    return [block for start, text in _paragraphs(body) for block in _of_paragraph(text, start)]


def blocks_in(body: str) -> frozenset[str]:
    """The names of the blocks that a text shows: what stands in it is not shown a second time below.

    One that is for some incidents alone is named with each of them: `timeline 12`.
    """
    found: set[str] = set()
    for block in find_blocks(body):
        if block.is_alone and block.name in BLOCKS:
            asked = wanted(block)
            only = () if asked.ids else asked.incidents
            found |= {f"{block.name} {number}" for number in only} or {block.name}
    return frozenset(found)


def wanted(block: Block) -> Wanted:
    """What a block asks for."""
    ids, incidents, strange = [], [], []
    for word in re.split(r"[,;\s]+", block.words.strip()):
        if found := _INCIDENT.match(word):
            incidents.append(int(found[1]))
        elif block.name in CHOOSES and (found := _row_number(block.name).match(word)):
            ids.append(int(found[1]))
        elif word:
            strange.append(word)
    return Wanted(tuple(dict.fromkeys(ids)), tuple(dict.fromkeys(incidents)), tuple(strange))


def _row_number(name: str) -> re.Pattern[str]:
    return _ACTION if name == "actions" else _NUMBER


def _paragraphs(body: str) -> Iterator[tuple[int, str]]:
    """Each run of lines that is no code, with its place in the text."""
    fence, begun, place = "", -1, 0
    is_code = False
    for line in body.splitlines(keepends=True):
        mark = _FENCE.match(line)
        in_fence = bool(fence)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        ends = bool(mark) or in_fence or not line.strip()
        if begun < 0 and not ends:
            begun, is_code = place, bool(_INDENTED.match(line))
        elif begun >= 0 and ends:
            if not is_code:
                yield begun, body[begun:place]
            begun = -1
        place += len(line)
    if begun >= 0 and not is_code:
        yield begun, body[begun:]


def _code_in(text: str) -> list[tuple[int, int]]:
    """Where code within lines begins and ends: from some backticks to the next as many, in linear time."""
    runs = [found.span() for found in _TICKS.finditer(text)]
    ends_at: list[int | None] = [None] * len(runs)
    last: dict[int, int] = {}
    for at in range(len(runs) - 1, -1, -1):
        length = runs[at][1] - runs[at][0]
        ends_at[at], last[length] = last.get(length), at
    spans, at = [], 0
    while at < len(runs):
        end = ends_at[at]
        if end is None or text[runs[at][0] - 1 : runs[at][0]] == "\\":
            at += 1
        else:
            spans.append((runs[at][0], runs[end][1]))
            at = end + 1
    return spans


def _is_inside(place: int, spans: list[tuple[int, int]]) -> bool:
    """Whether a place is in one of these spans, which are in order."""
    before = bisect_right(spans, place, key=lambda span: span[0]) - 1
    return before >= 0 and spans[before][0] <= place < spans[before][1]


def _of_paragraph(text: str, start: int) -> Iterator[Block]:
    code = _code_in(text)
    place = 0
    for line in text.splitlines(keepends=True):
        shown = line.rstrip("\r\n")
        alone = _ALONE.match(shown)
        found_here = [alone] if alone and alone[1].lower() != "time" else list(_WITHIN.finditer(shown))
        for found in found_here:
            at = place + found.start()
            if not _is_inside(at, code):
                is_alone = found is alone
                yield Block(
                    name=found[1].lower(),
                    words=(found[2] or "").strip(),
                    written=found[0].strip(),
                    start=start + at,
                    end=start + place + found.end(),
                    is_alone=is_alone,
                )
        place += len(line)
