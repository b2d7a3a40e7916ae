"""Reading meetings. Whatever stands in a queue is read through `actions.rules.visible_to` for its reader."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, false, func, select
from sqlalchemy.orm import Session, joinedload

from postmortem.accounts.models import Person
from postmortem.action_reviews.enums import ReviewState
from postmortem.action_reviews.models import (
    ActionReview,
    ActionReviewDecision,
    ActionReviewItem,
    ActionReviewPerson,
)
from postmortem.action_reviews.rules import visible_to
from postmortem.actions.models import Action
from postmortem.actions.models_around import ActionComment
from postmortem.actions.rules import visible_to as visible_actions
from postmortem.errors import NotVisible
from postmortem.history.models import HistoryEntry

LARGEST_NUMBER = 2**31 - 1
# A page says that it is there every 15 seconds; who missed three is not in the room any more.
THERE_FOR = timedelta(seconds=45)
STORY_LENGTH = 5


def visible_review(session: Session, person: Person | None, review_id: int) -> ActionReview:
    """One meeting with its team and who started it. Raises NotVisible."""
    if not 0 < review_id <= LARGEST_NUMBER:
        raise NotVisible
    review = session.scalar(
        select(ActionReview)
        .where(ActionReview.id == review_id, visible_to(person))
        .options(joinedload(ActionReview.team), joinedload(ActionReview.started_by))
        .execution_options(populate_existing=True)
    )
    if review is None:
        raise NotVisible
    return review


def going_on(session: Session, person: Person | None) -> Sequence[ActionReview]:
    """The meetings that can be joined, the newest first."""
    return session.scalars(
        select(ActionReview)
        .where(ActionReview.state != ReviewState.ENDED, visible_to(person))
        .options(joinedload(ActionReview.team), joinedload(ActionReview.started_by))
        .order_by(ActionReview.started_at.desc(), ActionReview.id.desc())
        .limit(20)
    ).all()


def queue_of(session: Session, review_id: int, person: Person | None) -> Sequence[Row[Any]]:
    """What of the queue this person may see, in its order; all that a page needs to know of the other items."""
    queue: Select[*tuple[Any, ...]] = (
        select(
            ActionReviewItem.id,
            ActionReviewItem.action_id,
            ActionReviewItem.reason,
            ActionReviewItem.is_decided,
            ActionReviewItem.version,
            Action.version.label("action_version"),
        )
        .join(Action, Action.id == ActionReviewItem.action_id)
        .where(ActionReviewItem.review_id == review_id, visible_actions(person))
        .order_by(ActionReviewItem.position)
    )
    return session.execute(queue).all()


def item_with_action(
    session: Session, review_id: int, item_id: int, person: Person | None
) -> ActionReviewItem:
    """One item with its action, incident, owner and team; an action deleted meanwhile is not there. Raises NotVisible."""
    if not 0 < item_id <= LARGEST_NUMBER:
        raise NotVisible
    item = session.scalar(
        select(ActionReviewItem)
        .join(Action, Action.id == ActionReviewItem.action_id)
        .where(
            ActionReviewItem.id == item_id, ActionReviewItem.review_id == review_id, visible_actions(person)
        )
        .options(
            joinedload(ActionReviewItem.action).joinedload(Action.incident),
            joinedload(ActionReviewItem.action).joinedload(Action.owner),
            joinedload(ActionReviewItem.action).joinedload(Action.team),
        )
        .execution_options(populate_existing=True)
    )
    if item is None:
        raise NotVisible
    return item


def decision_on(session: Session, item_id: int) -> ActionReviewDecision | None:
    """The decision that holds for an item, with who took it."""
    return session.scalar(
        select(ActionReviewDecision)
        .where(ActionReviewDecision.item_id == item_id, ActionReviewDecision.undone_at.is_(None))
        .options(joinedload(ActionReviewDecision.person))
        .execution_options(populate_existing=True)
    )


def decision_numbered(
    session: Session, review_id: int, decision_id: int, person: Person | None
) -> ActionReviewDecision:
    """One decision of a meeting, held or taken back, about an action that this person may see. Raises NotVisible."""
    if not 0 < decision_id <= LARGEST_NUMBER:
        raise NotVisible
    found = session.scalar(
        select(ActionReviewDecision)
        .join(ActionReviewItem, ActionReviewItem.id == ActionReviewDecision.item_id)
        .join(Action, Action.id == ActionReviewItem.action_id)
        .where(
            ActionReviewDecision.id == decision_id,
            ActionReviewDecision.review_id == review_id,
            visible_actions(person),
        )
        .options(joinedload(ActionReviewDecision.item), joinedload(ActionReviewDecision.person))
    )
    if found is None:
        raise NotVisible
    return found


def last_decision_of(session: Session, review_id: int, person: Person) -> Row[Any] | None:
    """What this person decided last and may take back: `id`, `decision`, `action_id`."""
    mine: Select[*tuple[Any, ...]] = (
        select(ActionReviewDecision.id, ActionReviewDecision.decision, ActionReviewItem.action_id)
        .join(ActionReviewItem, ActionReviewItem.id == ActionReviewDecision.item_id)
        .join(Action, Action.id == ActionReviewItem.action_id)
        .where(
            ActionReviewDecision.review_id == review_id,
            ActionReviewDecision.person_id == person.id,
            ActionReviewDecision.undone_at.is_(None),
            visible_actions(person),
        )
        .order_by(ActionReviewDecision.decided_at.desc(), ActionReviewDecision.id.desc())
        .limit(1)
    )
    return session.execute(mine).first()


def people_of(session: Session, review_id: int, now: datetime) -> Sequence[Row[Any]]:
    """Who was ever there, by name: `id`, `name`, `is_there` (seen a moment ago) and `is_seated` (ticked by hand)."""
    people: Select[*tuple[Any, ...]] = (
        select(
            Person.id,
            Person.name,
            func.coalesce(ActionReviewPerson.last_seen_at > now - THERE_FOR, false()).label("is_there"),
            ActionReviewPerson.last_seen_at.is_(None).label("is_seated"),
        )
        .join(ActionReviewPerson, ActionReviewPerson.person_id == Person.id)
        .where(ActionReviewPerson.review_id == review_id)
        .order_by(Person.name, Person.id)
    )
    return session.execute(people).all()


def story_of(session: Session, action: Action) -> tuple[Sequence[HistoryEntry], Sequence[ActionComment]]:
    """The last changes and comments of an action that this person may see, newest first."""
    entries = session.scalars(
        select(HistoryEntry)
        .where(HistoryEntry.subject_type == "actions", HistoryEntry.subject_id == action.id)
        .order_by(HistoryEntry.id.desc())
        .limit(STORY_LENGTH)
    ).all()
    comments = session.scalars(
        select(ActionComment)
        .where(ActionComment.action_id == action.id, ActionComment.deleted_at.is_(None))
        .options(joinedload(ActionComment.author))
        .order_by(ActionComment.id.desc())
        .limit(STORY_LENGTH)
    ).all()
    return entries, comments
