"""What a merge moves of the follow-up: comments, verifications, views, ideas, action reviews, receivers; what it ends.

Each function changes one record and says what changed, by the people's addresses.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.action_reviews.models import ActionReview, ActionReviewDecision, ActionReviewPerson
from postmortem.actions.models import Action
from postmortem.actions.models_around import ActionComment, ActionWatch, SavedView, Verification
from postmortem.history.operations import Changes, set_fields
from postmortem.ideas.models import Idea, NoActionsNeeded
from postmortem.notifications.models import (
    CalendarLink,
    Digest,
    Follow,
    NewsItem,
    NotificationChoice,
    NotificationSettings,
    Receiver,
)
from postmortem.outbox.models import OutboxMessage

# Where a decision keeps numbers of people, to be taken back and to be told of.
_OWNERS_IN_UNDO = (("handed_to",), ("before", "owner_id"), ("after", "owner_id"))
# What somebody wanted to be told, and where: whoever stays has chosen for themselves. Choices point at receivers.
_TOLD = (NotificationChoice, NotificationSettings, Follow, NewsItem, Digest, CalendarLink, ActionWatch)


def end_what_they_are_told(session: Session, *person_ids: int) -> None:
    """Remove what these people follow and watch, their own receivers and calendar links, and what waits for them."""
    own = select(Receiver.id).where(Receiver.person_id.in_(person_ids))
    session.execute(
        update(NotificationChoice).where(NotificationChoice.receiver_id.in_(own)).values(receiver_id=None)
    )
    for model in _TOLD:
        session.execute(delete(model).where(model.person_id.in_(person_ids)))
    lanes = [f"receiver-{number}" for number in session.scalars(own)]
    session.execute(delete(OutboxMessage).where(OutboxMessage.lane.in_(lanes)))
    session.execute(delete(Receiver).where(Receiver.person_id.in_(person_ids)))


def _reference(name: str) -> Callable[..., Changes]:
    """Moves the one column of a record that points at a person, where relations are not loaded with the record."""

    def move(_session: Session, row: Any, gone: Person, stays: Person) -> Changes:
        set_fields(row, {f"{name}_id": stays.id})
        return {name: [gone.email, stays.email]}

    return move


def _action(_session: Session, action: Action, _gone: Person, stays: Person) -> Changes:
    return set_fields(action, {"owner": stays})


def _review(session: Session, review: ActionReview, gone: Person, stays: Person) -> Changes:
    changes: Changes = {}
    if review.started_by_id == gone.id:
        changes |= _reference("started_by")(session, review, gone, stays)
    if _was_there(session, review, gone, stays):
        changes["people"] = [gone.email, stays.email]
    of_these = ActionReviewDecision.review_id == review.id
    for told, column in (
        ("decided_by", ActionReviewDecision.person_id),
        ("undone_by", ActionReviewDecision.undone_by_id),
    ):
        moved: Any = session.execute(
            update(ActionReviewDecision)
            .where(of_these, column == gone.id)
            .values({column.key: stays.id})
            .execution_options(synchronize_session=False)
        )
        if moved.rowcount:
            changes[told] = [gone.email, stays.email]
    if _was_handed(session, review, gone, stays):
        changes["handed_to"] = [gone.email, stays.email]
    return changes


def _named_in_undo(person_id: int) -> ColumnElement[bool]:
    """Decisions that handed something to this person or from them; taking one back looks at these numbers."""
    undo: Any = ActionReviewDecision.undo
    return or_(*(undo[path].as_integer() == person_id for path in _OWNERS_IN_UNDO))


def _was_handed(session: Session, review: ActionReview, gone: Person, stays: Person) -> bool:
    named = select(ActionReviewDecision).where(
        ActionReviewDecision.review_id == review.id, _named_in_undo(gone.id)
    )
    decisions = session.scalars(named.execution_options(populate_existing=True)).all()
    for decision in decisions:
        undo = deepcopy(decision.undo)
        for *parts, name in _OWNERS_IN_UNDO:
            state = undo[parts[0]] if parts else undo
            if state.get(name) == gone.id:
                state[name] = stays.id
        decision.undo = undo
    return bool(decisions)


def _was_there(session: Session, review: ActionReview, gone: Person, stays: Person) -> bool:
    """Put the one in the other's place; who was there twice was there once. Whether the other was there at all."""
    row = session.get(ActionReviewPerson, (review.id, gone.id))
    if row is None:
        return False
    if (same := session.get(ActionReviewPerson, (review.id, stays.id))) is None:
        row.person_id = stays.id
    else:
        same.joined_at = min(same.joined_at, row.joined_at)
        session.delete(row)
    session.flush()
    return True


def pointing_at_follow_up(person_id: int) -> dict[Any, Any]:
    """By record: whether it points at this person anywhere, itself or in what belongs to it."""
    was_there = select(ActionReviewPerson.review_id).where(ActionReviewPerson.person_id == person_id)
    decided = select(ActionReviewDecision.review_id).where(
        or_(
            ActionReviewDecision.person_id == person_id,
            ActionReviewDecision.undone_by_id == person_id,
            _named_in_undo(person_id),
        )
    )
    return {
        Action: Action.owner_id == person_id,
        ActionComment: ActionComment.author_id == person_id,
        Verification: Verification.person_id == person_id,
        SavedView: SavedView.person_id == person_id,
        Idea: Idea.added_by_id == person_id,
        NoActionsNeeded: NoActionsNeeded.person_id == person_id,
        ActionReview: or_(
            ActionReview.started_by_id == person_id,
            ActionReview.id.in_(was_there),
            ActionReview.id.in_(decided),
        ),
        Receiver: Receiver.created_by_id == person_id,
    }


FOLLOW_UP_WORDS: Mapping[Any, tuple[str, str]] = {
    Action: ("action", "actions"),
    ActionComment: ("comment", "comments"),
    Verification: ("verification", "verifications"),
    SavedView: ("saved view", "saved views"),
    Idea: ("idea", "ideas"),
    NoActionsNeeded: ("reason why no action is needed", "reasons why no action is needed"),
    ActionReview: ("action review", "action reviews"),
    Receiver: ("receiver of news", "receivers of news"),
}
FOLLOW_UP_MOVES: Mapping[Any, Callable[..., Changes]] = {
    Action: _action,
    ActionComment: _reference("author"),
    Verification: _reference("person"),
    SavedView: _reference("person"),
    Idea: _reference("added_by"),
    NoActionsNeeded: _reference("person"),
    ActionReview: _review,
    Receiver: _reference("created_by"),
}
# How a record's incident is found; the others belong to none.
INCIDENT_OF: Mapping[Any, Callable[[Any], int]] = {
    Action: lambda row: row.incident_id,
    ActionComment: lambda row: row.action.incident_id,
    Verification: lambda row: row.action.incident_id,
    Idea: lambda row: row.incident_id,
    NoActionsNeeded: lambda row: row.incident_id,
}
