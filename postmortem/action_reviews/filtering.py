"""Which actions a meeting walks through: the question to the list of actions that stands in its address."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, selectinload

from postmortem import clock
from postmortem.accounts.models import Person, Team
from postmortem.action_reviews.enums import QUEUE_REASON_LABELS, QueueReason
from postmortem.action_reviews.operations import MOST_ITEMS
from postmortem.action_reviews.reasons import needs_decision, reason_columns, reasons_of
from postmortem.actions.queries_policy import current_policy
from postmortem.actions.rules import counted_for


@dataclass(frozen=True)
class Waiting:
    """How many actions want a decision: in all (`is_more` than can be walked through), and by their first reason."""

    count: int
    is_more: bool
    reasons: list[tuple[str, int]]


def waiting(session: Session, person: Person, where: Iterable[ColumnElement[bool]]) -> Waiting:
    """What a meeting with these conditions would walk through. Two statements."""
    now = clock.now()
    rows = session.execute(
        select(*reason_columns(current_policy(session), now))
        .where(counted_for(person), needs_decision(now), *where)
        .limit(MOST_ITEMS + 1)
    ).all()
    firsts: Counter[QueueReason] = Counter(reasons_of(row)[0] for row in rows)
    by_reason = [(label, firsts[reason]) for reason, label in QUEUE_REASON_LABELS.items() if firsts[reason]]
    return Waiting(min(len(rows), MOST_ITEMS), len(rows) > MOST_ITEMS, by_reason)


def team_called(session: Session, slug: str) -> Team | None:
    """The team with its members, None where the filter names none."""
    if not slug:
        return None
    return session.scalar(select(Team).where(Team.slug == slug).options(selectinload(Team.members)))


def query_of(arguments: Mapping[str, str], known: Iterable[str]) -> str:
    """The filters of an address, without blank ones and whatever else stands there."""
    return urlencode([(name, arguments[name]) for name in known if arguments.get(name)])
