"""What is removed with an action or an incident: what stands around it, what points at it, what is told of it.

`_of` are the numbers of the actions that go. Other records that pointed at one keep an entry that says so, by number.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from postmortem.action_reviews.models import ActionReview, ActionReviewDecision, ActionReviewItem
from postmortem.actions.models import Action
from postmortem.actions.models_around import ActionComment, ActionLink, ActionWatch, Verification
from postmortem.attachments.models import Attachment, publication_images
from postmortem.blameless.models import LanguageKeep, NamingChoice, NamingConsent
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import Actor, record
from postmortem.ideas.models import Idea, NoActionsNeeded
from postmortem.notifications.models import NewsItem, Reminder
from postmortem.outbox.models import OutboxMessage
from postmortem.readers.models import (
    Citation,
    OpenQuestion,
    Reaction,
    ReaderAnswer,
    ReaderQuestion,
    ReaderVisit,
)
from postmortem.reviews.models import (
    ChecklistAnswer,
    Review,
    ReviewComment,
    ReviewMeeting,
    ReviewRequest,
    SurveyAnswer,
    review_meeting_guests,
)
from postmortem.writeups.models import Publication, Writeup
from postmortem.writeups.models_around import (
    Autosave,
    DeskVisit,
    EntryOfTheMonth,
    WriteupOldSlug,
    writeup_relations,
)

# Records of their own that go with their action, and what only belongs to it.
_RECORDS: tuple[Any, ...] = (ActionComment, ActionLink, Verification)
_PARTS: tuple[Any, ...] = (ActionWatch, Reminder)
# What belongs to a write-up and goes with it.
_AROUND_WRITEUPS: tuple[Any, ...] = (
    *(Autosave, DeskVisit, WriteupOldSlug, EntryOfTheMonth, LanguageKeep, NamingChoice, NamingConsent),
    *(ReviewRequest, Review, ReviewComment, ChecklistAnswer, ReviewMeeting, SurveyAnswer),
    *(Reaction, ReaderVisit, Citation, ReaderAnswer, ReaderQuestion, OpenQuestion),
)
SPLIT_OFF = "What came of it was destroyed."


def destroy_around_actions(
    session: Session, numbers: Collection[int], *, actor: Actor
) -> ColumnElement[bool]:
    """Remove what hangs on these actions and let go of them elsewhere; returns which history entries go along.

    Call this before the actions themselves go.
    """
    gone = [_entries_of(Action.__tablename__, numbers)]
    for model in _RECORDS:
        ids = session.scalars(select(model.id).where(model.action_id.in_(numbers))).all()
        gone.append(_entries_of(model.__tablename__, ids))
        forget_news(session, model.__tablename__, ids)
    forget_news(session, Action.__tablename__, numbers)
    for name in ("merged_into", "came_from"):
        _let_go(session, Action, name, numbers, "ACT", actor, Action.id.not_in(numbers))
    _let_go(session, Idea, "action", numbers, "ACT", actor)
    _execute(
        session,
        update(Verification).where(Verification.next_action_id.in_(numbers)).values(next_action_id=None),
    )
    _destroy_decisions(session, numbers)
    for model in (*_RECORDS, *_PARTS):
        _execute(session, delete(model).where(model.action_id.in_(numbers)))
    return or_(*gone)


def destroy_around_incident(session: Session, number: int, *, actor: Actor) -> ColumnElement[bool]:
    """The same for an incident: its ideas, the reason why it needs no action, the questions that it raised.

    Call this before its actions go.
    """
    gone = []
    for model in (Idea, NoActionsNeeded):
        ids = session.scalars(select(model.id).where(model.incident_id == number)).all()
        gone.append(_entries_of(model.__tablename__, ids))
        forget_news(session, model.__tablename__, ids)
        _execute(session, delete(model).where(model.incident_id == number))
    elsewhere = select(Action).where(Action.questioned_by_id == number, Action.incident_id != number)
    for action in session.scalars(elsewhere.order_by(Action.id)):
        action.questioned_by_id = action.questioned_at = None
        changes = {"questioned_by": [[f"INC-{number}"], []]}
        record(session, "edited", action, actor=actor, changes=changes, incident_id=action.incident_id)
    session.flush()
    forget_news(session, "incidents", [number])
    return or_(*gone)


def destroy_idea(session: Session, idea: Idea) -> None:
    """Remove one idea; the action that it became, if any, stays."""
    forget_news(session, Idea.__tablename__, [idea.id])
    _execute(session, delete(Idea).where(Idea.id == idea.id))


def destroy_around_writeup(session: Session, writeup: Writeup, *, actor: Actor) -> ColumnElement[bool]:
    """Let go of a write-up that was made of an action review's minutes; what stands around it goes, and its news.

    Returns which history entries go along.
    """
    gone = [_destroy_rows(session, model, model.writeup_id == writeup.id) for model in _AROUND_WRITEUPS]
    either = or_(writeup_relations.c.writeup_id == writeup.id, writeup_relations.c.other_id == writeup.id)
    session.execute(delete(writeup_relations).where(either))
    images = select(Attachment.id).where(Attachment.writeup_id == writeup.id)
    session.execute(delete(publication_images).where(publication_images.c.attachment_id.in_(images)))
    published = select(Publication.id).where(Publication.writeup_id == writeup.id)
    session.execute(delete(publication_images).where(publication_images.c.publication_id.in_(published)))
    gone.append(_destroy_rows(session, Attachment, Attachment.writeup_id == writeup.id))
    for review in session.scalars(select(ActionReview).where(ActionReview.writeup_id == writeup.id)):
        review.writeup_id = None
        record(session, "edited", review, actor=actor, changes={"writeup": [f"write-up {writeup.id}", None]})
    session.flush()
    forget_news(session, Writeup.__tablename__, [writeup.id])
    return or_(*gone)


def _destroy_rows(session: Session, model: Any, which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Remove these rows and forget their news; returns which history entries were about them."""
    ids = session.scalars(select(model.id).where(which)).all() if hasattr(model, "id") else []
    forget_news(session, model.__tablename__, ids)
    if model is ReviewMeeting:
        session.execute(delete(review_meeting_guests).where(review_meeting_guests.c.meeting_id.in_(ids)))
    if model is ReviewComment:
        # Answers point at what they answer.
        _execute(session, update(model).where(which).values(parent_id=None))
    _execute(session, delete(model).where(which))
    return _entries_of(model.__tablename__, ids)


