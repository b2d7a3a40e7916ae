"""Texts as people write them: our own, and the shared real ones where they are at hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

DATA = Path(__file__).parents[3] / "shared" / "data"

ORDINARY = [
    "# What happened\n\nAt 10:01 the `api` pool was *full* and **nobody** saw it ([graph](https://example.com/g)).\n",
    "Ranges [0, 1) and (0, 1], an array `a[0]`, a[1], [INFO] and [WARN] in a log, 5 < 6 > 4 & so on.\n",
    "A [link](https://example.com/a_(b) \"with (a) title\") and [one](</with space> 'title').\n",
    "Intro:\n- one\n- two\n    - three\n\n1. first\n2. second\n\n   continued\n",
    "- [x] rotate the key\n- [ ] tell people\n",
    "| time | what |\n|:-----|-----:|\n| 10:01 | `a|b` |\n| 10:02 | \\| and [x](/y) |\n",
    "Term\n:   Its definition\n\nOther\n:   Its own\n\n    in two parts\n",
    "Text[^1] and more[^note], again[^1].\n\n[^1]: A note with `code`.\n[^note]: Another.\n\n    In two parts.\n",
    "```python\ndef f(x: int) -> str:\n    return f'{x}'\n```\n\n~~~\nplain <b>\n~~~\n\n    indented [code](/x)\n",
    "> quoted\n> > twice\n>\n> - list\n\n***\n\n![graph](/attachments/7 'Requests') ![far](https://example.com/a.png)\n",
    'snake_case_name, 2*3*4, __init__, **bold *and* both**, ***all***, \\*not\\*, it\'s "quoted", a  \nbreak\n',
    "See [the note][n], [n] and [N][].\n\n[n]: https://example.com/n 'Note'\n",
    "<https://example.com/a> and <me@example.com>, <b>raw</b> &copy; &amp; AT&T\n",
    "Zeilenümbrüche, 日本語の見出し, Ελληνικά, emoji 🧯, ‘quotes’ — dashes… and a no-break space.\n",
]


def real_texts() -> Iterator[tuple[str, str]]:
    """Name and text of each Markdown file of the shared data; skips the test where it is absent."""
    if not DATA.is_dir():
        pytest.skip(f"no real texts at {DATA}")
    for path in sorted(DATA.rglob("*.md")):
        yield str(path.relative_to(DATA)), path.read_text(encoding="utf-8")
