"""Adding, changing, deleting and bringing back actions.

Each changed record leaves one history entry under its incident. What people are told of is owed in the same
transaction (see `news`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, inspect, select, update
from sqlalchemy.orm import Session, object_session
from sqlalchemy.orm.attributes import set_committed_value

from postmortem import clock
from postmortem.accounts.models import Person, Team
from postmortem.accounts.operations import check_version
from postmortem.accounts.queries import people_with_emails, teams_with_slugs
from postmortem.actions.added import has_added
from postmortem.actions.checks import check_move, check_reason, checked_action
from postmortem.actions.drafts import ActionDraft
from postmortem.actions.enums import ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.queries_policy import current_policy
from postmortem.actions.verifying import note_verification
from postmortem.errors import Refused
from postmortem.history.operations import Actor, Changes, created, record, set_fields
from postmortem.incidents.models import Incident
from postmortem.notifications.enums import Event
from postmortem.notifications.operations import tell
from postmortem.text.markdown import RENDERER_VERSION, render, render_many

ACTION_FIELDS = (
    "title",
    "description",
    "kind",
    "owner",
    "team",
    "priority",
    "due_on",
    "end_state",
    "status",
    "status_reason",
    "tracker_url",
    "tracker_title",
)
# What whoever watches an action is told of.
TOLD = ("status", "status_reason", "due_on", "owner")
RENDER_BATCH = 200


def add_actions(
    session: Session, incident: Incident, drafts: Sequence[ActionDraft], *, actor: Actor
) -> list[Action]:
    """Add actions to an incident.

    Raises Refused (with the field) for a blank title, an unknown owner or team, a tracker link that is no
    web address, and *not doing* without a reason. A due date in the past is kept: it shows as overdue.
    """
    people = _owners(session, (draft.owner for draft in drafts))
    teams = _teams(session, (draft.team for draft in drafts))
    days = current_policy(session).verification_days
    actions = []
    for draft in drafts:
        values = checked_action({name: getattr(draft, name) for name in ACTION_FIELDS})
        check_reason(values["status"], values["status_reason"])
        values["owner"] = people.get(_email(draft.owner))
        values["team"] = teams.get(draft.team or "")
        actions.append(_made(incident, draft, values, days))
    session.add_all(actions)
    session.flush()
    for action in actions:
        made = created(action, (*ACTION_FIELDS, "came_from"))
        record(session, "added", action, actor=actor, changes=made, incident_id=incident.id)
        if action.owner_id and action.status.is_open:
            tell(session, Event.ASSIGNED, action, actor=actor, to=[action.owner_id])
    if actions:
        has_added(session, incident.id, actor=actor)
    return actions


def edit_action(
    session: Session,
    action: Action,
    values: Mapping[str, Any],
    *,
    version: int | None,
    actor: Actor,
    reason: str = "",
) -> None:
    """Change some of an action's fields; `owner` is an e-mail address, `team` a slug, blank for none.

    `reason` says why in the history entry, where the change is not one of status: that has `status_reason`.

    Raises Conflict for a stale version, Refused as `add_actions` does, and for a status that does not follow from
    the present one. Becoming *verified* with a reason records a verification by the actor: it worked, and that is how
    they know.
    """
    check_version(action, version)
    checked = checked_action(values)
    to = checked.get("status", action.status)
    check_reason(to, checked.get("status_reason", action.status_reason))
    check_move(action.status, to, checked.get("end_state", action.end_state))
    if "owner" in checked:
        checked["owner"] = _owners(session, [checked["owner"]]).get(_email(checked["owner"]))
    if "team" in checked:
        checked["team"] = _teams(session, [checked["team"]]).get(checked["team"] or "")
    changes = change_action(session, action, checked, actor=actor, reason=reason)
    is_verified = "status" in changes and action.status is ActionStatus.VERIFIED
    # Without a word on how, it is somebody's say-so: history has who said it.
    if is_verified and (how := checked.get("status_reason")) and actor.id is not None:
        note_verification(session, action, how=how, has_worked=True, actor=actor)


def change_action(
    session: Session, action: Action, checked: Mapping[str, Any], *, actor: Actor, reason: str = ""
) -> Changes:
    """Set fields that were looked at already (owner and team are rows), record it and tell of it; says what changed.

    All that follows is seen to: re-dating is counted and the first date kept; closing sets `closed_at`, opening
    clears it; *done* schedules the verification, anything else takes the appointment and the question away.
    """
    changes = set_fields(action, checked)
    if not changes:
        return changes
    if "due_on" in changes:
        _count_redating(action)
    if "description" in changes:
        _render(action)
    if "status" in changes:
        changes |= _follow_status(session, action)
    action.touched_at = clock.now()
    told = {name: changes[name] for name in TOLD if name in changes}
    if reason:
        changes["reason"] = ["", reason]
    record(session, "edited", action, actor=actor, changes=changes, incident_id=action.incident_id)
    if "owner" in changes and action.owner is not None:
        tell(session, Event.ASSIGNED, action, actor=actor, to=[action.owner], facts={"reason": reason})
    if set(told) - {"status_reason"}:
        tell(session, Event.WATCHED, action, actor=actor, facts={"changes": told, "reason": reason})
    return changes


def delete_action(session: Session, action: Action, *, actor: Actor) -> None:
    """Take an action off its incident; `restore_action` brings it back. Nothing happens to one already gone."""
    if action.deleted_at is None:
        action.deleted_at = clock.now()
        record(session, "deleted", action, actor=actor, incident_id=action.incident_id)


def restore_action(session: Session, action: Action, *, actor: Actor) -> None:
    """Bring a deleted action back as it was."""
    if action.deleted_at is not None:
        action.deleted_at = None
        record(session, "brought back", action, actor=actor, incident_id=action.incident_id)
        has_added(session, action.incident_id, actor=actor)


def touch(action: Action) -> None:
    """Somebody did something about it just now: it is not stale.

    That is no new version of it: a comment must not come in the way of whoever is changing a field.
    """
    now, session = clock.now(), object_session(action)
    if session is None or not inspect(action).persistent:
        action.touched_at = now
        return
    quietly = update(Action).where(Action.id == action.id).values(touched_at=now)
    session.execute(quietly.execution_options(synchronize_session=False))
    set_committed_value(action, "touched_at", now)


def destroy_actions(session: Session, which: ColumnElement[bool]) -> None:
    """Remove the actions that match for good. Whoever calls records it."""
    session.execute(delete(Action).where(which).execution_options(synchronize_session=False))


def render_again(session: Session) -> int:
    """Render anew what an older renderer made, deleted actions too; says how many. Leaves no history.

    An action that somebody saves meanwhile is left alone: saving renders it.
    """
    count, last_id = 0, 0
    outdated = select(Action.id, Action.version, Action.description).where(
        Action.rendered_with != RENDERER_VERSION
    )
    while rows := session.execute(
        outdated.where(Action.id > last_id).order_by(Action.id).limit(RENDER_BATCH)
    ).all():
        for row, rendered in zip(rows, render_many([row.description for row in rows]), strict=True):
            session.execute(
                update(Action)
                .where(Action.id == row.id, Action.version == row.version)
                .values(description_html=rendered.html, rendered_with=RENDERER_VERSION)
                .execution_options(synchronize_session=False)
            )
        count, last_id = count + len(rows), rows[-1].id
    return count


def _made(
    incident: Incident, draft: ActionDraft, values: Mapping[str, Any], verification_days: int
) -> Action:
    now = clock.now()
    closed_at = None if values["status"].is_open else draft.closed_at or now
    is_done = values["status"] is ActionStatus.DONE
    action = Action(
        incident=incident,
        created_at=draft.created_at or now,
        first_due_on=draft.first_due_on or draft.due_on,
        redated_count=draft.redated_count,
        came_from_id=draft.came_from_id,
        closed_at=closed_at,
        touched_at=closed_at or draft.created_at or now,
        verify_on=closed_at.date() + timedelta(days=verification_days) if closed_at and is_done else None,
        **values,
    )
    _render(action)
    return action


def _follow_status(session: Session, action: Action) -> Changes:
    """What a new status brings with it; says what of it history has to tell."""
    action.closed_at = None if action.status.is_open else action.closed_at or clock.now()
    is_done = action.status is ActionStatus.DONE
    days = current_policy(session).verification_days if is_done else 0
    action.verify_on = clock.today() + timedelta(days=days) if is_done else None
    changes: Changes = {}
    if action.merged_into_id is not None and action.status is not ActionStatus.NOT_DOING:
        changes["merged_into"] = [f"ACT-{action.merged_into_id}", None]
        action.merged_into_id = None
    if action.questioned_by_id is not None:
        # Told as lists: readers miss what they may not see.
        changes["questioned_by"] = [[f"INC-{action.questioned_by_id}"], []]
        action.questioned_by_id = action.questioned_at = None
    return changes


def _count_redating(action: Action) -> None:
    """A new date after the first counts; taking the date away does not, so that giving one again does."""
    if action.due_on is None:
        return
    if action.first_due_on is None:
        action.first_due_on = action.due_on
    else:
        action.redated_count += 1


def _render(action: Action) -> None:
    action.description_html = render(action.description).html
    action.rendered_with = RENDERER_VERSION


def _email(address: str | None) -> str:
    return (address or "").strip().lower()


def _owners(session: Session, addresses: Iterable[str | None]) -> dict[str, Person]:
    emails = sorted({email for address in addresses if (email := _email(address))})
    try:
        return {person.email: person for person in people_with_emails(session, emails)} if emails else {}
    except Refused as refused:
        raise Refused(refused.sentence, field="owner") from refused


def _teams(session: Session, slugs: Iterable[str | None]) -> dict[str, Team]:
    wanted = sorted({slug for slug in slugs if slug})
    try:
        return {team.slug: team for team in teams_with_slugs(session, wanted)} if wanted else {}
    except Refused as refused:
        raise Refused(refused.sentence, field="team") from refused
