"""Handing on what somebody who left has left behind."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from postmortem.accounts.models import Person
from postmortem.actions import conditions, rules
from postmortem.actions.models import Action
from postmortem.actions.operations import edit_action
from postmortem.actions.queries_pile import MOST
from postmortem.errors import Refused
from postmortem.history.operations import Actor


def hand_over(
    session: Session,
    person: Person,
    owner: Person,
    to: str,
    *,
    numbers: Collection[int] | None = None,
    reason: str,
    actor: Actor,
) -> list[Action]:
    """Give open actions of somebody who left to the person with the address `to`, for one reason; returns them.

    `numbers` None is all of them, those due first first and MOST at once. Only what `person` may change is handed
    over, and what is still the owner's. Raises Refused (with the field) without a reason, for nobody, and while the
    owner is here.
    """
    if owner.is_active:
        raise Refused(f"{owner.name} is here, and may hand over their actions themselves.")
    if not reason.strip():
        raise Refused("Say why: it stands in the history of each action.", field="reason")
    if not to.strip():
        raise Refused("Choose who takes them.", field="to")
    if numbers is not None and not numbers:
        raise Refused("Tick the actions to hand over, or hand over all.", field="number")
    mine = select(Action).where(Action.owner_id == owner.id, conditions.is_open(), rules.visible_to(person))
    if numbers is not None:
        mine = mine.where(Action.id.in_(numbers))
    loaded = mine.options(joinedload(Action.incident), joinedload(Action.owner), joinedload(Action.team))
    found = session.scalars(loaded.order_by(Action.sort_key, Action.id).limit(MOST)).all()
    actions = [action for action in found if rules.can_edit(person, action)]
    for action in actions:
        edit_action(session, action, {"owner": to}, version=None, actor=actor, reason=reason.strip())
    return actions
