"""What each decision does to an action, and says of it without naming people. Through the operations of actions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.operations import check_version
from postmortem.action_reviews.enums import Decision, Worked
from postmortem.action_reviews.models import DID_NOT_WORK
from postmortem.actions import operations
from postmortem.actions.drafts import ActionDraft
from postmortem.actions.enums import ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.models_around import Verification
from postmortem.actions.operations_verification import NEW, REOPEN, verify
from postmortem.actions.words import long_date
from postmortem.errors import Refused
from postmortem.history.operations import record

OUTCOME_MAX = 500


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One decision with the one field that it asks for; `worked` is which button of *verify* it was."""

    decision: Decision
    due_on: date | None = None
    owner: str = ""
    text: str = ""
    worked: Worked = Worked.YES

    @property
    def note(self) -> str:
        """The field as it is kept; whom it was handed to is kept as a person, not as text."""
        return self.due_on.isoformat() if self.due_on else self.text


@dataclass
class Outcome:
    """What came of it: in words, and the rows that taking it back needs."""

    words: str
    new_action: Action | None = None
    verification_id: int | None = None


def carry_out(
    session: Session, action: Action, choice: Choice, *, version: int | None, actor: Person
) -> Outcome:
    """Do it. Raises Refused with the field, Conflict where the action is not at this version any more."""
    return _DOES[choice.decision](session, action, choice, version, actor)


def _keep(session: Session, action: Action, _choice: Choice, version: int | None, actor: Person) -> Outcome:
    check_version(action, version)
    operations.touch(action)
    record(session, "decided to keep", action, actor=actor, incident_id=action.incident_id)
    return Outcome("stays as it is")


def _redate(session: Session, action: Action, choice: Choice, version: int | None, actor: Person) -> Outcome:
    if choice.due_on is None:
        raise Refused("Enter the new day.", field="due_on")
    before = action.due_on
    if before == choice.due_on:
        raise Refused("That is its day already. Keep it, or enter another one.", field="due_on")
    operations.edit_action(session, action, {"due_on": choice.due_on}, version=version, actor=actor)
    return Outcome(f"due {long_date(before) if before else 'on no day'} → {long_date(choice.due_on)}")


def _hand_over(
    session: Session, action: Action, choice: Choice, version: int | None, actor: Person
) -> Outcome:
    if not choice.owner:
        raise Refused("Choose who answers for it from now on.", field="owner")
    before = action.owner_id
    operations.edit_action(session, action, {"owner": choice.owner}, version=version, actor=actor)
    if action.owner is not None and action.owner.id == before:
        raise Refused(f"{action.owner.name} has it already.", field="owner")
    return Outcome("handed over" if before else "has an owner now")


def _start(session: Session, action: Action, choice: Choice, version: int | None, actor: Person) -> Outcome:
    values: dict[str, Any] = {"status": ActionStatus.IN_PROGRESS}
    was_closed = not action.status.is_open
    if choice.text:
        values["end_state"] = choice.text
    _move(session, action, values, version, actor)
    return Outcome("opened again" if was_closed else "started")


def _done(session: Session, action: Action, _choice: Choice, version: int | None, actor: Person) -> Outcome:
    _move(session, action, {"status": ActionStatus.DONE}, version, actor)
    return Outcome("done")


def _verify(session: Session, action: Action, choice: Choice, version: int | None, actor: Person) -> Outcome:
    if not choice.text:
        raise Refused("Say in a few words how you checked.", field="how")
    next_action = verify(
        session,
        action,
        how=choice.text,
        has_worked=choice.worked is Worked.YES,
        then=NEW if choice.worked is Worked.NEW else REOPEN,
        version=version,
        actor=actor,
    )
    session.flush()
    made = session.scalar(select(func.max(Verification.id)).where(Verification.action_id == action.id))
    words = "verified: it worked" if choice.worked is Worked.YES else f"{DID_NOT_WORK}; opened again"
    if next_action is not None:
        words = f"{DID_NOT_WORK}; {next_action.reference} takes its place"
    return Outcome(words, new_action=next_action, verification_id=made)


def _not_doing(
    session: Session, action: Action, choice: Choice, version: int | None, actor: Person
) -> Outcome:
    values = {"status": ActionStatus.NOT_DOING, "status_reason": choice.text}
    _move(session, action, values, version, actor)
    return Outcome("not doing")


def _split(session: Session, action: Action, choice: Choice, version: int | None, actor: Person) -> Outcome:
    check_version(action, version)
    if not choice.text:
        raise Refused("Say what is to be done besides; start with a verb.", field="title")
    draft = ActionDraft(
        title=choice.text,
        kind=action.kind,
        owner=action.owner.email if action.owner and action.owner.is_active else None,
        team=action.team.slug if action.team else None,
        priority=action.priority,
        due_on=action.due_on,
        came_from_id=action.id,
    )
    (part,) = operations.add_actions(session, action.incident, [draft], actor=actor)
    operations.touch(action)
    record(session, "split", action, actor=actor, incident_id=action.incident_id)
    return Outcome(f"{part.reference} {part.title} was split off"[:OUTCOME_MAX], new_action=part)


def _move(
    session: Session, action: Action, values: Mapping[str, Any], version: int | None, actor: Person
) -> None:
    if action.status is values["status"]:
        raise Refused(f"{action.reference} is that already.")
    operations.edit_action(session, action, values, version=version, actor=actor)


_DOES: Mapping[Decision, Callable[[Session, Action, Choice, int | None, Person], Outcome]] = {
    Decision.KEEP: _keep,
    Decision.REDATE: _redate,
    Decision.HAND_OVER: _hand_over,
    Decision.START: _start,
    Decision.DONE: _done,
    Decision.VERIFY: _verify,
    Decision.NOT_DOING: _not_doing,
    Decision.SPLIT: _split,
}
