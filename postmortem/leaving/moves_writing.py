"""What a merge moves of writing: images, names chosen, requests, verdicts, comments, checklists, meetings."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.attachments.models import Attachment
from postmortem.blameless.models import NamingChoice, NamingConsent
from postmortem.history.operations import Changes
from postmortem.readers.models import Citation, OpenQuestion, ReaderAnswer, ReaderQuestion
from postmortem.reviews.models import ChecklistAnswer, Review, ReviewComment, ReviewMeeting, ReviewRequest
from postmortem.writeups.models_around import Autosave, DeskVisit, EntryOfTheMonth, FeedLink

# By record: the columns that point at a person, without `_id`.
_COLUMNS: Mapping[Any, tuple[str, ...]] = {
    Attachment: ("uploaded_by",),
    NamingChoice: ("person", "chosen_by"),
    EntryOfTheMonth: ("chosen_by",),
    ReviewRequest: ("person", "requested_by"),
    Review: ("person",),
    ReviewComment: ("author", "resolved_by"),
    ChecklistAnswer: ("answered_by",),
    Citation: ("added_by",),
    ReaderQuestion: ("asked_by",),
    ReaderAnswer: ("author",),
    OpenQuestion: ("settled_by",),
}


def end_what_they_type(session: Session, *person_ids: int) -> None:
    """Remove what these people typed and did not save, that they have a desk open, and their addresses of feeds."""
    for model in (Autosave, DeskVisit, FeedLink):
        session.execute(delete(model).where(model.person_id.in_(person_ids)))


def pointing_at_writing(person_id: int) -> dict[Any, Any]:
    """By record: whether it points at this person anywhere."""
    found: dict[Any, Any] = {
        model: or_(*(getattr(model, f"{name}_id") == person_id for name in names))
        for model, names in _COLUMNS.items()
    }
    invited = ReviewMeeting.guests.any(Person.id == person_id)
    return {
        **found,
        NamingConsent: NamingConsent.person_id == person_id,
        ReviewMeeting: or_(ReviewMeeting.planned_by_id == person_id, invited),
    }


def _columns(names: tuple[str, ...]) -> Callable[..., Changes]:
    def move(_session: Session, row: Any, gone: Person, stays: Person) -> Changes:
        moved = [name for name in names if getattr(row, f"{name}_id") == gone.id]
        for name in moved:
            setattr(row, f"{name}_id", stays.id)
        return {name: [gone.email, stays.email] for name in moved}

    return move


def _consent(session: Session, consent: NamingConsent, gone: Person, stays: Person) -> Changes:
    """Who stays has decided for themselves where they did; agreeing holds only where both agreed."""
    other = session.scalar(
        select(NamingConsent).where(
            NamingConsent.writeup_id == consent.writeup_id, NamingConsent.person_id == stays.id
        )
    )
    if other is None:
        consent.person_id = stays.id
    else:
        other.is_agreed = other.is_agreed and consent.is_agreed
        session.delete(consent)
    session.flush()
    return {"person": [gone.email, stays.email]}


def _meeting(_session: Session, meeting: ReviewMeeting, gone: Person, stays: Person) -> Changes:
    changes: Changes = {}
    if meeting.planned_by_id == gone.id:
        meeting.planned_by_id = stays.id
        changes["planned_by"] = [gone.email, stays.email]
    if gone in meeting.guests:
        before = [each.email for each in meeting.guests]
        others = [each for each in meeting.guests if each not in (gone, stays)]
        meeting.guests = sorted([*others, stays], key=lambda each: each.name)
        changes["guests"] = [before, [each.email for each in meeting.guests]]
    return changes


WRITING_WORDS: Mapping[Any, tuple[str, str]] = {
    Attachment: ("image", "images"),
    NamingChoice: ("choice about a name", "choices about names"),
    NamingConsent: ("answer whether to be named", "answers whether to be named"),
    EntryOfTheMonth: ("entry of the month", "entries of the month"),
    ReviewRequest: ("review request", "review requests"),
    Review: ("review", "reviews"),
    ReviewComment: ("comment of a review", "comments of reviews"),
    ChecklistAnswer: ("answer of a checklist", "answers of checklists"),
    ReviewMeeting: ("review meeting", "review meetings"),
    Citation: ("citation", "citations"),
    ReaderQuestion: ("question of a reader", "questions of readers"),
    ReaderAnswer: ("answer to a reader", "answers to readers"),
    OpenQuestion: ("open question", "open questions"),
}
WRITING_MOVES: Mapping[Any, Callable[..., Changes]] = {
    **{model: _columns(names) for model, names in _COLUMNS.items()},
    NamingConsent: _consent,
    ReviewMeeting: _meeting,
}
