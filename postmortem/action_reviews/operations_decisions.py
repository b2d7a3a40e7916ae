"""Deciding about one item and taking a decision back. Two decisions on one item never overwrite each other.

Whoever decides first takes the item in one statement that names the version they saw; everybody else finds no such
item and is told what was decided. The action's own version guards against changes outside of the meeting.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.action_reviews.choices import Choice, carry_out
from postmortem.action_reviews.enums import Decision, ReviewState
from postmortem.action_reviews.models import ActionReviewDecision, ActionReviewItem
from postmortem.action_reviews.operations import hold
from postmortem.actions.enums import ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.models_around import Verification
from postmortem.actions.operations import delete_action
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Changes, record, set_fields
from postmortem.incidents.models import Incident

# What a decision may change of an action: told in history by name, and what follows from those.
_TOLD = ("owner_id", "due_on", "status", "status_reason", "end_state", "verify_on", "questioned_by_id")
_FOLLOWING = ("first_due_on", "redated_count", "closed_at", "questioned_at", "touched_at")


def decide(
    session: Session,
    item: ActionReviewItem,
    action: Action,
    choice: Choice,
    *,
    version: int,
    action_version: int,
    actor: Person,
) -> ActionReviewDecision:
    """Decide about an item of a running meeting. Raises Conflict where somebody was faster, Refused as `carry_out`."""
    _check_running(session, item.review_id)
    _take(session, item, version, is_decided=True)
    before = _state_of(action)
    outcome = carry_out(session, action, choice, version=action_version, actor=actor)
    session.flush()
    new_action = outcome.new_action
    decision = ActionReviewDecision(
        review_id=item.review_id,
        item_id=item.id,
        decision=choice.decision,
        person_id=actor.id,
        decided_at=clock.now(),
        outcome=outcome.words,
        note=choice.note,
        undo={
            "before": before,
            "after": _state_of(action),
            "handed_to": action.owner_id if choice.decision is Decision.HAND_OVER else None,
            "verification": outcome.verification_id,
            "worked": choice.worked if outcome.verification_id else None,
            "new_version": new_action.version if new_action else None,
        },
        action_version=action.version,
        new_action_id=new_action.id if new_action else None,
    )
    session.add(decision)
    session.flush()
    return decision


def is_same(held: ActionReviewDecision, choice: Choice, person: Person) -> bool:
    """Whether the decision that holds is this very one of this person, sent a second time."""
    worked = choice.worked if choice.decision is Decision.VERIFY else None
    return (held.person_id, held.decision, held.note, held.undo.get("worked")) == (
        person.id,
        choice.decision,
        choice.note,
        worked,
    )


def take_back(
    session: Session, decision: ActionReviewDecision, item: ActionReviewItem, action: Action, *, actor: Person
) -> None:
    """Put the action back as it was, so that it can be decided anew. Nothing happens to one already taken back.

    Raises Refused where somebody changed the action since: what they did would be lost.
    """
    _check_running(session, item.review_id)
    now = clock.now()
    mine = session.execute(
        update(ActionReviewDecision)
        .where(ActionReviewDecision.id == decision.id, ActionReviewDecision.undone_at.is_(None))
        .values(undone_at=now, undone_by_id=actor.id)
        .execution_options(synchronize_session=False)
    )
    if not mine.rowcount:  # type: ignore[attr-defined]
        return
    _take(session, item, None, is_decided=False)
    if _without_touch(_state_of(action)) != _without_touch(decision.undo["after"]):
        raise Refused(
            f"{action.reference} was changed again after this decision, so it stays as it is. "
            "Its own page shows what happened, and changes it further."
        )
    _take_back_new_action(session, decision, actor)
    _take_back_verification(session, decision, action, actor)
    _put_back(session, action, decision.undo["before"], actor)


def _check_running(session: Session, review_id: int) -> None:
    state = hold(session, review_id).state
    if state is ReviewState.PAUSED:
        raise Refused("The meeting is paused. Resume it, then decide.")
    if state is ReviewState.ENDED:
        raise Refused(
            "The meeting has ended, and its minutes are written. Change the action on its own page."
        )


def _take(session: Session, item: ActionReviewItem, version: int | None, *, is_decided: bool) -> None:
    """Turn the item from open to decided or back, for one only: of two at once the second waits and finds nothing."""
    mine = update(ActionReviewItem).where(
        ActionReviewItem.id == item.id, ActionReviewItem.is_decided.is_(not is_decided)
    )
    if version is not None:
        mine = mine.where(ActionReviewItem.version == version)
    taken = session.execute(
        mine.values(is_decided=is_decided, version=ActionReviewItem.version + 1).execution_options(
            synchronize_session=False
        )
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        raise Conflict


def _take_back_new_action(session: Session, decision: ActionReviewDecision, actor: Person) -> None:
    if decision.new_action_id is None:
        return
    part = session.get_one(Action, decision.new_action_id)
    if part.deleted_at is None and part.version != decision.undo["new_version"]:
        raise Refused(f"Somebody has worked on {part.reference} since it was added, so it stays.")
    delete_action(session, part, actor=actor)


def _take_back_verification(
    session: Session, decision: ActionReviewDecision, action: Action, actor: Person
) -> None:
    number = decision.undo.get("verification")
    found = session.get(Verification, number) if number else None
    if found is not None:
        record(session, "took back", found, actor=actor, incident_id=action.incident_id)
        session.delete(found)


def _put_back(session: Session, action: Action, before: dict[str, Any], actor: Person) -> None:
    owner_id = before["owner_id"]
    values = {
        "owner": session.get(Person, owner_id) if owner_id else None,
        "due_on": _day(before["due_on"]),
        "status": ActionStatus(before["status"]),
        "status_reason": before["status_reason"],
        "end_state": before["end_state"],
        "verify_on": _day(before["verify_on"]),
    }
    changes = set_fields(action, values) | _ask_again(session, action, before["questioned_by_id"])
    for name in _FOLLOWING:
        setattr(action, name, _following(name, before[name]))
    record(
        session,
        "took back a decision on",
        action,
        actor=actor,
        changes=changes,
        incident_id=action.incident_id,
    )


def _ask_again(session: Session, action: Action, incident_id: int | None) -> Changes:
    """Put the question back that an incident raised; told as a list, from which readers miss what they may not see."""
    if action.questioned_by_id == incident_id:
        return {}
    asked, asks = action.questioned_by, session.get(Incident, incident_id) if incident_id else None
    action.questioned_by = asks
    return {"questioned_by": [[each.reference] if each else [] for each in (asked, asks)]}


def _state_of(action: Action) -> dict[str, Any]:
    """What a decision may change, as plain values; owner and the like by id, as they are flushed."""
    return {name: _plain(getattr(action, name)) for name in (*_TOLD, *_FOLLOWING)}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, ActionStatus) else value


def _following(name: str, value: Any) -> Any:
    if name.endswith("_at"):
        return datetime.fromisoformat(value) if value else None
    return _day(value) if name.endswith("_on") else value


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _without_touch(state: dict[str, Any]) -> dict[str, Any]:
    """A comment is no change: it only touches the action."""
    return {name: value for name, value in state.items() if name != "touched_at"}
