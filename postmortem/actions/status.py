"""Along which ways an action's status moves, and in words why not otherwise. Pure."""

from collections.abc import Mapping

from postmortem.actions.enums import ActionStatus

_PROPOSED, _ACCEPTED, _IN_PROGRESS = ActionStatus.PROPOSED, ActionStatus.ACCEPTED, ActionStatus.IN_PROGRESS
_DONE, _VERIFIED, _NOT_DOING = ActionStatus.DONE, ActionStatus.VERIFIED, ActionStatus.NOT_DOING

MOVES: Mapping[ActionStatus, tuple[ActionStatus, ...]] = {
    _PROPOSED: (_ACCEPTED, _IN_PROGRESS, _DONE, _NOT_DOING),
    _ACCEPTED: (_PROPOSED, _IN_PROGRESS, _DONE, _NOT_DOING),
    _IN_PROGRESS: (_ACCEPTED, _DONE, _NOT_DOING),
    _DONE: (_VERIFIED, _IN_PROGRESS),
    _VERIFIED: (_IN_PROGRESS,),
    _NOT_DOING: (_PROPOSED, _ACCEPTED),
}
# Taking something on is where it has to be said what would count as done.
_TAKEN_ON_FROM = (_PROPOSED, _NOT_DOING)
_TAKEN_ON_AS = (_ACCEPTED, _IN_PROGRESS)

_ONLY_DONE = "Only what is done can be verified. Set it to “Done” first."
_SENTENCES: Mapping[ActionStatus, str] = {
    _PROPOSED: _ONLY_DONE,
    _ACCEPTED: _ONLY_DONE,
    _IN_PROGRESS: "Work on this has begun. It can go back to “Accepted”, or become “Done” or “Not doing”.",
    _DONE: "This is done. It can be verified, or go back to “In progress” if it turned out that it is not.",
    _VERIFIED: "This was verified. If it needs more after all, set it to “In progress”.",
    _NOT_DOING: "It was decided not to do this. Set it to “Proposed” or “Accepted” first.",
}
ASK_END_STATE = "Say first how we will know that it is done: something that anybody can check."


def why_not(from_: ActionStatus, to: ActionStatus, has_end_state: bool) -> str | None:
    """Why this status does not follow from that one, as a sentence; None where it does."""
    if from_ is to:
        return None
    if to not in MOVES[from_]:
        return _ONLY_DONE if to is _VERIFIED else _SENTENCES[from_]
    return ASK_END_STATE if needs_end_state(from_, to) and not has_end_state else None


def needs_end_state(from_: ActionStatus, to: ActionStatus) -> bool:
    """Whether this move takes the action on, so that its end state must be said."""
    return from_ in _TAKEN_ON_FROM and to in _TAKEN_ON_AS


def moves_from(status: ActionStatus) -> tuple[ActionStatus, ...]:
    """The statuses that a form may offer: the present one and all that follow from it."""
    return (status, *MOVES[status])
