"""Handing on what somebody who left has left behind."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from postmortem.accounts.models import Person
from postmortem.actions import conditions, rules
from postmortem.actions.models import Action
from postmortem.actions.operations import edit_action
from postmortem.actions.operations_bulk import Ticked
from postmortem.actions.queries_pile import MOST
from postmortem.errors import Refused
from postmortem.history.operations import Actor


def hand_over(
    session: Session,
    person: Person,
    owner: Person,
    to: str,
    *,
    ticked: Sequence[Ticked] | None = None,
    reason: str,
    actor: Actor,
) -> list[Action]:
    """Give open actions of somebody who left to the person with the address `to`, for one reason; returns them.

    `ticked` None is all of them, those due first first and MOST at once. Only what `person` may change is handed
    over, and what is still the owner's. Raises Refused (with the field) without a reason, for nobody, while the
    owner is here, and where one of the ticked ones was handed over or changed since it was seen: then none is.
    """
    if owner.is_active:
        raise Refused(f"{owner.name} is here, and may hand over their actions themselves.")
    if not reason.strip():
        raise Refused("Say why: it stands in the history of each action.", field="reason")
    if not to.strip():
        raise Refused("Choose who takes them.", field="to")
    if ticked is not None and not ticked:
        raise Refused("Tick the actions to hand over, or hand over all.", field="number")
    mine = select(Action).where(Action.owner_id == owner.id, conditions.is_open(), rules.visible_to(person))
    if ticked is not None:
        mine = mine.where(Action.id.in_([each.number for each in ticked]))
    loaded = mine.options(joinedload(Action.incident), joinedload(Action.owner), joinedload(Action.team))
    found = session.scalars(loaded.order_by(Action.sort_key, Action.id).limit(MOST)).all()
    actions = [action for action in found if rules.can_edit(person, action)]
    if ticked is not None:
        _check_seen(actions, ticked)
    for action in actions:
        version = action.version
        edit_action(session, action, {"owner": to}, version=version, actor=actor, reason=reason.strip())
    return actions


def _check_seen(actions: Iterable[Action], ticked: Sequence[Ticked]) -> None:
    """Raise Refused unless each of the ticked ones is there as it was seen."""
    versions = {action.id: action.version for action in actions}
    if overtaken := [each for each in ticked if versions.get(each.number) != each.version]:
        is_one = len(overtaken) == 1
        named = ", ".join(f"ACT-{each.number}" for each in overtaken)
        raise Refused(
            f"Somebody changed {named} or handed {'it' if is_one else 'them'} over since you saw this page. Nothing "
            f"is handed over yet: {'it is' if is_one else 'they are'} not ticked any more, so look again, then send.",
            field="number",
        )
