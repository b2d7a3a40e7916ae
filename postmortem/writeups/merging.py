"""Two people changed the same text: a three-way merge by paragraph. Pure.

A paragraph is a block of Markdown between blank lines; a fence is one block, whatever stands in it. What only one of
the two changed is taken from them. What both put in at the same place stands there twice, theirs first. A paragraph
that both changed, each otherwise, is a clash: somebody has to look at it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_FENCE = re.compile(r"[ \t>]*(`{3,}|~{3,})(.*)")
# The product of both lengths up to which two texts are compared block by block.
_MAX_BLOCKS = 1_000_000


class Choice(StrEnum):
    """What becomes of a clash."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"
    OWN = "own"


@dataclass(frozen=True)
class Clash:
    """A run of paragraphs that both changed; a side that took them away is blank."""

    base: str
    mine: str
    theirs: str

    def answered(self, choice: Choice, own: str = "") -> str:
        """The text that this choice leaves."""
        if choice is Choice.BOTH:
            return "\n\n".join(filter(None, (self.theirs, self.mine)))
        return {Choice.MINE: self.mine, Choice.THEIRS: self.theirs, Choice.OWN: own.strip("\n")}[choice]


@dataclass(frozen=True)
class Merge:
    """A merged text: what is decided, and clashes in their places. `theirs` counts the paragraphs that only they changed."""

    parts: tuple[str | Clash, ...]
    theirs: int = 0

    @property
    def clashes(self) -> list[Clash]:
        return [part for part in self.parts if isinstance(part, Clash)]

    def text(self, answers: Mapping[int, str] | None = None) -> str:
        """The whole text with the clashes answered, by their number. Raises KeyError for one that is not."""
        texts, number = list[str](), 0
        for part in self.parts:
            if isinstance(part, Clash):
                texts.append((answers or {})[number])
                number += 1
            else:
                texts.append(part)
        return "\n\n".join(text.strip("\n") for text in texts if text.strip())


@dataclass(frozen=True)
class _Block:
    text: str
    # The blank lines behind it, kept where the block is.
    gap: str


@dataclass(frozen=True)
class _Edit:
    """Blocks `start` to `end` of the base became `new`; an insertion has an empty range."""

    start: int
    end: int
    new: tuple[_Block, ...]


def merge(base: str, mine: str, theirs: str) -> Merge:
    """Put together what became of `base` in two places. Never loses a paragraph that one side wrote."""
    blocks = list(_blocks(base))
    my_edits, their_edits = _edits(blocks, list(_blocks(mine))), _edits(blocks, list(_blocks(theirs)))
    parts: list[str | Clash] = []
    at = changed = 0
    for start, end, my, their in _groups(my_edits, their_edits):
        parts.append(_joined(blocks[at:start]))
        my_text, their_text = (_applied(blocks, start, end, edits) for edits in (my, their))
        if not my:
            parts.append(their_text)
            changed += sum(max(edit.end - edit.start, len(edit.new)) for edit in their)
        elif not their or my_text.strip() == their_text.strip():
            parts.append(my_text)
        elif start == end:
            parts += [their_text, my_text]
            changed += sum(len(edit.new) for edit in their)
        else:
            parts.append(Clash(_joined(blocks[start:end]), my_text, their_text))
        at = end
    parts.append(_joined(blocks[at:]))
    return Merge(tuple(part for part in parts if part), changed)


def paragraphs(text: str) -> list[str]:
    """The blocks of a text, without the blank lines between them."""
    return [block.text for block in _blocks(text)]


def _blocks(text: str) -> Iterator[_Block]:
    lines: list[str] = []
    gap = 0
    fence = ""
    for line in text.replace("\r\n", "\n").split("\n"):
        if not line.strip() and not fence:
            gap += 1
            continue
        if lines and gap:
            yield _Block("\n".join(lines), "\n" * (gap + 1))
            lines = []
        gap = 0
        lines.append(line)
        fence = _fence_after(line, fence)
    if lines:
        yield _Block("\n".join(lines), "\n" * (gap + 1))


def _fence_after(line: str, fence: str) -> str:
    """The fence that is open behind a line; blank for none."""
    found = _FENCE.match(line)
    if not found:
        return fence
    if not fence:
        # With a backtick behind it, it is code in a line.
        return "" if found[1][0] == "`" and "`" in found[2] else found[1]
    closes = found[1].startswith(fence) and not found[2].strip()
    return "" if closes else fence


def _edits(base: Sequence[_Block], side: Sequence[_Block]) -> list[_Edit]:
    old, new = [block.text for block in base], [block.text for block in side]
    if old == new:
        return []
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    old_end, new_end = len(old) - tail, len(new) - tail
    if (old_end - head) * (new_end - head) > _MAX_BLOCKS:
        return [_Edit(head, old_end, tuple(side[head:new_end]))]
    matcher = SequenceMatcher(None, old[head:old_end], new[head:new_end], autojunk=False)
    edits: list[_Edit] = []
    for op, a, b, c, d in matcher.get_opcodes():
        if op == "equal":
            continue
        start, end, put = head + a, head + b, side[head + c : head + d]
        if b - a == d - c:
            # As many as before: each is taken for what became of the one in its place.
            edits += [_Edit(start + n, start + n + 1, (put[n],)) for n in range(b - a)]
        else:
            edits.append(_Edit(start, end, tuple(put)))
    return edits


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    for length, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return length
    return min(len(left), len(right))


_Group = tuple[int, int, list[_Edit], list[_Edit]]


def _groups(my: Sequence[_Edit], their: Sequence[_Edit]) -> Iterator[_Group]:
    """Edits of both sides that touch the same paragraphs, or insert at the same place, together; in order."""
    waiting = sorted(
        [(edit.start, edit.end, 1, edit) for edit in my] + [(e.start, e.end, 0, e) for e in their], key=_order
    )
    group: _Group | None = None
    for start, end, is_mine, edit in waiting:
        touches = group is not None and (start < group[1] or (start == end == group[0] == group[1]))
        if group is None or not touches:
            if group:
                yield group
            group = (start, end, [], [])
        group = (group[0], max(group[1], end), group[2], group[3])
        (group[2] if is_mine else group[3]).append(edit)
    if group:
        yield group


def _order(waiting: tuple[int, int, int, _Edit]) -> tuple[int, int, int]:
    return waiting[:3]


def _applied(blocks: Sequence[_Block], start: int, end: int, edits: Sequence[_Edit]) -> str:
    """What a side made of the blocks `start` to `end`."""
    found: list[_Block] = []
    at = start
    for edit in edits:
        found += [*blocks[at : edit.start], *edit.new]
        at = edit.end
    return _joined([*found, *blocks[at:end]])


def _joined(blocks: Sequence[_Block]) -> str:
    """The blocks with their gaps; between two there is always a blank line."""
    parts: list[str] = []
    for position, block in enumerate(blocks):
        last = position == len(blocks) - 1
        parts += [block.text, "" if last else block.gap if len(block.gap) > 1 else "\n\n"]
    return "".join(parts)
