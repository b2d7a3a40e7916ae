"""The history table and the head of its chain. Rows are only ever added; what a blanked one held is gone."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from postmortem.db import Base, UTCDateTime


class HistoryEntry(Base):
    """One change: `changes` maps a field's name to `[old, new]`, both plain JSON values.

    `position` and `chain` are given at commit. The incident is named by number alone, so that an entry
    outlives it. What the other columns of the chain mean: docs/history.md.
    """

    __tablename__ = "history_entries"
    __table_args__ = (
        Index("ix_history_entries_subject", "subject_type", "subject_id", "id"),
        Index("ix_history_entries_incident", "incident_id", "id"),
        # One for each filter of the list of all history, which is sorted by time.
        Index("ix_history_entries_at", "at", "id"),
        Index("ix_history_entries_actor", "actor_id", "at", "id"),
        Index("ix_history_entries_verb", "verb", "at", "id"),
        Index("ix_history_entries_noun", "subject_type", "at", "id"),
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
    incident_id: Mapped[int | None]
    changes: Mapped[dict[str, list[Any]]] = mapped_column(JSON)
    salt: Mapped[str | None] = mapped_column(String(32))
    digest: Mapped[str] = mapped_column(String(64))
    position: Mapped[int | None] = mapped_column(unique=True)
    chain: Mapped[str | None] = mapped_column(String(64))
    covers: Mapped[str | None] = mapped_column(Text)
    redacted_digest: Mapped[str | None] = mapped_column(String(64))
    blanked_by_id: Mapped[int | None] = mapped_column(ForeignKey("history_entries.id"), index=True)

    @property
    def is_blanked(self) -> bool:
        """Whether its contents were taken out for good."""
        return self.blanked_by_id is not None and self.salt is None

    @property
    def sentence(self) -> str:
        """What happened, to stand after the actor's name: "edited action ACT-7 …"."""
        if self.verb == "signed in as" and self.subject_id == self.actor_id:
            return "signed in"
        return f"{self.verb} {self.subject_label or 'something that was deleted for good'}"


class HistoryHead(Base):
    """The last link of the chain, signed: whoever appends locks this one row."""

    __tablename__ = "history_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int]
    chain: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(64))
