"""Lists are nested as they look, whether by two, three or four spaces."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortem.text.lists import as_the_library_wants
from postmortem.text.markdown import render


def outline(source: str) -> str:
    """The lists of a text as words: `(a(b)c)` is b nested in a, and c beside a."""
    html = re.sub(r"<(?:ul|ol)[^>]*>", "(", render(source).html)
    html = re.sub(r"</(?:ul|ol)>", ")", html)
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", html))


@pytest.mark.parametrize(
    ("source", "nesting"),
    [
        ("- a\n  - b\n- c", "(a(b)c)"),
        ("- a\n    - b\n- c", "(a(b)c)"),
        ("- a\n  - b\n    - c\n      - d\n- e", "(a(b(c(d)))e)"),
        ("- a\n  - b\n  - c\n    - d\n  - e", "(a(bc(d)e))"),
        ("1. a\n   - b\n   - c\n2. d", "(a(bc)d)"),
        ("1. a\n\n   - b\n   - c\n\n2. d", "(a(bc)d)"),
        ("10. a\n    - b\n11. c", "(a(b)c)"),
        ("* a\n  1. b\n  2. c\n* d", "(a(bc)d)"),
        ("- a\n - b", "(ab)"),
        ("- a\n\n  more of a\n\n- b", "(amoreofab)"),
        ("1. a\n\n   more of a\n\n2. b", "(amoreofab)"),
        ("- a\n  - b\n\n    more of b\n- c", "(a(bmoreofb)c)"),
        ("- a\n  wrapped\n  - b\n    wrapped", "(awrapped(bwrapped))"),
        ("- a\n    - b\n  - c", "(a(bc))"),
        ("- a\n\ntext\n\n- b", "(a)text(b)"),
        ("text\n- a\n  - b", "text(a(b))"),
        ("- [ ] a\n  - [x] b", "(a(b))"),
        ("# T\ntext\n- a", "T#text(a)"),
        ("# T\n- a\n\n  more\n- b", "T#(amoreb)"),
        ("- a\n\n  more\n  - b\n- c", "(amore(b)c)"),
        ("- a\n\n  - b\n- c", "(a(b)c)"),
        ("1. a\n   - b\n\n   more\n2. c", "(a(b)morec)"),
        ("1. a\n\n   more\n2. c\n3. d", "(amorecd)"),
        ("- a\n\n  - b\n\n    - c\n  - d\n- e", "(a(b(c)d)e)"),
        ("- a\n\n  ```\n  code\n  ```\n\n- b", "(acodeb)"),
        ("1. a\n\n   ```\n   code\n   ```\n\n2. b", "(acodeb)"),
    ],
)
def test_nesting(source: str, nesting: str) -> None:
    assert outline(source) == nesting


@pytest.mark.parametrize(
    "source",
    [
        "- a\n    - b\n        - c\n\n    more of a\n\n        code in a\n",
        "text\n\n    - indented code\n      - as it is\n",
        "- a\n\n* * *\n\n  text",
        "- - -\n  - x",
        "The outage began in\n1628. Nobody was on call.",
        "- a\nlazy\n  lazy too\n- b",
        "Term\n: Definition\n\n    - x",
        "# Heading\n  text",
        "- a\n# Heading\n  text",
        "text\n# Heading\n- a",
        "| a | b |\n|---|---|\n| - | - |",
    ],
)
def test_lines_that_mean_something_already_are_left_alone(source: str) -> None:
    lines = source.split("\n")
    assert as_the_library_wants(lines) == lines


@given(
    st.lists(
        st.sampled_from(["", "a", "- a", "1. a", "2. a", "  - a", "    - a", "   a", "      a", "> a", "# a"])
    )
)
def test_only_spaces_and_blank_lines_change_and_once_is_enough(lines: list[str]) -> None:
    result = as_the_library_wants(lines)
    assert [line.strip() for line in result if line.strip()] == [
        line.strip() for line in lines if line.strip()
    ]
    assert all(len(line) >= len(line.strip()) for line in result)
