"""What is owed."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from postmortem.db import Base, UTCDateTime
from postmortem.outbox.enums import KIND_LABELS


class OutboxMessage(Base):
    """One thing to do outside the database. `delivery_id` stays the same however often it is tried.

    `payload` holds ids and plain values, never a secret; whoever delivers makes the secret on the way out. `attempts`
    counts claims; `claimed_until` is when a claim that was not renewed ends. Finished and not delivered: given up.
    Rows of one `lane` go to the same far end, so that one that is slow or fails holds up its own lane only.
    """

    __tablename__ = "outbox_messages"
    __table_args__ = (
        Index("ix_outbox_messages_due", "finished_at", "due_at", "id"),
        Index("ix_outbox_messages_lane", "lane", "finished_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[str] = mapped_column(String(36), unique=True, default=lambda: str(uuid.uuid4()))
    kind: Mapped[str] = mapped_column(String(40))
    lane: Mapped[str | None] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    due_at: Mapped[datetime] = mapped_column(UTCDateTime())
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    last_error: Mapped[str] = mapped_column(String(300), default="")
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    is_delivered: Mapped[bool] = mapped_column(default=False)

    @property
    def label(self) -> str:
        """What it is, in words."""
        return KIND_LABELS.get(self.kind, self.kind)

    @property
    def history_label(self) -> str:
        return f"delivery {self.id} ({self.label})"
