"""The rows of one meeting's minutes. The worker mails them: nothing of the web is imported here."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session, aliased

from postmortem.accounts.models import Person, Team
from postmortem.action_reviews.models import ActionReviewDecision, ActionReviewItem
from postmortem.actions.models import Action
from postmortem.actions.rules import visible_to as visible_actions
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident


def minuted_items(
    session: Session, review_id: int, person: Person | None, *, only_open: bool = False
) -> Sequence[Row[Any]]:
    """The queue as the minutes tell it to this person: item, action, its incident, and the decision that holds.

    `only_open` leaves out whatever belongs to an incident that is not open to everybody.
    """
    part = aliased(Action, name="part")
    statement: Select[*tuple[Any, ...]] = (
        select(
            ActionReviewItem.reason,
            ActionReviewItem.reasons_before,
            ActionReviewItem.reasons_after,
            Action.id.label("action_id"),
            Action.title,
            Incident.id.label("incident_id"),
            Incident.title.label("incident_title"),
            Incident.visibility,
            Team.name.label("team_name"),
            ActionReviewDecision.decision,
            ActionReviewDecision.outcome,
            ActionReviewDecision.note,
            ActionReviewDecision.undo,
            ActionReviewDecision.new_action_id,
            part,
            Person.name.label("decided_by"),
        )
        .join(Action, Action.id == ActionReviewItem.action_id)
        .join(Incident, Incident.id == Action.incident_id)
        .outerjoin(Team, Team.id == Action.team_id)
        .outerjoin(
            ActionReviewDecision,
            (ActionReviewDecision.item_id == ActionReviewItem.id) & ActionReviewDecision.undone_at.is_(None),
        )
        .outerjoin(Person, Person.id == ActionReviewDecision.person_id)
        .outerjoin(part, part.id == ActionReviewDecision.new_action_id)
        .where(ActionReviewItem.review_id == review_id, visible_actions(person))
        .order_by(ActionReviewItem.position)
    )
    if only_open:
        statement = statement.where(Incident.visibility == Visibility.OPEN)
    return session.execute(statement).all()
