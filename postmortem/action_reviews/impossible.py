"""Which decisions an action does not allow as it stands, and in a sentence why. Pure."""

from collections.abc import Mapping

from postmortem.action_reviews.enums import Decision
from postmortem.actions.enums import ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.status import why_not as why_not_status

_BEGUN = "Work on this has begun already."
_DONE = "This is done already."
_NO_DATE = "What is done has no date to move. Open it again first."
_NO_PARTS = "Only what is open can be split. Open it again first."
_NOT_DOING = "It was decided not to do this. Set it to “Proposed” or “Accepted” on its own page first."


def why_not(action: Action) -> Mapping[Decision, str]:
    """The decisions that cannot be taken about this action now, each with the reason."""
    status = action.status
    if status is ActionStatus.NOT_DOING:
        return dict.fromkeys(set(Decision) - {Decision.KEEP}, _NOT_DOING)
    if status.is_open:
        begun = {Decision.START: _BEGUN} if status is ActionStatus.IN_PROGRESS else {}
        return {Decision.VERIFY: _of_status(action, ActionStatus.VERIFIED), **begun}
    return {
        Decision.REDATE: _NO_DATE,
        Decision.DONE: _DONE,
        Decision.NOT_DOING: _of_status(action, ActionStatus.NOT_DOING),
        Decision.SPLIT: _NO_PARTS,
    }


def _of_status(action: Action, to: ActionStatus) -> str:
    return why_not_status(action.status, to, bool(action.end_state)) or ""
