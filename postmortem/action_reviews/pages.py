"""What one screen of a meeting shows, as ready values. A fixed number of reads, however long the queue is."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.action_reviews import queries, rules
from postmortem.action_reviews.enums import QUEUE_REASON_LABELS, Decision, QueueReason
from postmortem.action_reviews.impossible import why_not
from postmortem.action_reviews.models import ActionReview, ActionReviewDecision, ActionReviewItem
from postmortem.action_reviews.story import StoryLine, story_lines
from postmortem.action_reviews.timing import Clock, clock_of
from postmortem.actions.enums import ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.queries_around import Question, question_about
from postmortem.actions.words import due_words, long_date


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
    """One screen. Without an item everything is decided, or there is nothing that this reader may see.

    `people` are in the room now, `others` all who were ever said to be, but the reader: they get the minutes.
    `impossible` are the decisions that the action does not allow as it stands, each with the reason. `question` is
    what a related incident raised.
    """

    review: ActionReview
    progress: Progress
    clock: Clock
    people: Sequence[Row[Any]]
    others: Sequence[str]
    last: Row[Any] | None
    is_here: bool
    token: str
    position: int | None = None
    item: ActionReviewItem | None = None
    decision: ActionReviewDecision | None = None
    impossible: Mapping[Decision, str] = field(default_factory=dict)
    can_decide: bool = False
    question: Question | None = None
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
        others=[each.name for each in people if each.id != person.id],
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
    screen.impossible = why_not(action)
    screen.can_decide = rules.can_decide(person, action)
    screen.story = story_lines(session, person, action)
    screen.question = question_about(session, person, action)
    days = (now.date() - action.created_at.date()).days
    screen.facts = {
        "age": f"{days:,} day{'' if days == 1 else 's'} old" if days else "Added today",
        "due": long_date(action.due_on) if action.due_on else "",
        "far": due_words(action.due_on, now.date()) if action.due_on else "",
        "check": _check_words(action, now),
    }


def _check_words(action: Action, now: datetime) -> str:
    """Since when an action is done and to be verified; blank for every other status."""
    if action.status is not ActionStatus.DONE or action.closed_at is None:
        return ""
    done = f"Done on {long_date(action.closed_at.date())}"
    if action.verify_on is None:
        return f"{done}."
    when = "since" if action.verify_on <= now.date() else "from"
    return f"{done}, to be verified {when} {long_date(action.verify_on)}."
