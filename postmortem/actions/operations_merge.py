"""Two actions that are one: what was said and who watches goes to the one that stays; and the way back."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.operations import check_version
from postmortem.actions.enums import ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.models_around import ActionComment, ActionLink, ActionWatch
from postmortem.actions.operations import TOLD, touch
from postmortem.errors import Refused
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import Actor, Changes, record, set_fields
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident
from postmortem.notifications.enums import Event
from postmortem.notifications.operations import tell

MERGED, UNMERGED = "merged", "unmerged"
_FIELDS = ("status", "status_reason", "verify_on")


def merge_action(
    session: Session, action: Action, into: Action, *, version: int | None, actor: Actor
) -> None:
    """Say that an action is the same as another, which stays: this one becomes *not doing* and leads there.

    Comments, links and watches move to the one that stays. Raises Conflict for a stale version, Refused (`into`) for
    merging into itself or into one that was merged away, and for two that not the same people see.
    """
    _hold(session, action, into)
    check_version(action, version)
    _check(action, into)
    changes = set_fields(
        action,
        {
            "status": ActionStatus.NOT_DOING,
            "status_reason": f"Duplicate of {into.reference}",
            "verify_on": None,
            "merged_into": into,
        },
    )
    if action.questioned_by is not None:
        changes["questioned_by"] = [[action.questioned_by.reference], []]
        action.questioned_by = action.questioned_at = None
    action.closed_at = action.closed_at or clock.now()
    touch(action)
    touch(into)
    session.flush()
    _move_comments(session, action, into, actor)
    _move_links(session, action, into, actor)
    watchers = _move_watches(session, action, into)
    record(session, MERGED, action, actor=actor, changes=changes, incident_id=action.incident_id)
    told = {name: changes[name] for name in TOLD if name in changes}
    tell(session, Event.WATCHED, action, actor=actor, to=watchers, facts={"changes": told, "reason": ""})


def unmerge_action(session: Session, action: Action, *, actor: Actor) -> None:
    """Take a merging back: the status is what it was before, and what was asked of it is asked again. What moved
    stays where it went.

    Nothing happens to one that was not merged.
    """
    if action.merged_into is None:
        return
    values: dict[str, Any] = {"merged_into": None}
    if action.status is ActionStatus.NOT_DOING:
        values |= _before(session, action)
    changes = set_fields(action, values)
    action.closed_at = None if action.status.is_open else action.closed_at
    if "status" in values and not action.status.is_open:
        changes |= _ask_again(session, action)
    touch(action)
    record(session, UNMERGED, action, actor=actor, changes=changes, incident_id=action.incident_id)


def _hold(session: Session, *actions: Action) -> None:
    """Read them as they stand now, kept so until the transaction ends: of two that are merged into each other at once,
    or on into a third one, the second merging waits and finds what the first one did.
    """
    numbers = sorted({action.id for action in actions})
    # In this order by everybody, so that nobody waits for who waits for them.
    held = select(Action).where(Action.id.in_(numbers)).order_by(Action.id).with_for_update()
    session.scalars(held.execution_options(populate_existing=True)).all()
    if any(action.deleted_at is not None for action in actions):
        raise Refused("One of the two was deleted meanwhile. Bring it back first.", field="into")


def _check(action: Action, into: Action) -> None:
    if into.id == action.id:
        raise Refused(f"This is {action.reference} itself. Enter the number of the other one.", field="into")
    if action.merged_into_id is not None:
        raise Refused(f"{action.reference} is merged into another one already. Unmerge it first.")
    if into.merged_into_id is not None:
        raise Refused(
            f"{into.reference} was merged into another one itself. Enter the one that stays.", field="into"
        )
    is_closed = Visibility.RESTRICTED in (action.incident.visibility, into.incident.visibility)
    if is_closed and action.incident_id != into.incident_id:
        # What was said of one would be read by people who may not see its incident, or be lost to who could read it.
        raise Refused(
            "One of the two belongs to a restricted incident. Only actions of that same incident can be merged with it.",
            field="into",
        )


def _move_comments(session: Session, action: Action, into: Action, actor: Actor) -> None:
    mine = select(ActionComment).where(ActionComment.action_id == action.id).order_by(ActionComment.id)
    for comment in session.scalars(mine).all():
        comment.action_id = into.id
        _record_move(session, comment, action, into, actor)
    session.flush()


def _move_links(session: Session, action: Action, into: Action, actor: Actor) -> None:
    """A link that the other one has already stays where it is."""
    known = set(session.scalars(select(ActionLink.url).where(ActionLink.action_id == into.id)))
    mine = select(ActionLink).where(ActionLink.action_id == action.id).order_by(ActionLink.id)
    for link in session.scalars(mine).all():
        if link.url not in known:
            link.action_id = into.id
            _record_move(session, link, action, into, actor)
    session.flush()


def _record_move(
    session: Session, row: ActionComment | ActionLink, action: Action, into: Action, actor: Actor
) -> None:
    changes = {"action": [action.reference, into.reference]}
    record(session, "moved", row, actor=actor, changes=changes, incident_id=into.incident_id)


def _move_watches(session: Session, action: Action, into: Action) -> list[int]:
    """Returns who watched: they are told, though they watch the other one by then."""
    there = set(session.scalars(select(ActionWatch.person_id).where(ActionWatch.action_id == into.id)))
    watches = session.scalars(select(ActionWatch).where(ActionWatch.action_id == action.id)).all()
    for watch in watches:
        session.delete(watch)
        if watch.person_id not in there:
            session.add(
                ActionWatch(action_id=into.id, person_id=watch.person_id, created_at=watch.created_at)
            )
    session.flush()
    return [watch.person_id for watch in watches]


def _before(session: Session, action: Action) -> dict[str, Any]:
    """What the merging changed, as it was; where nobody can tell any more, *proposed*."""
    changed = _merging(session, action)
    if not changed:
        return {"status": ActionStatus.PROPOSED, "status_reason": ""}
    before = {name: change[0] for name, change in changed.items() if name in _FIELDS}
    if "status" in before:
        before["status"] = ActionStatus(before["status"])
    if before.get("verify_on"):
        before["verify_on"] = date.fromisoformat(before["verify_on"])
    return before


def _ask_again(session: Session, action: Action) -> Changes:
    """Raise the question again that the merging took away, where the incident that raised it is still there."""
    asked_by: Sequence[str] = _merging(session, action).get("questioned_by", ([],))[0]
    number = int(asked_by[0].removeprefix("INC-")) if asked_by else 0
    incident = session.get(Incident, number) if number else None
    if incident is None or incident.visibility is Visibility.DELETED:
        return {}
    action.questioned_by, action.questioned_at = incident, clock.now()
    return {"questioned_by": [[], [incident.reference]]}


def _merging(session: Session, action: Action) -> Changes:
    """What the newest merging changed; empty where nobody can tell any more."""
    entry = session.scalars(
        select(HistoryEntry)
        .where(
            HistoryEntry.subject_type == Action.__tablename__,
            HistoryEntry.subject_id == action.id,
            HistoryEntry.verb == MERGED,
        )
        .order_by(HistoryEntry.id.desc())
    ).first()
    return entry.changes if entry is not None else {}
