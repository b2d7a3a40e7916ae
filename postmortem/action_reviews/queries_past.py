"""Meetings that have ended: the list with what became of their decisions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, func, select, tuple_
from sqlalchemy.orm import Session, joinedload

from postmortem.accounts.models import Person
from postmortem.action_reviews.enums import ReviewState
from postmortem.action_reviews.models import ActionReview, ActionReviewItem
from postmortem.action_reviews.rules import visible_to
from postmortem.actions import conditions
from postmortem.actions.enums import ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.rules import visible_to as visible_actions
from postmortem.web.paging import COUNT_CAP, PAGE_SIZE


@dataclass(frozen=True)
class Became:
    """How the actions stand today that a meeting decided about, of those that the reader may see."""

    decided: int = 0
    done: int = 0
    not_doing: int = 0
    open: int = 0
    overdue: int = 0

    @property
    def words(self) -> str:
        """`12 decided: 7 done since, 3 open, 2 overdue`; what is none is left out."""
        if not self.decided:
            return "Nothing was decided"
        parts = (
            (self.done, "done since"),
            (self.not_doing, "not to be done"),
            (self.open, "open"),
            (self.overdue, "overdue"),
        )
        return f"{self.decided} decided: " + ", ".join(f"{count} {words}" for count, words in parts if count)


def past_reviews(
    session: Session, person: Person | None, *, key: tuple[Any, ...] | None, is_backward: bool
) -> Sequence[ActionReview]:
    """One page of ended meetings and one more, the newest first, behind (or before) the key `(started_at, id)`."""
    place = tuple_(ActionReview.started_at, ActionReview.id)
    statement = select(ActionReview).where(ActionReview.state == ReviewState.ENDED, visible_to(person))
    if key is not None:
        statement = statement.where(place > key if is_backward else place < key)
    order = [ActionReview.started_at, ActionReview.id]
    return session.scalars(
        statement.options(joinedload(ActionReview.team), joinedload(ActionReview.started_by))
        .order_by(*(order if is_backward else [part.desc() for part in order]))
        .limit(PAGE_SIZE + 1)
    ).all()


def past_count(session: Session, person: Person | None) -> int:
    found = select(ActionReview.id).where(ActionReview.state == ReviewState.ENDED, visible_to(person))
    return session.scalar(select(func.count()).select_from(found.limit(COUNT_CAP + 1).subquery())) or 0


def what_became(
    session: Session, review_ids: Iterable[int], person: Person | None, today: date
) -> dict[int, Became]:
    """For each of these meetings how its decided actions stand today. One statement."""

    def count(condition: Any) -> Any:
        return func.sum(case((condition, 1), else_=0))

    is_overdue = conditions.overdue(today)
    rows = session.execute(
        select(
            ActionReviewItem.review_id,
            func.count(),
            count(Action.status.in_((ActionStatus.DONE, ActionStatus.VERIFIED))),
            count(Action.status == ActionStatus.NOT_DOING),
            count(conditions.is_open() & ~is_overdue),
            count(is_overdue),
        )
        .join(Action, Action.id == ActionReviewItem.action_id)
        .where(
            ActionReviewItem.review_id.in_(list(review_ids)),
            ActionReviewItem.is_decided,
            visible_actions(person),
        )
        .group_by(ActionReviewItem.review_id)
    )
    return {row[0]: Became(*row[1:]) for row in rows}
