"""The one order in which actions are listed, as a single number. Pure.

Open actions come first: the earliest due date on top, those without a date at their end. Closed ones follow,
the last closed on top. One integer holds all of that, so that one index serves every list and a page starts
behind a row at any depth for the same price.
"""

from datetime import UTC, date, datetime

from postmortem.actions.enums import ActionStatus

# date.max.toordinal() is 3,652,059: no due date reaches this.
UNDATED = 4_000_000
FIRST_CLOSED = 5_000_000


def sort_key(status: ActionStatus, due_on: date | None, closed_at: datetime | None) -> int:
    """Where an action stands; ascending. Days before the year 1 or after 9999 do not exist in Python."""
    if status.is_open:
        return due_on.toordinal() if due_on else UNDATED
    return FIRST_CLOSED + UNDATED - (closed_at.astimezone(UTC).toordinal() if closed_at else 0)


def overdue_below(today: date) -> int:
    """Keys below this belong to open actions whose due date has passed."""
    return today.toordinal()


def closed_between(first: date, last: date) -> tuple[int, int]:
    """The least and the greatest key of what was closed on these days or between them."""
    return FIRST_CLOSED + UNDATED - last.toordinal(), FIRST_CLOSED + UNDATED - first.toordinal()
