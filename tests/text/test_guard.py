"""The guard changes hopeless texts and leaves every ordinary one byte for byte as the library renders it."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown.treeprocessors import InlineProcessor

from postmortem.text import guard
from postmortem.text.converter import Converter
from tests.text.samples import ORDINARY, real_texts


class Unguarded(Converter):
    """The same converter with the library's own inline step and no limit on nesting."""

    def __init__(self) -> None:
        super().__init__()
        self._markdown.treeprocessors.register(InlineProcessor(self._markdown), "inline", 20)


GUARDED, UNGUARDED = Converter(), Unguarded()


def same(source: str) -> bool:
    return GUARDED.convert(source, "h-") == UNGUARDED.convert(source, "h-")


def test_the_guard_is_in_use() -> None:
    # It stands in the place of a private method of the library: a new version might pass it by.
    html, _ = GUARDED.convert("[" * 3_000, "h-")
    assert html == "<p>" + "[" * 3_000 + "</p>"
    assert "links.[" in GUARDED.convert("links.[", "h-")[0]
    assert GUARDED._house.inline.brackets.pairs_left == guard.MAX_BRACKET_PAIRS
    GUARDED.convert("[a](/b)", "h-")
    assert GUARDED._house.inline.brackets.pairs_left == guard.MAX_BRACKET_PAIRS - 1


@pytest.mark.parametrize("source", ORDINARY)
def test_ordinary_texts_come_out_the_same(source: str) -> None:
    assert same(source)


def test_real_texts_come_out_the_same() -> None:
    for name, text in real_texts():
        assert same(text), name


MARKS = st.sampled_from(
    [*"[]()!*_`<>\\\"' \na", "](", "[a](/b)", "``", "  \n", "[^1]", "![", "](/b 'c')", "\\["],
)


@example("[[[[[[[^1]")
@settings(max_examples=600, deadline=None)
@given(st.lists(MARKS, max_size=24).map("".join))
def test_any_short_text_comes_out_the_same(source: str) -> None:
    assert same(source + "\n\n[^1]: note\n[a]: /c\n")


def test_stand_ins_are_never_left_behind() -> None:
    marks = "[](*_`<\\>-+."
    assert guard.restore_text(guard.literal(marks)) == marks
    assert guard.restore_html(guard.literal(marks)) == "[](*_`&lt;\\&gt;-+."
    assert not set(guard.literal(marks)) & set(marks)
    # Python takes these for white space or line ends, which would change the text around them.
    assert not any(stand_in.isspace() for stand_in in guard.literal(marks))


def test_deep_nesting_becomes_literal_after_twenty_levels() -> None:
    html, _ = GUARDED.convert("> " * 300 + "end", "h-")
    assert html.count("<blockquote>") == guard.MAX_NESTING
    assert html.count("&gt; ") == 280 and "end" in html


def test_rules_made_of_many_marks_stay_rules() -> None:
    for rule in ("- " * 40, "* " * 60, "-" * 200):
        assert GUARDED.convert(f"a\n\n{rule}\n\nb", "h-")[0].count("<hr>") == 1


def test_marks_beyond_the_limit_are_shown_as_written() -> None:
    many = "*a* " * 2_000
    html, _ = GUARDED.convert(many, "h-")
    assert 400 < html.count("<em>") < 600
    assert html.replace("<em>", "*").replace("</em>", "*") == f"<p>{many}</p>"


def test_brackets_in_code_do_not_count_as_brackets() -> None:
    html, _ = GUARDED.convert("[a `]` b](/c) and [`[`](/d) and `[` and \\[ [e](/f)", "h-")
    assert html == (
        '<p><a href="/c">a <code>]</code> b</a> and <a href="/d"><code>[</code></a> and <code>[</code> and [ '
        '<a href="/f">e</a></p>'
    )


def test_brackets_nested_beyond_the_limit_are_literal() -> None:
    source = "[" * 9 + "a](/b)" + "]" * 8
    assert GUARDED.convert(source, "h-")[0] == f"<p>{source}</p>"


def test_one_text_does_not_use_up_the_allowance_of_the_next() -> None:
    GUARDED.convert("[] " * 6_000, "h-")
    assert GUARDED.convert("[a](/b)", "h-")[0] == '<p><a href="/b">a</a></p>'
