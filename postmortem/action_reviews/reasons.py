"""Why an action stands in the queue: the conditions of `actions.conditions`, asked of many rows at once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from postmortem.action_reviews.enums import QueueReason
from postmortem.actions import conditions
from postmortem.actions.models import Action
from postmortem.actions.policy import Policy

ORDER = tuple(QueueReason)
# Without a due date comes last within a reason.
_LATEST = 9_999_999


def needs_decision(now: datetime) -> ColumnElement[bool]:
    """What a queue is made of: open, or done and to be verified. A duplicate that was merged away is neither."""
    return or_(conditions.is_open(), conditions.unverified(now.date())) & Action.merged_into_id.is_(None)


def reason_columns(policy: Policy, now: datetime) -> list[ColumnElement[bool]]:
    """A column for each reason but *other*, named like it; an action may have several."""
    today = now.date()
    found = {
        QueueReason.OVERDUE: conditions.overdue(today),
        QueueReason.STALE: conditions.stale(policy, now),
        # Who left cannot answer for anything any more.
        QueueReason.UNOWNED: or_(conditions.unowned(), conditions.left()),
        QueueReason.UNVERIFIED: conditions.unverified(today),
        QueueReason.DUE_SOON: conditions.due_soon(policy, today),
        QueueReason.PROPOSED: conditions.proposed(),
        QueueReason.OTHER: and_(conditions.is_open(), Action.merged_into_id.is_(None)),
    }
    return [condition.label(reason.value) for reason, condition in found.items()]


def reasons_of(row: Any) -> list[QueueReason]:
    """All reasons that hold for a row with `reason_columns`, the most pressing first; *other* only alone."""
    holding = [reason for reason in ORDER if getattr(row, reason.value)]
    return [reason for reason in holding if reason is not QueueReason.OTHER] or holding


def in_order(rows: Iterable[Any]) -> list[tuple[Any, list[QueueReason]]]:
    """Rows with `id`, `due_on` and `reason_columns` as the meeting walks through them, each with its reasons."""
    queue = [(row, reasons_of(row)) for row in rows]
    return sorted(queue, key=lambda each: _place(*each))


def _place(row: Any, reasons: list[QueueReason]) -> tuple[int, int, int]:
    first = ORDER.index(reasons[0]) if reasons else len(ORDER)
    return first, row.due_on.toordinal() if row.due_on else _LATEST, row.id
