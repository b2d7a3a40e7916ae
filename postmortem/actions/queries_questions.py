"""Why an action in a list is to be verified again: the related incident that raised the question."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.incidents import rules as incidents_rules
from postmortem.incidents.models import Incident


@dataclass(frozen=True)
class AskedAgain:
    """The incident that makes one ask; number 0 and a blank title where the reader may not see it."""

    incident_id: int = 0
    incident_title: str = ""


def asked_again(session: Session, person: Person | None, rows: Iterable[Any]) -> dict[int, AskedAgain]:
    """Those of these rows (of `queries.listed`) that are asked about again, by the action's id. At most one statement."""
    by = {row.id: row.questioned_by_id for row in rows if row.questioned_by_id and not row.status.is_open}
    if not by:
        return {}
    seen = select(Incident.id, Incident.title).where(
        Incident.id.in_(set(by.values())), incidents_rules.visible_to(person)
    )
    found = {row.id: AskedAgain(row.id, row.title) for row in session.execute(seen)}
    return {number: found.get(incident_id, AskedAgain()) for number, incident_id in by.items()}
