"""Dates of actions in words. Pure; `today` is handed in."""

import re
from datetime import date

from postmortem.text.reading import shortened

_TIMES = {1: "once", 2: "twice"}
LONGEST_IN_DAYS = 60
# A full stop behind a lone letter or a number is an abbreviation's or a day's.
_END = re.compile(r"(?<![\s(.]\w)(?<!\d)[.!?…]+[”’\"')]*(?=\s|$)|[。！？]")
MOST_IN_A_LINE = 240


def first_sentence(text: str) -> str:
    """The first sentence of a text on one line, shortened where it is a long one."""
    end = _END.search(text)
    return shortened(text[: end.end()] if end else text, MOST_IN_A_LINE)


def long_date(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def due_words(due_on: date, today: date) -> str:
    """How far away a due date is: `today`, `in 5 days`, `12 days ago`, `in 4 months`."""
    days = (due_on - today).days
    if days in (-1, 0, 1):
        return ("yesterday", "today", "tomorrow")[days + 1]
    far = _amount(abs(days))
    return f"in {far}" if days > 0 else f"{far} ago"


def _amount(days: int) -> str:
    if days <= LONGEST_IN_DAYS:
        return f"{days} days"
    months = round(days / 30.44)
    return f"{months} months" if months < 24 else f"{round(months / 12)} years"


def redated_words(count: int, first_due_on: date | None) -> str:
    """`re-dated twice, first due 3 March 2026`; blank for an action that kept its first date."""
    if not count:
        return ""
    words = f"re-dated {_TIMES.get(count, f'{count} times')}"
    return f"{words}, first due {long_date(first_due_on)}" if first_due_on else words
