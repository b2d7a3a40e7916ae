"""Whether what was done also worked: checking it, and asking again when something like it happens."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from postmortem import clock
from postmortem.accounts.operations import check_version
from postmortem.actions.drafts import ActionDraft
from postmortem.actions.enums import ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.operations import TOLD, add_actions, touch
from postmortem.actions.policy import proposed_due_on
from postmortem.actions.queries_policy import current_policy
from postmortem.actions.verifying import note_verification
from postmortem.errors import Refused
from postmortem.history.operations import Actor, Changes, record, set_fields
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import TIME_NOT_RECORDED, Incident, Relation
from postmortem.notifications.enums import Event
from postmortem.notifications.operations import tell

CHECKED = (ActionStatus.DONE, ActionStatus.VERIFIED)
REOPEN, NEW = "reopen", "new"
NOT_DONE_YET = "Only what is done can be verified. Set it to “Done” first."


def verify(
    session: Session,
    action: Action,
    *,
    how: str,
    has_worked: bool,
    then: str = REOPEN,
    title: str = "",
    due_on: date | None = None,
    version: int | None,
    actor: Actor,
) -> Action | None:
    """Write down how a done action was checked and whether it worked; returns the new action where there is one.

    One that did not work is opened again (`then` is "reopen"), or stays *done* and a new one takes its place
    ("new"): of the same incident, owner and team, under the same title and due by the policy unless `title` or
    `due_on` say otherwise. Either way the question whether it worked is answered. Raises Conflict for a stale
    version, Refused for one that is not done and for a blank `how`.
    """
    check_version(action, version)
    if action.status not in CHECKED:
        raise Refused(NOT_DONE_YET)
    next_action = None
    if not has_worked and then == NEW:
        next_action = _taking_its_place(session, action, title, due_on, actor)
    note_verification(session, action, how=how, has_worked=has_worked, actor=actor, next_action=next_action)
    status = ActionStatus.VERIFIED
    if not has_worked:
        status = ActionStatus.IN_PROGRESS if next_action is None else ActionStatus.DONE
    changes = _answered(action)
    changes |= set_fields(action, {"status": status, "status_reason": how.strip(), "verify_on": None})
    action.closed_at = None if status.is_open else action.closed_at
    touch(action)
    if changes:
        # One whose place is taken is not done a second time by that.
        verb = "edited" if "status" in changes and next_action is None else "checked"
        record(session, verb, action, actor=actor, changes=changes, incident_id=action.incident_id)
    told = {name: changes[name] for name in TOLD if name in changes}
    tell(session, Event.WATCHED, action, actor=actor, facts={"changes": told, "reason": how.strip()})
    return next_action


def related_to(session: Session, incident: Incident) -> set[int]:
    """The incidents that are related to this one, whichever of the two says so."""
    pairs = session.execute(
        select(Relation.incident_id, Relation.other_id).where(
            or_(Relation.incident_id == incident.id, Relation.other_id == incident.id)
        )
    )
    return {number for pair in pairs for number in pair} - {incident.id}


def raise_questions(
    session: Session, incident: Incident, *, actor: Actor, known: Collection[int] = ()
) -> list[Action]:
    """Ask anew whether actions worked, where this incident is related to theirs and came after them, or theirs after.

    Asked of actions that are *done* or *verified* and closed before the other incident happened (or, where nobody
    knows when, was filed). `known` are the incidents that were related before: of them nothing is asked again. Tells
    the owners; returns the actions.
    """
    others = related_to(session, incident) - set(known)
    if not others:
        return []
    asked = []
    for other in session.scalars(select(Incident).where(Incident.id.in_(others)).order_by(Incident.id)):
        if Visibility.DELETED not in (incident.visibility, other.visibility):
            asked += _question(session, other, by=incident, actor=actor)
            asked += _question(session, incident, by=other, actor=actor)
    return asked


def _question(session: Session, incident: Incident, *, by: Incident, actor: Actor) -> list[Action]:
    """Ask it of the incident's actions that were closed before the other one happened."""
    happened_at = by.created_at if by.sort_at == TIME_NOT_RECORDED else by.sort_at
    closed_before = select(Action).where(
        Action.incident_id == incident.id,
        Action.deleted_at.is_(None),
        Action.status.in_(CHECKED),
        Action.closed_at < happened_at,
    )
    actions = session.scalars(
        closed_before.options(joinedload(Action.questioned_by)).order_by(Action.id)
    ).all()
    for action in actions:
        changes: Changes = {"questioned_by": [_shown(action.questioned_by), _shown(by)]}
        changes |= set_fields(action, {"verify_on": clock.today()})
        action.questioned_by, action.questioned_at = by, clock.now()
        record(session, "questioned", action, actor=actor, changes=changes, incident_id=action.incident_id)
        # Which incident it is stays out of the news: not everybody who hears them may see it.
        to = [action.owner_id] if action.owner_id else []
        tell(session, Event.VERIFICATION_DUE, action, actor=actor, to=to, facts={"is_questioned": True})
    return list(actions)


def _answered(action: Action) -> Changes:
    """Take the question away. What is told of it are lists, from which readers miss what they may not see."""
    if action.questioned_by is None:
        return {}
    changes: Changes = {"questioned_by": [_shown(action.questioned_by), []]}
    action.questioned_by = action.questioned_at = None
    return changes


def _shown(incident: Incident | None) -> list[str]:
    return [incident.reference] if incident else []


def _taking_its_place(
    session: Session, action: Action, title: str, due_on: date | None, actor: Actor
) -> Action:
    severity, kind = action.incident.severity, action.kind
    draft = ActionDraft(
        title=title.strip() or action.title,
        kind=kind.value if kind else None,
        priority=action.priority.value if action.priority else None,
        # Somebody who left is not handed anything new.
        owner=action.owner.email if action.owner and action.owner.is_active else None,
        team=action.team.slug if action.team else None,
        due_on=due_on or proposed_due_on(current_policy(session), severity, kind, clock.today()),
        end_state=action.end_state,
        came_from_id=action.id,
    )
    (made,) = add_actions(session, action.incident, [draft], actor=actor)
    return made
