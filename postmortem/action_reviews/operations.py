"""Starting, joining, pausing and ending a meeting, and what stays open. Decisions: `operations_decisions`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person, Team
from postmortem.accounts.operations import check_version
from postmortem.action_reviews.enums import ReviewState
from postmortem.action_reviews.models import ActionReview, ActionReviewItem, ActionReviewPerson
from postmortem.action_reviews.reasons import in_order, needs_decision, reason_columns, reasons_of
from postmortem.actions.models import Action
from postmortem.actions.queries_policy import current_policy
from postmortem.actions.rules import counted_for
from postmortem.errors import Refused
from postmortem.history.operations import created, record, set_fields
from postmortem.notifications.enums import Event
from postmortem.notifications.operations import tell
from postmortem.text.markdown import RENDERER_VERSION, render, render_many

# Nobody walks through more in one meeting, and each page of it reads the whole queue.
MOST_ITEMS = 1000
NOTES_MAX = 20_000
LONGEST_MINUTES = 600
LONGEST_QUERY = 1000
RENDER_BATCH = 200


@dataclass(frozen=True, kw_only=True)
class ReviewDraft:
    """What a meeting starts with. `where` are the conditions that `query` stands for."""

    title: str
    query: str = ""
    team: Team | None = None
    planned_minutes: int = 45
    people: tuple[Person, ...] = ()
    where: tuple[ColumnElement[bool], ...] = ()


def start_review(session: Session, draft: ReviewDraft, *, actor: Person) -> ActionReview:
    """Start a meeting and build its queue, once, of what its starter may see.

    Raises Refused where there is nothing to decide, or more than anybody walks through.
    """
    if not draft.title.strip():
        raise Refused("Give the meeting a title, so that its minutes are found again.", field="title")
    if not 1 <= draft.planned_minutes <= LONGEST_MINUTES:
        raise Refused(f"Plan between 1 and {LONGEST_MINUTES} minutes.", field="planned_minutes")
    if len(draft.query) > LONGEST_QUERY:
        # It is kept as it stands in the address, where a letter can be twelve characters.
        raise Refused("What you look for is too long to be kept. Look for fewer words.")
    now = clock.now()
    rows = session.execute(
        select(Action.id, Action.due_on, *reason_columns(current_policy(session), now))
        .where(counted_for(actor), needs_decision(now), *draft.where)
        .limit(MOST_ITEMS + 1)
    ).all()
    if not rows:
        raise Refused(
            "There is nothing to decide here: no action that matches is open or waits to be verified."
        )
    if len(rows) > MOST_ITEMS:
        raise Refused(f"These are more than {MOST_ITEMS:,} actions. Choose a team, or narrow the list first.")
    review = ActionReview(
        title=draft.title.strip(),
        query=draft.query,
        team=draft.team,
        planned_minutes=draft.planned_minutes,
        started_by=actor,
        started_at=now,
    )
    session.add(review)
    session.flush()
    items = [
        {
            "review_id": review.id,
            "action_id": row.id,
            "position": position,
            "reason": reasons[0],
            "reasons_before": [reason.value for reason in reasons],
        }
        for position, (row, reasons) in enumerate(in_order(rows), start=1)
    ]
    session.execute(insert(ActionReviewItem), items)
    _seat(session, review, {person.id for person in draft.people} - {actor.id}, actor, now)
    made = created(review, ("title", "query", "team", "planned_minutes", "started_by", "state"))
    record(session, "started", review, actor=actor, changes=made)
    return review


def come_in(session: Session, review: ActionReview, *, actor: Person) -> bool:
    """Note that this person is there, now. Only the first time stands in history; True for that one."""
    now = clock.now()
    if _note_presence(session, review, actor, now):
        return False
    # Only the dialect in use is imported: PostgreSQL's is a twentieth of the program's start.
    dialect = import_module(f"sqlalchemy.dialects.{session.get_bind().dialect.name}")
    seat = {"review_id": review.id, "person_id": actor.id, "joined_at": now, "last_seen_at": now}
    is_first = session.execute(dialect.insert(ActionReviewPerson).values(seat).on_conflict_do_nothing())
    if not is_first.rowcount:  # type: ignore[attr-defined]
        # Another page of the same person was faster, at this very moment.
        return False
    record(session, "joined", review, actor=actor)
    return True


def pause_review(session: Session, review: ActionReview, *, actor: Person) -> None:
    """Time stops. Nothing happens to one that does not run."""
    review = _held(session, review)
    if review.state is ReviewState.RUNNING:
        review.paused_at = clock.now()
        _move(session, review, ReviewState.PAUSED, "paused", actor)


def resume_review(session: Session, review: ActionReview, *, actor: Person) -> None:
    """Time runs again. Nothing happens to one that is not paused."""
    review = _held(session, review)
    if review.state is ReviewState.PAUSED:
        _count_pause(review, clock.now())
        _move(session, review, ReviewState.RUNNING, "resumed", actor)


def end_review(session: Session, review: ActionReview, *, actor: Person) -> None:
    """End it: how its actions stand now is kept beside how they stood, and the minutes go to who was there."""
    review = _held(session, review)
    if review.state is ReviewState.ENDED:
        return
    now = clock.now()
    _count_pause(review, now)
    review.ended_at = now
    _keep_reasons(session, review, now)
    _move(session, review, ReviewState.ENDED, "ended", actor)
    present = session.scalars(
        select(ActionReviewPerson.person_id).where(ActionReviewPerson.review_id == review.id)
    ).all()
    tell(session, Event.MINUTES, review, actor=actor, to=present)


def save_notes(
    session: Session, review: ActionReview, notes: str, *, version: int | None, actor: Person
) -> None:
    """Write down what stays open. Raises Conflict where somebody else wrote meanwhile."""
    check_version(review, version)
    if len(notes) > NOTES_MAX:
        raise Refused(f"Shorten this to {NOTES_MAX:,} characters.", field="notes")
    if changes := set_fields(review, {"notes": notes}):
        review.notes_html = render(notes).html
        review.rendered_with = RENDERER_VERSION
        record(session, "edited", review, actor=actor, changes=changes)


def render_again(session: Session) -> int:
    """Render anew the open questions that an older renderer made; says how many. Leaves no history."""
    count, last_id = 0, 0
    outdated = select(ActionReview.id, ActionReview.version, ActionReview.notes).where(
        ActionReview.rendered_with != RENDERER_VERSION, ActionReview.notes != ""
    )
    while rows := session.execute(
        outdated.where(ActionReview.id > last_id).order_by(ActionReview.id).limit(RENDER_BATCH)
    ).all():
        for row, rendered in zip(rows, render_many([row.notes for row in rows]), strict=True):
            session.execute(
                update(ActionReview)
                .where(ActionReview.id == row.id, ActionReview.version == row.version)
                .values(notes_html=rendered.html, rendered_with=RENDERER_VERSION)
                .execution_options(synchronize_session=False)
            )
        count, last_id = count + len(rows), rows[-1].id
    return count


def keep_writeup(session: Session, review: ActionReview, writeup_id: int, *, actor: Person) -> None:
    """Remember the write-up that was made of the minutes."""
    changes = set_fields(review, {"writeup_id": writeup_id})
    record(session, "made a write-up of", review, actor=actor, changes=changes)


def hold(session: Session, review_id: int, *, to_end: bool = False) -> ActionReview:
    """The meeting as it stands now, kept so until the transaction ends; decisions do not keep each other out."""
    found = select(ActionReview).where(ActionReview.id == review_id).with_for_update(read=not to_end)
    return session.scalars(found.execution_options(populate_existing=True)).one()


def _held(session: Session, review: ActionReview) -> ActionReview:
    return hold(session, review.id, to_end=True)


def _seat(
    session: Session, review: ActionReview, others: Iterable[int], actor: Person, now: datetime
) -> None:
    seats: list[dict[str, Any]] = [
        {"person_id": person_id, "last_seen_at": None} for person_id in sorted(others)
    ]
    seats.append({"person_id": actor.id, "last_seen_at": now})
    session.execute(
        insert(ActionReviewPerson), [seat | {"review_id": review.id, "joined_at": now} for seat in seats]
    )


def _note_presence(session: Session, review: ActionReview, person: Person, now: datetime) -> bool:
    there = session.execute(
        update(ActionReviewPerson)
        .where(ActionReviewPerson.review_id == review.id, ActionReviewPerson.person_id == person.id)
        .values(last_seen_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(there.rowcount)  # type: ignore[attr-defined]


def _count_pause(review: ActionReview, now: datetime) -> None:
    if review.paused_at is not None:
        review.paused_seconds += max(0, round((now - review.paused_at).total_seconds()))
        review.paused_at = None


def _move(session: Session, review: ActionReview, state: ReviewState, verb: str, actor: Person) -> None:
    record(session, verb, review, actor=actor, changes=set_fields(review, {"state": state}))


def _keep_reasons(session: Session, review: ActionReview, now: datetime) -> None:
    items = select(ActionReviewItem.id, *reason_columns(current_policy(session), now))
    rows = session.execute(
        items.join(Action, Action.id == ActionReviewItem.action_id).where(
            ActionReviewItem.review_id == review.id, Action.deleted_at.is_(None)
        )
    ).all()
    after = [{"id": row.id, "reasons_after": [each.value for each in reasons_of(row)]} for row in rows]
    if after:
        session.execute(update(ActionReviewItem), after)
