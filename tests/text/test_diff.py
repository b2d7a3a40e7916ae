from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortem.text.diff import Hunk, Op, Piece, diff_texts, with_context, words_changed

LINES = st.lists(st.text(alphabet="ab cd", max_size=12), max_size=12).map("\n".join)


def one(op: Op, text: str) -> Hunk:
    return Hunk(op, (Piece(op, text),))


def test_a_changed_word_is_marked_within_its_line() -> None:
    hunks = diff_texts("one\nthe pool was full\nend", "one\nthe pool was empty\nend")
    assert hunks == [
        one(Op.SAME, "one"),
        Hunk(
            Op.CHANGED,
            (Piece(Op.SAME, "the pool was "), Piece(Op.REMOVED, "full"), Piece(Op.ADDED, "empty")),
        ),
        one(Op.SAME, "end"),
    ]


def test_lines_that_came_went_or_have_little_in_common() -> None:
    assert diff_texts("a\nb", "a\nnew\nb") == [one(Op.SAME, "a"), one(Op.ADDED, "new"), one(Op.SAME, "b")]
    assert diff_texts("a\nold\nb", "a\nb") == [one(Op.SAME, "a"), one(Op.REMOVED, "old"), one(Op.SAME, "b")]
    assert diff_texts("nothing alike", "quite other") == [
        one(Op.REMOVED, "nothing alike"),
        one(Op.ADDED, "quite other"),
    ]


def test_edges() -> None:
    assert diff_texts("", "") == []
    assert diff_texts("", "a") == [one(Op.ADDED, "a")]
    assert diff_texts("a", "") == [one(Op.REMOVED, "a")]
    assert all(hunk.op is Op.SAME for hunk in diff_texts("a\r\nb\rc", "a\nb\nc"))


@given(LINES, LINES)
def test_nothing_is_left_out(old: str, new: str) -> None:
    hunks = diff_texts(old, new)
    before = [hunk.old for hunk in hunks if hunk.op is not Op.ADDED]
    after = [hunk.new for hunk in hunks if hunk.op is not Op.REMOVED]
    assert "\n".join(before) == old
    assert "\n".join(after) == new


@given(LINES)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert all(hunk.op is Op.SAME for hunk in diff_texts(text, text))
    assert words_changed(diff_texts(text, text)) == (0, 0)


def test_long_unchanged_parts_are_skipped() -> None:
    old = "\n".join(f"line {number}" for number in range(20))
    hunks = with_context(diff_texts(old, old.replace("line 10\n", "line ten\n")), lines=2)
    assert [(hunk.op, hunk.count) for hunk in hunks] == [
        (Op.SKIPPED, 8), (Op.SAME, 1), (Op.SAME, 1), (Op.CHANGED, 1), (Op.SAME, 1), (Op.SAME, 1), (Op.SKIPPED, 7),
    ]  # fmt: skip
    assert with_context(diff_texts(old, old)) == [Hunk(Op.SKIPPED, count=20)]


def test_changed_words_are_counted() -> None:
    assert words_changed(diff_texts("the pool was full", "the big pool was quite empty")) == (3, 1)


def soup(letters: str, count: int, seed: int, end: str) -> str:
    return end.join(random.Random(seed).choices(letters, k=count))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\n" * 50_000, "b\n" * 50_000),
        ("a\nb\n" * 25_000, "b\na\n" * 25_000),
        ("a b " * 25_000, "b a " * 25_000),
        (soup("ab", 50_000, 1, "\n"), soup("ab", 50_000, 2, "\n")),
        (soup("ab", 1_000, 1, "\n"), soup("ab", 1_000, 2, "\n")),
        (soup("ab", 199, 1, "\n"), soup("ab", 199, 2, "\n")),
        (soup("ab", 400, 1, " "), soup("ab", 400, 2, " ")),
        ("\n".join(soup("ab", 90, n, " ") for n in range(500)), "\n".join(soup("ab", 90, n, " ") for n in range(9, 509))),
        ("\n".join(soup("abcdefghijklmnop", 90, n, " ") for n in range(500)), "\n".join(soup("abcdefghijklmnop", 90, -n, " ") for n in range(1, 501))),
        ("\n".join(f"{n % 100}" for n in range(1_000)), "\n".join(f"{n * 7 % 100}" for n in range(1_000))),
        ("x" * 100_000, "y" * 100_000),
        ("?" * 100_000, "!" * 100_000),
    ],
    ids=range(12),
)  # fmt: skip
def test_no_pair_of_texts_takes_long(old: str, new: str) -> None:
    started = time.process_time()
    hunks = diff_texts(old, new)
    assert time.process_time() - started < 3
    assert "\n".join(hunk.old for hunk in hunks if hunk.op is not Op.ADDED) == old
    assert "\n".join(hunk.new for hunk in hunks if hunk.op is not Op.REMOVED) == new
