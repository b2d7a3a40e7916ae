"""Reading history. Whoever calls has already checked that the subject may be seen."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.history.models import HistoryEntry


def history_of_incident(session: Session, incident_id: int, *, limit: int = 100) -> Sequence[HistoryEntry]:
    """Changes of an incident and of all that belongs to it, newest first."""
    return session.scalars(
        select(HistoryEntry)
        .where(HistoryEntry.incident_id == incident_id)
        .order_by(HistoryEntry.id.desc())
        .limit(limit)
    ).all()


def history_of(
    session: Session, subject_type: str, subject_id: int, *, limit: int = 100
) -> Sequence[HistoryEntry]:
    """Changes of one record, newest first; `subject_type` is its table's name."""
    return session.scalars(
        select(HistoryEntry)
        .where(HistoryEntry.subject_type == subject_type, HistoryEntry.subject_id == subject_id)
        .order_by(HistoryEntry.id.desc())
        .limit(limit)
    ).all()
