"""What stands around an action and is told of it, one row of each table, for tests; committed at once."""

from typing import Any

from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.action_reviews.enums import Decision, QueueReason
from postmortem.action_reviews.models import (
    ActionReview,
    ActionReviewDecision,
    ActionReviewItem,
    ActionReviewPerson,
)
from postmortem.actions.models import Action
from postmortem.actions.models_around import ActionComment, ActionLink, ActionWatch, SavedView, Verification
from postmortem.ideas.models import Idea, NoActionsNeeded
from postmortem.notifications.enums import Event, Pace, ReceiverKind
from postmortem.notifications.models import (
    CalendarLink,
    Digest,
    Follow,
    NewsItem,
    NotificationChoice,
    NotificationSettings,
    Receiver,
    Reminder,
)
from postmortem.notifications.operations import tell
from postmortem.tags.models import Tag


def surround(
    session: Session, action: Action, person: Person, words: str = "words", *, notes: str | None = None
) -> ActionReview:
    """Somebody comments, links, watches, verifies, has an idea, holds an action review; `words` stand in each text.

    `notes` stand in what the action review says beside its decisions.
    """
    notes = words if notes is None else notes
    now = clock.now()
    verification = Verification(
        action_id=action.id, person_id=person.id, verified_at=now, how=words, has_worked=True
    )
    session.add_all(
        [
            ActionComment(action_id=action.id, author_id=person.id, text=words, text_html=words, created_at=now),
            ActionLink(action_id=action.id, url=f"https://e.example/{words}", title=words, created_at=now),
            ActionWatch(action_id=action.id, person_id=person.id, created_at=now),
            verification,
            Idea(
                incident_id=action.incident_id, text=words, added_by_id=person.id, created_at=now,
                action_id=action.id, promoted_at=now,
            ),
            NoActionsNeeded(
                incident_id=action.incident_id, reason=words, person_id=person.id, created_at=now
            ),
            Reminder(action_id=action.id, event="overdue", due_on=clock.today(), step=1, created_at=now),
        ]
    )  # fmt: skip
    review = ActionReview(title=notes, notes=notes, notes_html=notes, started_by_id=person.id, started_at=now)
    session.add(review)
    session.flush()
    item = ActionReviewItem(
        review_id=review.id, action_id=action.id, position=1, reason=QueueReason.OVERDUE, reasons_before=[]
    )
    session.add_all([item, ActionReviewPerson(review_id=review.id, person_id=person.id, joined_at=now)])
    session.flush()
    decided: dict[str, Any] = {
        "review_id": review.id,
        "item_id": item.id,
        "decision": Decision.KEEP,
        "decided_at": now,
        "person_id": person.id,
        "note": words,
        "outcome": words,
        "action_version": 1,
    }
    session.add_all(
        [
            ActionReviewDecision(**decided, undone_at=now, undone_by_id=person.id),
            ActionReviewDecision(**decided),
        ]
    )
    tell(session, Event.WATCHED, action, actor=person, facts={"text": words})
    session.commit()
    return review


def furnish_with_news(session: Session, person: Person, action: Action, words: str = "words") -> None:
    """What somebody wants to be told and what waits for them: a row of every table, and a site's receiver."""
    now = clock.now()
    tag = Tag(name=f"followed-{person.id}")
    own = Receiver(
        kind=ReceiverKind.WEBHOOK, name=words, url=f"https://e.example/{words}", secret=words,
        person_id=person.id, created_by_id=person.id, created_at=now,
    )  # fmt: skip
    session.add_all(
        [
            tag,
            own,
            Receiver(
                kind=ReceiverKind.SLACK, name=f"Of {words}", url="https://chat.example/1",
                switched_off_reason=words, created_by_id=person.id, created_at=now,
            ),
            NotificationSettings(person_id=person.id, digest_at="07:30"),
            Digest(person_id=person.id, pace=Pace.DAILY, day=clock.today(), created_at=now),
            CalendarLink(person_id=person.id, token_hash=f"{person.id:064}", created_at=now),
            SavedView(person_id=person.id, name=words, query=f"owner={person.email}", created_at=now),
            NewsItem(
                delivery_id=f"news-{person.id}", person_id=person.id, pace=Pace.WEEKLY, created_at=now,
                payload={"subject_type": "actions", "subject_id": action.id, "facts": {"text": words}},
            ),
        ]
    )  # fmt: skip
    session.flush()
    session.add_all(
        [
            Follow(person_id=person.id, tag_id=tag.id, created_at=now),
            NotificationChoice(
                person_id=person.id, event="assigned", pace=Pace.AT_ONCE, receiver_id=own.id
            ),
        ]
    )  # fmt: skip
    session.commit()