def forget_news(session: Session, subject_type: str, ids: Collection[int]) -> None:
    """Remove what was told of these records and what is owed about them: it quotes them."""
    if not ids:
        return
    for model in (NewsItem, OutboxMessage):
        payload: Any = model.payload
        # A call to a receiver has its news inside.
        about = [
            and_(
                payload[(*where, "subject_type")].as_string() == subject_type,
                payload[(*where, "subject_id")].as_integer().in_(ids),
            )
            for where in ((), ("news",))
        ]
        _execute(session, delete(model).where(or_(*about)))


def _let_go(
    session: Session,
    model: Any,
    name: str,
    numbers: Collection[int],
    prefix: str,
    actor: Actor,
    *which: ColumnElement[bool],
) -> None:
    column = getattr(model, f"{name}_id")
    for row in session.scalars(select(model).where(column.in_(numbers), *which).order_by(model.id)):
        changes = {name: [f"{prefix}-{getattr(row, column.key)}", None]}
        setattr(row, column.key, None)
        record(session, "edited", row, actor=actor, changes=changes, incident_id=row.incident_id)
    session.flush()


def _destroy_decisions(session: Session, numbers: Collection[int]) -> None:
    """Take the actions out of action reviews, past and running; a decision that made one keeps no word of it."""
    items = select(ActionReviewItem.id).where(ActionReviewItem.action_id.in_(numbers))
    _execute(session, delete(ActionReviewDecision).where(ActionReviewDecision.item_id.in_(items)))
    _execute(
        session,
        update(ActionReviewDecision)
        .where(ActionReviewDecision.new_action_id.in_(numbers))
        .values(new_action_id=None, note="", outcome=SPLIT_OFF),
    )
    _execute(session, delete(ActionReviewItem).where(ActionReviewItem.action_id.in_(numbers)))


def _entries_of(table: str, ids: Collection[int]) -> ColumnElement[bool]:
    return and_(HistoryEntry.subject_type == table, HistoryEntry.subject_id.in_(ids))


def _execute(session: Session, statement: Any) -> None:
    session.execute(statement.execution_options(synchronize_session=False))


def of_incident(session: Session, number: int) -> Sequence[int]:
    """The numbers of an incident's actions, deleted ones too."""
    return session.scalars(select(Action.id).where(Action.incident_id == number)).all()
