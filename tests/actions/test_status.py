"""Statuses move along sensible ways, and say why not otherwise."""

import pytest

from postmortem.actions.enums import ActionStatus
from postmortem.actions.status import ASK_END_STATE, MOVES, moves_from, why_not

# By hand, from the product's rules.
ALLOWED = {
    *(("proposed", to) for to in ("accepted", "in_progress", "done", "not_doing")),
    *(("accepted", to) for to in ("proposed", "in_progress", "done", "not_doing")),
    *(("in_progress", to) for to in ("accepted", "done", "not_doing")),
    *(("done", to) for to in ("verified", "in_progress")),
    ("verified", "in_progress"),
    *(("not_doing", to) for to in ("proposed", "accepted")),
}


@pytest.mark.parametrize("from_", ActionStatus)
@pytest.mark.parametrize("to", ActionStatus)
def test_each_move_is_allowed_or_explained(from_: ActionStatus, to: ActionStatus) -> None:
    why = why_not(from_, to, has_end_state=True)
    assert (why is None) == (from_ is to or (from_.value, to.value) in ALLOWED)
    assert why is None or why.endswith(".")


def test_taking_an_action_on_asks_how_we_will_know() -> None:
    asked = {
        (from_.value, to.value)
        for from_, moves in MOVES.items()
        for to in moves
        if why_not(from_, to, has_end_state=False) == ASK_END_STATE
    }
    assert asked == {("proposed", "accepted"), ("proposed", "in_progress"), ("not_doing", "accepted")}


def test_a_form_offers_the_present_status_and_what_follows() -> None:
    assert moves_from(ActionStatus.DONE) == (
        ActionStatus.DONE,
        ActionStatus.VERIFIED,
        ActionStatus.IN_PROGRESS,
    )
