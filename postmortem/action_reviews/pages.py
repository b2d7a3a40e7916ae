"""What one screen of a meeting shows, as ready values. A fixed number of reads, however long the queue is."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.action_reviews import queries, rules
from postmortem.action_reviews.choices import possible
from postmortem.action_reviews.enums import QUEUE_REASON_LABELS, Decision, QueueReason
from postmortem.action_reviews.models import ActionReview, ActionReviewDecision, ActionReviewItem
from postmortem.action_reviews.timing import Clock, clock_of
from postmortem.actions.words import due_words, long_date
from postmortem.history.models import HistoryEntry

STORY_LENGTH = 5
# What of a change is told in one line; the rest says by its verb that something happened.
_TOLD = {"status": "status", "due_on": "due", "owner": "owner", "end_state": "end state", "title": "title"}


@dataclass(frozen=True)
class StoryLine:
    """One change or comment: when, by whom, what."""

    at: datetime
    who: str
    words: str
    is_comment: bool = False


@dataclass(frozen=True)
class Progress:
    """How far the meeting is, of what its reader may see. `reasons` are label, decided, total, first open position."""

    decided: int
    total: int
    reasons: list[tuple[str, int, int, int | None]]

    @property
    def undecided(self) -> int:
        return self.total - self.decided


@dataclass
class Screen:
    """One screen. Without an item everything is decided, or there is nothing that this reader may see."""

    review: ActionReview
    progress: Progress
    clock: Clock
    people: Sequence[Row[Any]]
    last: Row[Any] | None
    is_here: bool
    token: str
    position: int | None = None
    item: ActionReviewItem | None = None
    decision: ActionReviewDecision | None = None
    possible: frozenset[Decision] = frozenset()
    can_decide: bool = False
    story: list[StoryLine] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)


def screen_of(
    session: Session, review: ActionReview, person: Person, *, position: int | None = None, item_id: int = 0
) -> Screen:
    """The screen at a position of this person's queue, of an item, or of the first one that is undecided.

    Raises NotVisible for a position that is not there.
    """
    now = clock.now()
    queue = queries.queue_of(session, review.id, person)
    people = queries.people_of(session, review.id, now)
    progress = progress_of(queue)
    screen = Screen(
        review=review,
        progress=progress,
        clock=clock_of(review, progress.undecided, now),
        people=[each for each in people if each.is_there or each.is_seated],
        last=queries.last_decision_of(session, review.id, person),
        is_here=any(each.id == person.id for each in people),
        token=token_of(review, queue, people),
    )
    if item_id:
        position = position_of(queue, item_id)
    elif position is None:
        position = next_undecided(queue)
    if position is not None:
        number = queue[position - 1].id if 1 <= position <= len(queue) else 0
        _fill(session, screen, number, position, person, now)
    return screen


def progress_of(queue: Sequence[Row[Any]]) -> Progress:
    decided = Counter(row.reason for row in queue if row.is_decided)
    total = Counter(row.reason for row in queue)
    first: dict[QueueReason, int] = {}
    for position, row in enumerate(queue, start=1):
        if not row.is_decided:
            first.setdefault(row.reason, position)
    reasons = [
        (label, decided[reason], total[reason], first.get(reason))
        for reason, label in QUEUE_REASON_LABELS.items()
        if total[reason]
    ]
    return Progress(decided.total(), total.total(), reasons)


def next_undecided(queue: Sequence[Row[Any]], after: int = 0) -> int | None:
    """The position behind `after` that wants a decision, else the first of all; None where nothing does."""
    open_ones = [position for position, row in enumerate(queue, start=1) if not row.is_decided]
    return next((position for position in open_ones if position > after), open_ones[0] if open_ones else None)


def position_of(queue: Sequence[Row[Any]], item_id: int) -> int | None:
    """Where an item stands in this queue; None where it does not."""
    return next((position for position, row in enumerate(queue, start=1) if row.id == item_id), None)


def token_of(review: ActionReview, queue: Sequence[Row[Any]], people: Sequence[Row[Any]]) -> str:
    """Changes with whatever a screen of this reader shows, so that the others' pages know when to look again."""
    seen = [review.version, [each.id for each in people if each.is_there or each.is_seated]]
    seen += [(row.id, row.version, row.action_version) for row in queue]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:24]


def _fill(
    session: Session, screen: Screen, item_id: int, position: int, person: Person, now: datetime
) -> None:
    item = queries.item_with_action(session, screen.review.id, item_id, person)
    action = item.action
    screen.item, screen.position = item, position
    screen.decision = queries.decision_on(session, item.id)
    screen.possible = possible(action)
    screen.can_decide = rules.can_decide(person, action)
    screen.story = _story(session, item)
    days = (now.date() - action.created_at.date()).days
    screen.facts = {
        "age": f"{days:,} day{'' if days == 1 else 's'} old" if days else "Added today",
        "due": long_date(action.due_on) if action.due_on else "",
        "far": due_words(action.due_on, now.date()) if action.due_on else "",
        "verify": long_date(action.verify_on) if action.verify_on else "",
    }


def _story(session: Session, item: ActionReviewItem) -> list[StoryLine]:
    entries, comments = queries.story_of(session, item.action)
    told = [StoryLine(each.at, each.actor_name or "Somebody", _in_words(each)) for each in entries]
    said = [StoryLine(each.created_at, each.author.name, each.text, is_comment=True) for each in comments]
    return sorted([*told, *said], key=lambda line: line.at, reverse=True)[:STORY_LENGTH]


def _in_words(entry: HistoryEntry) -> str:
    """`status proposed → accepted`, else the verb; fields that may speak of other incidents are left out."""
    parts = [
        f"{words} {_value(old)} → {_value(new)}" if old else f"{words} {_value(new)}"
        for name, words in _TOLD.items()
        if entry.verb == "edited" and name in entry.changes
        for old, new in [entry.changes[name]]
    ]
    return ", ".join(parts) or entry.verb


def _value(value: Any) -> str:
    if value in (None, ""):
        return "none"
    try:
        return long_date(date.fromisoformat(str(value)))
    except ValueError:
        return str(value).replace("_", " ")
