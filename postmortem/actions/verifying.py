"""The one way in which it is written down whether an action worked."""

from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.actions.models import Action
from postmortem.actions.models_around import Verification
from postmortem.errors import Refused
from postmortem.history.operations import Actor, created, record

MAX_HOW = 500
ASK_HOW = "Say how you checked: what you looked at, or what you tried."
_TOLD = ("action", "person", "how", "has_worked", "next_action")


def note_verification(
    session: Session,
    action: Action,
    *,
    how: str,
    has_worked: bool,
    actor: Actor,
    next_action: Action | None = None,
) -> Verification:
    """Add the record of a check to an action, with its history entry; the action itself stays as it is.

    Raises Refused where nothing is said of how it was checked, and where nobody did it.
    """
    how = how.strip()
    if not how or len(how) > MAX_HOW:
        raise Refused(ASK_HOW if not how else f"Shorten this to {MAX_HOW} characters.", field="how")
    if actor.id is None:
        raise Refused("Only somebody who looked can say whether it worked.")
    verification = Verification(
        action=action,
        person_id=actor.id,
        verified_at=clock.now(),
        how=how,
        has_worked=has_worked,
        next_action=next_action,
    )
    session.add(verification)
    session.flush()
    made = created(verification, _TOLD)
    record(session, "added", verification, actor=actor, changes=made, incident_id=action.incident_id)
    return verification
