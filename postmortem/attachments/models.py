"""Images that belong to a write-up or to a timeline event, and are visible like what they belong to."""

import secrets
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortem.accounts.models import Person
from postmortem.db import Base, UTCDateTime

# Which images readers of a publication see; written when it is published. The table `publications` lies higher up.
publication_images = Table(
    "publication_images",
    Base.metadata,
    Column("publication_id", Integer, ForeignKey("publications.id"), primary_key=True),
    Column("attachment_id", Integer, ForeignKey("attachments.id"), primary_key=True, index=True),
)


class Attachment(Base):
    """One image. `key` is its address, which nobody guesses and which grants nothing by itself.

    The files lie in the data folder under `attachments/<first two of key>/<key>/`, one for each of `widths` (pixels,
    ascending; the last is the whole picture), without what the camera wrote into them. `sha256` is that of the
    whole picture as stored. Exactly one of `writeup_id` and `event_id` is set.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        CheckConstraint("(writeup_id IS NULL) <> (event_id IS NULL)", name="one_owner"),
        Index("ix_attachments_writeup", "writeup_id", "id"),
        Index("ix_attachments_event", "event_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(43), unique=True, default=lambda: secrets.token_urlsafe(24))
    writeup_id: Mapped[int | None] = mapped_column(ForeignKey("writeups.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("timeline_events.id"))
    alt: Mapped[str] = mapped_column(String(500))
    content_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    size_bytes: Mapped[int]
    widths: Mapped[list[int]] = mapped_column(JSON, default=list)
    sha256: Mapped[str] = mapped_column(String(64))
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column()

    uploaded_by: Mapped[Person | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def address(self) -> str:
        """Where it is shown from. The size stands in it, so that pages keep its place free before it is there."""
        return f"/attachments/{self.key}/{self.width}x{self.height}"

    @property
    def markdown(self) -> str:
        """What shows it in a text."""
        alt = self.alt.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
        return f"![{alt}]({self.address})"

    @property
    def history_label(self) -> str:
        return f"image “{self.alt[:60]}”"
