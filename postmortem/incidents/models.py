"""Incidents and what hangs on them directly."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortem.accounts.models import Person, Service, Team
from postmortem.db import Base, UTCDateTime, enum_type
from postmortem.incidents.enums import (
    Confidence,
    Coverable,
    DetectedBy,
    IncidentKind,
    IncidentStatus,
    RelationKind,
    RuleSubject,
    Severity,
    Visibility,
)
from postmortem.tags.models import Tag

# Incidents without any recorded moment sort behind all others, also behind the one of 1628.
TIME_NOT_RECORDED = datetime(1, 1, 1, tzinfo=UTC)


def _sorted_links(name: str, other: str, singular: str) -> Table:
    """An association table that carries what lists need, so that its index alone finds and counts a page.

    `sort_at`, `is_drill` and `visibility` are copies of the incident's; only its operations write them.
    """
    return Table(
        name,
        Base.metadata,
        Column("incident_id", Integer, ForeignKey("incidents.id"), primary_key=True),
        Column(f"{singular}_id", Integer, ForeignKey(f"{other}.id"), primary_key=True),
        Column("sort_at", UTCDateTime(), nullable=False),
        Column("is_drill", Boolean, nullable=False),
        Column("visibility", enum_type(Visibility), nullable=False),
        Index(f"ix_{name}_sort", f"{singular}_id", "sort_at", "incident_id", "is_drill", "visibility"),
    )


incident_services = _sorted_links("incident_services", "services", "service")
incident_teams = _sorted_links("incident_teams", "teams", "team")
incident_tags = _sorted_links("incident_tags", "tags", "tag")

# What lists sort by, look at in each row and count: an index that ends in these covers all three.
_LISTED = ("sort_at", "id", "is_drill", "visibility")


class Incident(Base):
    """`id` is the number people see: INC-12 has id 12.

    `*_html` columns hold the rendering of the Markdown beside them, made on save by renderer version
    `rendered_with`. `sort_at` is the earliest recorded moment, or TIME_NOT_RECORDED; `search_text` is
    title and summary case-folded, because databases fold only ASCII alike. Services, teams and tags are read
    here and written by `incidents.operations`, which keeps the sort keys beside them.
    """

    __tablename__ = "incidents"
    __table_args__ = (
        Index("ix_incidents_sort", *_LISTED),
        Index("ix_incidents_severity", "severity", *_LISTED),
        Index("ix_incidents_status", "status", *_LISTED),
        Index("ix_incidents_kind", "kind", *_LISTED),
        Index("ix_incidents_detected_by", "detected_by", *_LISTED),
        Index("ix_incidents_drills", "is_drill", "sort_at", "id", "visibility"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[IncidentKind] = mapped_column(enum_type(IncidentKind), default=IncidentKind.INCIDENT)
    title: Mapped[str] = mapped_column(String(200))
    severity: Mapped[Severity | None] = mapped_column(enum_type(Severity))
    status: Mapped[IncidentStatus] = mapped_column(enum_type(IncidentStatus), default=IncidentStatus.OPEN)
    visibility: Mapped[Visibility] = mapped_column(enum_type(Visibility), default=Visibility.OPEN)
    is_drill: Mapped[bool] = mapped_column(default=False)
    sort_at: Mapped[datetime] = mapped_column(UTCDateTime(), default=TIME_NOT_RECORDED)
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    detected_by: Mapped[DetectedBy | None] = mapped_column(enum_type(DetectedBy))
    synthetic_coverable: Mapped[Coverable | None] = mapped_column(enum_type(Coverable))
    synthetic_covered: Mapped[bool | None]
    impact_started_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    impact_started_at_confidence: Mapped[Confidence] = mapped_column(
        enum_type(Confidence, "impact_started_at_confidence"), default=Confidence.EXACT
    )
    impact_started_at_source: Mapped[str] = mapped_column(String(200), default="")
    impact_started_at_entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    detected_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    detected_at_confidence: Mapped[Confidence] = mapped_column(
        enum_type(Confidence, "detected_at_confidence"), default=Confidence.EXACT
    )
    detected_at_source: Mapped[str] = mapped_column(String(200), default="")
    detected_at_entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    declared_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    declared_at_confidence: Mapped[Confidence] = mapped_column(
        enum_type(Confidence, "declared_at_confidence"), default=Confidence.EXACT
    )
    declared_at_source: Mapped[str] = mapped_column(String(200), default="")
    declared_at_entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    mitigated_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    mitigated_at_confidence: Mapped[Confidence] = mapped_column(
        enum_type(Confidence, "mitigated_at_confidence"), default=Confidence.EXACT
    )
    mitigated_at_source: Mapped[str] = mapped_column(String(200), default="")
    mitigated_at_entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    resolved_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    resolved_at_confidence: Mapped[Confidence] = mapped_column(
        enum_type(Confidence, "resolved_at_confidence"), default=Confidence.EXACT
    )
    resolved_at_source: Mapped[str] = mapped_column(String(200), default="")
    resolved_at_entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    deleted_visibility: Mapped[Visibility | None] = mapped_column(enum_type(Visibility, "deleted_visibility"))
    version: Mapped[int] = mapped_column()
    rendered_with: Mapped[int] = mapped_column(default=0)
    links: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    summary: Mapped[str] = mapped_column(Text, default="")
    impact: Mapped[str] = mapped_column(Text, default="")
    summary_html: Mapped[str] = mapped_column(Text, default="")
    impact_html: Mapped[str] = mapped_column(Text, default="")
    search_text: Mapped[str] = mapped_column(Text, default="", deferred=True)

    lead: Mapped[Person | None] = relationship(foreign_keys=[lead_id])
    reported_by: Mapped[Person | None] = relationship(foreign_keys=[reported_by_id])
    services: Mapped[list[Service]] = relationship(
        secondary=incident_services, viewonly=True, order_by=Service.name
    )
    teams: Mapped[list[Team]] = relationship(secondary=incident_teams, viewonly=True, order_by=Team.name)
    tags: Mapped[list[Tag]] = relationship(secondary=incident_tags, viewonly=True, order_by=Tag.name)
    participants: Mapped[list["Participant"]] = relationship(
        cascade="all, delete-orphan", order_by="Participant.position"
    )
    relations: Mapped[list["Relation"]] = relationship(
        cascade="all, delete-orphan", foreign_keys="Relation.incident_id", order_by="Relation.id"
    )
    external_ids: Mapped[list["ExternalId"]] = relationship(
        cascade="all, delete-orphan", order_by="ExternalId.id"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def number(self) -> int:
        return self.id

    @property
    def reference(self) -> str:
        return f"INC-{self.id}"

    @property
    def history_label(self) -> str:
        return self.reference

    def moment(self, name: str) -> Any:
        """The value of one of the five moments by its name."""
        return getattr(self, name)


class Participant(Base):
    """A person who took part, with the role in words (*on-call engineer*)."""

    __tablename__ = "incident_participants"
    __table_args__ = (UniqueConstraint("incident_id", "person_id", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    role: Mapped[str] = mapped_column(String(100), default="")
    position: Mapped[int] = mapped_column(default=0)

    person: Mapped[Person] = relationship()

    def __str__(self) -> str:
        return f"{self.person.email} ({self.role})" if self.role else self.person.email


class Relation(Base):
    """This incident is *duplicate of*, has the *same cause as*, or is *related to* another."""

    __tablename__ = "incident_relations"
    __table_args__ = (UniqueConstraint("incident_id", "other_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    kind: Mapped[RelationKind] = mapped_column(enum_type(RelationKind))

    other: Mapped[Incident] = relationship(foreign_keys=[other_id])

    def __str__(self) -> str:
        return f"{self.kind.value} INC-{self.other_id}"


class ExternalId(Base):
    """Where an imported incident came from; unique, which makes imports repeatable."""

    __tablename__ = "external_ids"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), index=True)
    source: Mapped[str] = mapped_column(String(100))
    external_id: Mapped[str] = mapped_column(String(200))

    def __str__(self) -> str:
        return f"{self.source}:{self.external_id}"


class RestrictionRule(Base):
    """An incident filed with this tag, service, team, kind or severity is restricted from the start.

    `value` is the tag's name, the service's or team's slug, or the kind's or severity's value.
    """

    __tablename__ = "restriction_rules"
    __table_args__ = (UniqueConstraint("subject", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[RuleSubject] = mapped_column(enum_type(RuleSubject))
    value: Mapped[str] = mapped_column(String(100))
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())

    @property
    def history_label(self) -> str:
        return f"rule “{self.subject.value} {self.value} is restricted”"
