"""What is left at the address of a write-up that was withdrawn: that it was, when, and what its readers were told.

Whoever could read it could have its link, so they get this; it holds nothing of the write-up itself. Where an incident
in it is restricted or deleted by now, nothing is left for anybody.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.history.models import HistoryEntry
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident
from postmortem.writeups.enums import Audience, ReasonFor, WriteupState
from postmortem.writeups.frozen import Frozen
from postmortem.writeups.models import Publication, Writeup, writeup_incidents
from postmortem.writeups.naming import names_of


@dataclass(frozen=True)
class Tombstone:
    """When a write-up was withdrawn, and why, in the words that were written for its readers; "" where there are none."""

    at: datetime
    reason: str


def tombstone(session: Session, person: Person | None, slug: str) -> Tombstone | None:
    """What this person finds at an address where they could read something; None where they could not."""
    if person is not None and not person.is_active:
        return None
    last = select(func.max(Publication.number)).where(Publication.writeup_id == Writeup.id)
    statement = (
        select(Writeup.id, Writeup.withdrawn_at, Writeup.withdrawn_reason)
        .join(Publication, Publication.writeup_id == Writeup.id)
        .where(
            Writeup.slug == slug,
            Writeup.state == WriteupState.WITHDRAWN,
            Writeup.withdrawn_at.is_not(None),
            Publication.number == last.correlate(Writeup).scalar_subquery(),
            ~_is_about_something_hidden(),
        )
    )
    if person is None:
        public = and_(Writeup.audience == Audience.PUBLIC, Publication.audience == Audience.PUBLIC)
        statement = statement.where(public)
    row = session.execute(statement).first()
    return Tombstone(row.withdrawn_at, _for_readers(session, row.id, row.withdrawn_reason)) if row else None


def _is_about_something_hidden() -> ColumnElement[bool]:
    return exists(
        select(writeup_incidents.c.writeup_id)
        .join(Incident, Incident.id == writeup_incidents.c.incident_id)
        .where(
            writeup_incidents.c.writeup_id == Writeup.id,
            Incident.visibility != Visibility.OPEN,
        )
        .correlate(Writeup)
    )


def _for_readers(session: Session, writeup_id: int, reason: str) -> str:
    """The reason with roles in the place of names; "" for one that was asked for with the promise that readers do not see it."""
    promised = session.scalar(
        select(HistoryEntry.changes)
        .where(
            HistoryEntry.subject_type == Writeup.__tablename__,
            HistoryEntry.subject_id == writeup_id,
            HistoryEntry.verb == "withdrew",
        )
        .order_by(HistoryEntry.id.desc())
        .limit(1)
    )
    if not reason or not promised or promised.get("reason_for") != [None, ReasonFor.READERS.value]:
        return ""
    nothing: Frozen = {"events": [], "factors": [], "actions": []}
    return names_of(session, [writeup_id]).renaming_of(writeup_id, "", reason, "", nothing).texts["tldr"]
