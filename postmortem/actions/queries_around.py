"""What an action's page shows beside its fields: checks of whether it worked, open questions, other actions."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions.enums import ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.models_around import Verification
from postmortem.actions.rules import visible_to
from postmortem.incidents import rules as incidents_rules
from postmortem.incidents.enums import RelationKind
from postmortem.incidents.models import Incident, Relation

_SAID = {
    RelationKind.DUPLICATE_OF: "is said to be the same incident",
    RelationKind.SAME_CAUSE_AS: "is said to have the same cause",
    RelationKind.RELATED_TO: "is said to be related",
}


@dataclass(frozen=True)
class Question:
    """A related incident makes one ask whether the action worked; `incident` is None where the reader may not see it."""

    incident: Incident | None
    said: str


@dataclass(frozen=True)
class Around:
    """`merged_into`, `came_from` and `others` are what the reader may see of them."""

    question: Question | None
    verifications: Sequence[Verification]
    merged_into: Action | None
    came_from: Action | None
    duplicates: Sequence[Action]
    followers: Sequence[Action]
    can_be_verified: bool
    is_check_due: bool


def around(session: Session, person: Person | None, action: Action) -> Around:
    """All of it for this reader; as many statements however much there is."""
    named = select(Action).where(
        or_(
            Action.id.in_([number for number in (action.merged_into_id, action.came_from_id) if number]),
            Action.merged_into_id == action.id,
            Action.came_from_id == action.id,
        ),
        visible_to(person),
    )
    others = {other.id: other for other in session.scalars(named.order_by(Action.id))}
    return Around(
        question=question_about(session, person, action),
        verifications=verifications_of(session, action),
        merged_into=others.get(action.merged_into_id or 0),
        came_from=others.get(action.came_from_id or 0),
        duplicates=[other for other in others.values() if other.merged_into_id == action.id],
        followers=[other for other in others.values() if other.came_from_id == action.id],
        can_be_verified=action.status is ActionStatus.DONE or action.questioned_by_id is not None,
        is_check_due=action.verify_on is not None and action.verify_on <= clock.today(),
    )


def verifications_of(session: Session, action: Action) -> Sequence[Verification]:
    """The records of an action's checks, newest first, with who checked and what took its place."""
    return session.scalars(
        select(Verification)
        .where(Verification.action_id == action.id)
        .options(joinedload(Verification.person), joinedload(Verification.next_action))
        .order_by(Verification.id.desc())
    ).all()


def question_about(session: Session, person: Person | None, action: Action) -> Question | None:
    """What a related incident makes one ask of this action, as this reader may know it."""
    if action.questioned_by_id is None:
        return None
    pair = (action.incident_id, action.questioned_by_id)
    said = select(Relation.kind).where(
        Relation.incident_id.in_(pair), Relation.other_id.in_(pair), Relation.other_id != Relation.incident_id
    )
    kind = session.scalars(said.order_by(Relation.kind)).first()
    seen = select(Incident).where(Incident.id == action.questioned_by_id, incidents_rules.visible_to(person))
    incident = session.scalar(seen)
    if incident is None:
        return Question(None, "is said to be related")
    return Question(incident, _SAID[kind] if kind else "was said to be related")


def merge_candidates(
    session: Session, person: Person | None, action: Action, *, limit: int = 20
) -> Sequence[Action]:
    """Other actions of the same incident that were not merged away, for choosing which one stays."""
    return session.scalars(
        select(Action)
        .where(
            Action.incident_id == action.incident_id,
            Action.id != action.id,
            Action.merged_into_id.is_(None),
            visible_to(person),
        )
        .order_by(Action.sort_key, Action.id)
        .limit(limit)
    ).all()
