"""The history table. Rows are only ever added."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from postmortem.db import Base, UTCDateTime


class HistoryEntry(Base):
    """One change: `changes` maps a field's name to `[old, new]`, both plain JSON values."""

    __tablename__ = "history_entries"
    __table_args__ = (
        Index("ix_history_entries_subject", "subject_type", "subject_id", "id"),
        Index("ix_history_entries_incident", "incident_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    actor_name: Mapped[str] = mapped_column(String(200))
    verb: Mapped[str] = mapped_column(String(40))
    subject_type: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    subject_label: Mapped[str] = mapped_column(String(300))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    changes: Mapped[dict[str, list[Any]]] = mapped_column(JSON)

    @property
    def sentence(self) -> str:
        """What happened, to stand after the actor's name: "edited action ACT-7 …"."""
        return f"{self.verb} {self.subject_label}"
