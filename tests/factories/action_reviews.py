"""Meetings for tests; committed at once."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.action_reviews.models import ActionReview, ActionReviewDecision, ActionReviewItem
from postmortem.action_reviews.operations import ReviewDraft, start_review


def make_review(
    session: Session, starter: Person, title: str = "Monday’s review", **values: Any
) -> ActionReview:
    """A meeting over everything that its starter may see; `values` are those of ReviewDraft."""
    review = start_review(session, ReviewDraft(title=title, **values), actor=starter)
    session.commit()
    return review


def items_of(session: Session, review: ActionReview) -> list[ActionReviewItem]:
    """The whole queue, read again."""
    session.expire_all()
    found = select(ActionReviewItem).where(ActionReviewItem.review_id == review.id)
    return list(session.scalars(found.order_by(ActionReviewItem.position)))


def decisions_of(session: Session, review: ActionReview) -> list[ActionReviewDecision]:
    """Every decision, taken back ones too, read again."""
    session.expire_all()
    found = select(ActionReviewDecision).where(ActionReviewDecision.review_id == review.id)
    return list(session.scalars(found.order_by(ActionReviewDecision.id)))


def sent(item: ActionReviewItem, decision: str, **fields: Any) -> dict[str, Any]:
    """What a form of the meeting's page sends for this item, as it stands now."""
    return {
        "decision": decision,
        "item": item.id,
        "item_version": item.version,
        "action_version": item.action.version,
        **fields,
    }
