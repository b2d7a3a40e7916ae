"""One change of many actions, for one reason: each leaves its own history entry, and each its own answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts.models import Person
from postmortem.actions import rules
from postmortem.actions.models import Action
from postmortem.actions.operations import edit_action
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Actor

MOST = 200
NOT_THERE = "It is not there any more."
OVERTAKEN = "Somebody changed it since this list was made. Look at it before you change it."
MAY_NOT = "Only contributors and the action’s owner may change it."


@dataclass(frozen=True)
class Ticked:
    """A row as its sender saw it: the action's number, and which version of it."""

    number: int
    version: int


@dataclass(frozen=True)
class Unchanged:
    """An action that is as it was, and why. `title` is blank for one that is not there for this person."""

    number: int
    title: str
    why: str


@dataclass
class Outcome:
    """What became of the ticked ones. `was_so` are those that needed no change."""

    changed: list[Action] = field(default_factory=list)
    was_so: int = 0
    refused: list[Unchanged] = field(default_factory=list)


def change_many(
    session: Session,
    person: Person,
    ticked: Sequence[Ticked],
    values: Mapping[str, Any],
    *,
    reason: str,
    actor: Actor,
) -> Outcome:
    """Change each of these actions as `edit_action` does, those that cannot be changed left as they are.

    `values` names one of `due_on`, `owner` (an e-mail address) and `status`. Raises Refused for none, for more than
    MOST, and without a reason.
    """
    if not ticked:
        raise Refused("Tick the actions to change.", field="row")
    if len(ticked) > MOST:
        raise Refused(f"Tick at most {MOST} actions at once.", field="row")
    if not reason:
        raise Refused("Say why: it stands in the history of each of them.", field="reason")
    by_number = _visible(session, person, [each.number for each in ticked])
    # A change of status has a field of its own for the reason.
    if "status" in values:
        values, why = {**values, "status_reason": reason}, ""
    else:
        why = reason
    outcome = Outcome()
    for each in sorted(ticked, key=lambda each: each.number):
        action = by_number.get(each.number)
        if action is None:
            outcome.refused.append(Unchanged(each.number, "", NOT_THERE))
        elif _is_so(action, values):
            outcome.was_so += 1
        elif refusal := _change(session, person, action, each.version, values, why, actor):
            outcome.refused.append(Unchanged(each.number, action.title, refusal))
        else:
            outcome.changed.append(action)
    return outcome


def _change(
    session: Session,
    person: Person,
    action: Action,
    version: int,
    values: Mapping[str, Any],
    reason: str,
    actor: Actor,
) -> str:
    """Change one; says why not, where it could not be, and then nothing of it is kept."""
    if not rules.can_edit(person, action):
        return MAY_NOT
    try:
        with session.begin_nested():
            edit_action(session, action, values, version=version, actor=actor, reason=reason)
    except Refused as refused:
        return refused.sentence
    except (Conflict, StaleDataError):
        return OVERTAKEN
    return ""


def _visible(session: Session, person: Person, numbers: Sequence[int]) -> dict[int, Action]:
    found = session.scalars(
        select(Action)
        .where(Action.id.in_(numbers), rules.visible_to(person))
        .options(joinedload(Action.incident), joinedload(Action.owner), joinedload(Action.team))
        .execution_options(populate_existing=True)
    )
    return {action.id: action for action in found}


def _is_so(action: Action, values: Mapping[str, Any]) -> bool:
    """Whether there is nothing to change: sent twice, or somebody did the very same."""
    if "owner" in values:
        return action.owner is not None and action.owner.email == values["owner"]
    name = "status" if "status" in values else "due_on"
    return bool(getattr(action, name) == values[name])
