"""Events and factors for tests; committed at once."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from postmortem.history.operations import CLI
from postmortem.incidents.models import Incident
from postmortem.timeline import operations
from postmortem.timeline.drafts import EventDraft, FactorDraft
from postmortem.timeline.models import Factor, TimelineEvent


def make_event(
    session: Session,
    incident: Incident,
    text: str = "An alarm rang.",
    at: datetime | None = None,
    **values: Any,
) -> TimelineEvent:
    draft = EventDraft(text=text, occurred_at=at, **values)
    (event,) = operations.add_events(session, incident, [draft], actor=CLI)
    session.commit()
    return event


def make_factor(
    session: Session, incident: Incident, text: str = "The limit was set in 2019.", **values: Any
) -> Factor:
    (factor,) = operations.add_factors(session, incident, [FactorDraft(text=text, **values)], actor=CLI)
    session.commit()
    return factor
