"""Adding, changing, promoting and deleting ideas; saying that no action is needed, and taking that back.

Each changed record leaves one history entry under its incident. An action that is added, or brought back, takes
back "no actions needed" by itself, in the same transaction.
"""

from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.operations import check_version
from postmortem.actions.added import when_added
from postmortem.actions.drafts import ActionDraft
from postmortem.actions.models import Action
from postmortem.actions.operations import add_actions
from postmortem.actions.policy import Policy, soaked_on
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Actor, created, record, set_fields
from postmortem.ideas.checks import checked_reason, checked_text
from postmortem.ideas.models import Idea, NoActionsNeeded
from postmortem.ideas.queries import none_needed_after
from postmortem.incidents.models import Incident


def add_idea(session: Session, incident: Incident, text: str, *, by: Person | None, actor: Actor) -> Idea:
    """Write an idea down; no promise yet. Raises Refused (with the field) for a blank text."""
    idea = Idea(incident=incident, text=checked_text(text), added_by=by, created_at=clock.now())
    session.add(idea)
    session.flush()
    changes = created(idea, ("text", "added_by"))
    record(session, "added", idea, actor=actor, changes=changes, incident_id=incident.id)
    return idea


def edit_idea(session: Session, idea: Idea, text: str, *, version: int | None, actor: Actor) -> None:
    """Change an idea's words; one that was deleted meanwhile comes back with them.

    Raises Conflict for a stale version, Refused for a blank text and for an idea that became an action.
    """
    check_version(idea, version)
    if idea.promoted_at is not None:
        raise Refused("This idea became an action meanwhile; change the action.")
    if changes := set_fields(idea, {"text": checked_text(text), "deleted_at": None}):
        record(session, "edited", idea, actor=actor, changes=changes, incident_id=idea.incident_id)


def delete_idea(session: Session, idea: Idea, *, actor: Actor) -> None:
    """Take an idea away; `restore_idea` brings it back. Nothing happens to one already gone."""
    if idea.deleted_at is None:
        idea.deleted_at = clock.now()
        record(session, "deleted", idea, actor=actor, incident_id=idea.incident_id)


def restore_idea(session: Session, idea: Idea, *, actor: Actor) -> None:
    """Bring a deleted idea back as it was."""
    if idea.deleted_at is not None:
        idea.deleted_at = None
        record(session, "brought back", idea, actor=actor, incident_id=idea.incident_id)


def promote(
    session: Session, idea: Idea, draft: ActionDraft, *, reason: str, policy: Policy, actor: Actor
) -> Action:
    """Make an idea an action. `reason` is needed before the soak time is over, and stays in history.

    Raises Refused (with the field) without it, for an idea that is gone or an action already, and as
    `add_actions` does. Of two at once, the slower one gets Conflict or StaleDataError.
    """
    if idea.deleted_at is not None or idea.promoted_at is not None:
        raise Refused("This idea was deleted, or became an action, meanwhile. Reload its incident.")
    changes: dict[str, list[Any]] = {}
    if clock.today() < soaked_on(policy, idea.created_at):
        why = checked_reason(reason, "Say why this cannot wait; one sentence is enough.")
        changes["reason"] = [None, why]
    # The idea is written first: of two at the same moment only one gets past it, and makes an action.
    idea.promoted_at = clock.now()
    session.flush()
    (action,) = add_actions(session, idea.incident, [draft], actor=actor)
    idea.action = action
    changes = {"action": [None, action.reference], **changes}
    record(session, "promoted", idea, actor=actor, changes=changes, incident_id=idea.incident_id)
    return action


def say_none_needed(
    session: Session, incident: Incident, reason: str, *, version: int | None, actor: Person
) -> NoActionsNeeded:
    """Say, or say anew, why no action is needed after this incident; whoever says it stands behind it.

    `version` is None for who saw nothing said yet. Raises Conflict where somebody said, changed or took back
    something meanwhile, Refused (with the field) for a blank reason and where there are actions.
    """
    checked = checked_reason(reason, "Say why none is needed, so that nobody has to ask again.")
    # Whoever is adding an action holds a share of this row: they are waited for, or wait for this.
    session.execute(select(Incident.id).where(Incident.id == incident.id).with_for_update())
    there = select(Action.id).where(Action.incident_id == incident.id, Action.deleted_at.is_(None))
    if session.scalar(select(exists(there))):
        raise Refused(f"{incident.reference} has actions already. Delete them first if none is needed.")
    said = none_needed_after(session, incident.id)
    if (said.version if said else None) != version:
        raise Conflict
    if said is None:
        said = NoActionsNeeded(incident_id=incident.id, reason=checked, person=actor, created_at=clock.now())
        session.add(said)
        session.flush()
        changes = created(said, ("reason", "person"))
        record(session, "said", said, actor=actor, changes=changes, incident_id=incident.id)
    elif changes := set_fields(said, {"reason": checked, "person": actor}):
        said.created_at = clock.now()
        record(session, "edited", said, actor=actor, changes=changes, incident_id=incident.id)
    return said


def take_back_none_needed(session: Session, incident_id: int, *, actor: Actor) -> bool:
    """Take back that no action is needed; says whether anybody had said so."""
    said = none_needed_after(session, incident_id)
    if said is None:
        return False
    gone = session.scalar(
        delete(NoActionsNeeded)
        .where(NoActionsNeeded.id == said.id)
        .returning(NoActionsNeeded.id)
        .execution_options(synchronize_session=False)
    )
    session.expunge(said)
    if gone is None:
        return False
    changes = {"reason": [said.reason, None], "person": [str(said.person), None]}
    record(session, "took back", said, actor=actor, changes=changes, incident_id=incident_id)
    return True


@when_added
def _take_back(session: Session, incident_id: int, actor: Actor) -> None:
    take_back_none_needed(session, incident_id, actor=actor)
