from __future__ import annotations

import time

import pytest

from postmortem.text.markdown import render
from postmortem.text.reading import WORDS_PER_MINUTE, html_text, plain_text, reading_minutes, word_count
from tests.text.hostile import texts
from tests.text.samples import ORDINARY


def test_words_are_counted() -> None:
    assert word_count("The on-call engineer didn't see *it* at 10:01.") == 9
    assert word_count("") == 0


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (10, 1), (238, 1), (357, 2), (476, 2), (2_380, 10)])
def test_reading_time(words: int, minutes: int) -> None:
    assert WORDS_PER_MINUTE == 238
    assert reading_minutes("word " * words) == minutes


def test_code_is_read_faster() -> None:
    text = "word " * 2_380
    assert reading_minutes(f"```\n{text}\n```") == 3
    assert reading_minutes(f"~~~~ python\n```\n{text}\n~~~~\n{text}") == 13
    assert reading_minutes(f"```\ncode\n```\n{text}") == 10


def test_plain_text_of_markdown() -> None:
    source = (
        "# What *happened*\n\nAt 10:01 the `api` [pool](https://x.y/z 'T') was **full**.[^1]\n\n- [ ] fix snake_case\n"
        "\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> said so\n\n```python\nx = 1\n```\n\n![graph](/a/1) 1 \\* 2 &amp; 3\n\n"
        "[^1]: Note.\n[ref]: https://x.y\n"
    )
    text = plain_text(source)
    assert text.startswith(
        "What happened At 10:01 the api pool was full. fix snake_case a b 1 2 said so x = 1 graph 1"
    )
    assert "https" not in text


def test_plain_text_of_html_has_every_word_and_no_marks() -> None:
    rendered = render("# A & B\n\nx[^1] <b>\n\n| h |\n|---|\n| c |\n\n![alt](/a)\n\n[^1]: *Note*").html
    assert html_text(rendered) == "A & B x <b> h c Note"


def test_summaries_are_cut_between_words() -> None:
    assert plain_text("one two three four", 12) == "one two…"
    assert plain_text("one two, three", 10) == "one two…"
    assert plain_text("one two", 7) == "one two"
    assert plain_text("x" * 50, 10) == "x" * 9 + "…"
    for limit in range(1, 30):
        assert len(plain_text("some words of different lengths here", limit)) <= limit


def test_helpers_take_any_text_in_linear_time() -> None:
    for _name, source in texts():
        for helper in (plain_text, html_text, reading_minutes):
            started = time.process_time()
            helper(source)
            assert time.process_time() - started < 0.5, helper


@pytest.mark.parametrize("source", ORDINARY)
def test_summaries_of_ordinary_texts_keep_the_words(source: str) -> None:
    assert html_text(render(source).html)
    assert plain_text(source)
