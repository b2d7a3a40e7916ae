"""Adding, changing, deleting and bringing back actions.

Each changed record leaves one history entry under its incident; who verified an action, and when, is the
history entry in which its status became *verified*.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person, Team
from postmortem.accounts.operations import check_version
from postmortem.accounts.queries import people_with_emails, teams_with_slugs
from postmortem.actions.checks import check_reason, checked_action
from postmortem.actions.drafts import ActionDraft
from postmortem.actions.models import Action
from postmortem.errors import Refused
from postmortem.history.operations import Actor, created, record, set_fields
from postmortem.incidents.models import Incident
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
)
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
    actions = []
    for draft in drafts:
        values = checked_action({name: getattr(draft, name) for name in ACTION_FIELDS})
        check_reason(values["status"], values["status_reason"])
        values["owner"] = people.get(_email(draft.owner))
        values["team"] = teams.get(draft.team or "")
        actions.append(_made(incident, draft, values))
    session.add_all(actions)
    session.flush()
    for action in actions:
        made = created(action, (*ACTION_FIELDS, "came_from"))
        record(session, "added", action, actor=actor, changes=made, incident_id=incident.id)
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

    Counts a new due date as a re-dating and keeps the first one; sets `closed_at` when the action closes and
    clears it when it opens again. Raises Conflict for a stale version, Refused as `add_actions` does.
    """
    check_version(action, version)
    checked = checked_action(values)
    check_reason(checked.get("status", action.status), checked.get("status_reason", action.status_reason))
    if "owner" in checked:
        checked["owner"] = _owners(session, [checked["owner"]]).get(_email(checked["owner"]))
    if "team" in checked:
        checked["team"] = _teams(session, [checked["team"]]).get(checked["team"] or "")
    changes = set_fields(action, checked)
    if not changes:
        return
    if "due_on" in changes:
        _count_redating(action)
    if "description" in changes:
        _render(action)
    if not action.status.is_open:
        action.closed_at = action.closed_at or clock.now()
    else:
        action.closed_at = None
    if reason:
        changes["reason"] = ["", reason]
    record(session, "edited", action, actor=actor, changes=changes, incident_id=action.incident_id)


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


def touch(action: Action) -> None:
    """Somebody did something about it just now: it is not stale."""
    action.touched_at = clock.now()


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


def _made(incident: Incident, draft: ActionDraft, values: Mapping[str, Any]) -> Action:
    now = clock.now()
    action = Action(
        incident=incident,
        created_at=draft.created_at or now,
        first_due_on=draft.first_due_on or draft.due_on,
        redated_count=draft.redated_count,
        came_from_id=draft.came_from_id,
        closed_at=None if values["status"].is_open else draft.closed_at or now,
        **values,
    )
    _render(action)
    return action


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
