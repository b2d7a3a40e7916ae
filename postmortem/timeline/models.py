"""Timeline events and contributing factors."""

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortem.db import Base, UTCDateTime, enum_type
from postmortem.incidents.models import Incident
from postmortem.tags.models import Tag
from postmortem.text.reading import plain_text
from postmortem.timeline.enums import EventKind

_LAST = datetime.max.replace(tzinfo=UTC)

factor_tags = Table(
    "factor_tags",
    Base.metadata,
    Column("factor_id", Integer, ForeignKey("factors.id"), primary_key=True),
    Column("tag_id", Integer, ForeignKey("tags.id"), primary_key=True, index=True),
)
factor_events = Table(
    "factor_events",
    Base.metadata,
    Column("factor_id", Integer, ForeignKey("factors.id"), primary_key=True),
    Column("event_id", Integer, ForeignKey("timeline_events.id"), primary_key=True, index=True),
)


class TimelineEvent(Base):
    """One dated fact. `occurred_text` is the time as written, where it is not a time."""

    __tablename__ = "timeline_events"
    __table_args__ = (
        Index("ix_timeline_events_incident", "incident_id", "occurred_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    occurred_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    occurred_text: Mapped[str] = mapped_column(String(100), default="")
    kind: Mapped[EventKind] = mapped_column(enum_type(EventKind), default=EventKind.OTHER)
    actor_role: Mapped[str] = mapped_column(String(100), default="")
    learnt_later: Mapped[bool] = mapped_column(default=False)
    in_writeup: Mapped[bool] = mapped_column(default=True)
    evidence: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column()
    rendered_with: Mapped[int] = mapped_column(default=0)
    text: Mapped[str] = mapped_column(Text)
    text_html: Mapped[str] = mapped_column(Text, default="")

    incident: Mapped[Incident] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def evidence_links(self) -> list[tuple[str, str]]:
        """(host, address) of each piece of evidence: the host tells where a link leads before it is followed."""
        return [(urlsplit(address).hostname or address, address) for address in self.evidence]

    @property
    def ends_early(self) -> bool:
        """Whether the end lies before the start: kept as entered, and shown loudly."""
        return bool(self.occurred_at and self.ended_at and self.ended_at < self.occurred_at)

    @property
    def lasted_seconds(self) -> int | None:
        """From start to end; None where one is missing or the end lies before the start."""
        if self.occurred_at is None or self.ended_at is None or self.ends_early:
            return None
        return int((self.ended_at - self.occurred_at).total_seconds())

    @property
    def history_label(self) -> str:
        return f"timeline event “{plain_text(self.text[:200], 60)}”"

    def __str__(self) -> str:
        # With the number: two events of one factor may well read alike.
        return f"#{self.id} {self.text[:60]}"


def in_order(events: Iterable[TimelineEvent]) -> list[TimelineEvent]:
    """Events that are not deleted by time, equal times as entered, those without a time last."""
    kept = [event for event in events if event.deleted_at is None]
    return sorted(kept, key=lambda event: (event.occurred_at or _LAST, event.id))


class Factor(Base):
    """What contributed. There is no root cause field anywhere."""

    __tablename__ = "factors"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    was_present_before: Mapped[bool | None]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column()
    rendered_with: Mapped[int] = mapped_column(default=0)
    text: Mapped[str] = mapped_column(Text)
    text_html: Mapped[str] = mapped_column(Text, default="")

    incident: Mapped[Incident] = relationship()
    tags: Mapped[list[Tag]] = relationship(secondary=factor_tags, order_by=Tag.name)
    events: Mapped[list[TimelineEvent]] = relationship(
        secondary=factor_events, order_by=[TimelineEvent.occurred_at, TimelineEvent.id]
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def shown_events(self) -> list[TimelineEvent]:
        """The events that show it, without deleted ones, in the timeline's order."""
        return in_order(self.events)

    @property
    def history_label(self) -> str:
        return f"factor “{plain_text(self.text[:200], 60)}”"
