"""Incidents for tests; committed at once."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.history.operations import CLI
from postmortem.incidents.drafts import IncidentDraft, MomentDraft
from postmortem.incidents.enums import MOMENTS
from postmortem.incidents.models import Incident
from postmortem.incidents.operations import report_incidents


def make_incident(
    session: Session, reporter: Person | None, title: str = "Playback stops", **values: Any
) -> Incident:
    """An incident filed by `reporter` (None: by the program). `values` are those of IncidentDraft.

    A moment may be given as a bare datetime; `restricted=True` stands for the visibility.
    """
    if values.pop("restricted", False):
        values["visibility"] = "restricted"
    for name in MOMENTS:
        if isinstance(values.get(name), datetime):
            values[name] = MomentDraft(values[name])
    [incident] = report_incidents(session, [IncidentDraft(title=title, **values)], actor=reporter or CLI)
    session.commit()
    return incident
