"""Actions for tests; committed at once."""

from typing import Any

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person, Team
from postmortem.actions.drafts import ActionDraft
from postmortem.actions.models import Action
from postmortem.actions.operations import add_actions
from postmortem.history.operations import CLI
from postmortem.incidents.models import Incident


def make_action(
    session: Session,
    incident: Incident,
    title: str = "Add an alarm for the queue",
    *,
    owner: Person | None = None,
    team: Team | None = None,
    **values: Any,
) -> Action:
    """An action added by the program. `values` are those of ActionDraft; owner and team are given as rows."""
    draft = ActionDraft(
        title=title,
        owner=owner.email if owner else None,
        team=team.slug if team else None,
        **values,
    )
    (action,) = add_actions(session, incident, [draft], actor=CLI)
    session.commit()
    return action
