"""What changed between two texts, line by line and word by word, as data for a template.

The pieces are plain text: the template escapes them. The cost is bounded, whatever the texts are: where a
comparison would be too large, the part in question is shown as taken out and put in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# Sizes of one comparison as the product of both lengths, and of all word comparisons of one text. With
# difflib's autojunk these keep the worst case under half a second.
_MAX_LINES = 1_000_000
_MAX_WORDS = 640_000
_MAX_ALL_WORDS = 4_000_000
# Lines less alike than this read better as one line gone and another one new.
_ALIKE = 0.35

_WORD = re.compile(r"\s+|\w+|[^\w\s]")


class Op(StrEnum):
    """What happened to a line or a piece of it. `changed` and `skipped` are for whole lines only."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Piece:
    """A run of words: the same in both texts, added, or removed."""

    op: Op
    text: str


@dataclass(frozen=True)
class Hunk:
    """One line. A changed line has pieces of several kinds; `count` is for skipped lines."""

    op: Op
    pieces: tuple[Piece, ...] = ()
    count: int = 1

    @property
    def old(self) -> str:
        """The line as it was."""
        return "".join(piece.text for piece in self.pieces if piece.op is not Op.ADDED)

    @property
    def new(self) -> str:
        """The line as it is now."""
        return "".join(piece.text for piece in self.pieces if piece.op is not Op.REMOVED)


def diff_texts(old: str, new: str) -> list[Hunk]:
    """Compare two texts. Nothing is left out: the hunks' `old` joined are the old text, `new` the new."""
    return list(_Comparison().lines(_lines(old), _lines(new)))


def with_context(hunks: Sequence[Hunk], lines: int = 3) -> list[Hunk]:
    """Replace unchanged lines further than `lines` from a change by one skipped hunk that says how many."""
    near = [False] * len(hunks)
    for position, hunk in enumerate(hunks):
        if hunk.op is not Op.SAME:
            for other in range(max(0, position - lines), min(len(hunks), position + lines + 1)):
                near[other] = True
    result: list[Hunk] = []
    for hunk, kept in zip(hunks, near, strict=True):
        if kept:
            result.append(hunk)
        elif result and result[-1].op is Op.SKIPPED:
            result[-1] = Hunk(Op.SKIPPED, count=result[-1].count + 1)
        else:
            result.append(Hunk(Op.SKIPPED))
    return result


def words_changed(hunks: Sequence[Hunk]) -> tuple[int, int]:
    """Count the words added and removed, for a line such as `+120 −14 words`."""
    counts = {Op.ADDED: 0, Op.REMOVED: 0}
    for hunk in hunks:
        for piece in hunk.pieces:
            if piece.op in counts:
                counts[piece.op] += len(re.findall(r"\w+", piece.text))
    return counts[Op.ADDED], counts[Op.REMOVED]


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if text else []


def _whole(op: Op, line: str) -> Hunk:
    return Hunk(op, (Piece(op, line),))


class _Comparison:
    """One comparison of two texts, with what is left of its allowance for word comparisons."""

    def __init__(self) -> None:
        self._words_left = _MAX_ALL_WORDS

    def lines(self, old: list[str], new: list[str]) -> Iterator[Hunk]:
        # Most edits touch one place; what is the same around it costs nothing.
        head = _common_length(old, new)
        tail = _common_length(old[head:][::-1], new[head:][::-1])
        old_end, new_end = len(old) - tail, len(new) - tail
        yield from (_whole(Op.SAME, line) for line in old[:head])
        yield from self._middle(old[head:old_end], new[head:new_end])
        yield from (_whole(Op.SAME, line) for line in old[old_end:])

    def _middle(self, old: list[str], new: list[str]) -> Iterator[Hunk]:
        if not old or not new or len(old) * len(new) > _MAX_LINES:
            yield from self._replaced(old, new)
            return
        for op, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
            if op == "equal":
                yield from (_whole(Op.SAME, line) for line in old[a:b])
            else:
                yield from self._replaced(old[a:b], new[c:d])

    def _replaced(self, old: list[str], new: list[str]) -> Iterator[Hunk]:
        for before, after in zip(old, new, strict=False):
            pieces = self._pieces(before, after)
            if pieces:
                yield Hunk(Op.CHANGED, pieces)
            else:
                yield _whole(Op.REMOVED, before)
                yield _whole(Op.ADDED, after)
        yield from (_whole(Op.REMOVED, line) for line in old[len(new) :])
        yield from (_whole(Op.ADDED, line) for line in new[len(old) :])

    def _pieces(self, before: str, after: str) -> tuple[Piece, ...]:
        """Compare two lines by words; empty if they have too little in common, or are too long to compare."""
        old, new = _WORD.findall(before), _WORD.findall(after)
        cost = len(old) * len(new)
        if not cost or cost > min(_MAX_WORDS, self._words_left):
            return ()
        self._words_left -= cost
        matcher = SequenceMatcher(None, old, new)
        if matcher.ratio() < _ALIKE:
            return ()
        pieces: list[Piece] = []
        for op, a, b, c, d in matcher.get_opcodes():
            if op == "equal":
                pieces.append(Piece(Op.SAME, "".join(old[a:b])))
                continue
            if b > a:
                pieces.append(Piece(Op.REMOVED, "".join(old[a:b])))
            if d > c:
                pieces.append(Piece(Op.ADDED, "".join(new[c:d])))
        return tuple(pieces)


def _common_length(left: Sequence[str], right: Sequence[str]) -> int:
    for length, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return length
    return min(len(left), len(right))
