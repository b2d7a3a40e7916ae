"""CSV that a spreadsheet takes for text and numbers, and never for formulas."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

# A cell that starts with one of these is a formula to some spreadsheet (OWASP, "CSV Injection"); the wide forms
# stand for the narrow ones where East Asian text is typed. White space before them is skipped by some.
_STARTS_FORMULA = re.compile(
    r"[\s\u200b\u2060\ufeff\x00-\x20]*[=+\-@|%\uff1d\uff0b\uff0d\uff20\ufe63\ufe62\u2212\ufe66\ufe6b]"
)
_STARTS_BLANK = re.compile("[\t\r\n\x00]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def safe_cell(value: Any) -> str:
    """What to write for a value: numbers as they are, text that could start a formula behind an apostrophe.

    Control characters that no spreadsheet shows are left out; line ends and tabs inside a text stay.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    text = _CONTROLS.sub("", str(value))
    return f"'{text}" if _STARTS_FORMULA.match(text) or _STARTS_BLANK.match(text) else text


def csv_line(values: Iterable[Any]) -> str:
    """One line with its line end (RFC 4180); every cell quoted, so that blanks at its ends survive."""
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(map(safe_cell, values))
    return written.getvalue()
