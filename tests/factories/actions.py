"""Actions for tests; committed at once."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person, Team
from postmortem.actions.drafts import ActionDraft
from postmortem.actions.models import Action
from postmortem.actions.operations import add_actions
from postmortem.history.models import HistoryEntry
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


def stored_actions(session: Session) -> list[Action]:
    """Every action, deleted ones too, read again."""
    session.expire_all()
    return list(session.scalars(select(Action).order_by(Action.id)))


def history_count(session: Session, verb: str) -> int:
    """How many entries about actions have this verb."""
    found = select(func.count()).where(HistoryEntry.subject_type == "actions", HistoryEntry.verb == verb)
    return session.scalar(found) or 0
