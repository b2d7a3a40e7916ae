"""Write-ups, their revisions and what was published."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortem.accounts.models import Person, Service, Team
from postmortem.db import Base, UTCDateTime, enum_type
from postmortem.incidents.models import Incident
from postmortem.tags.models import Tag
from postmortem.writeups.enums import Audience, Template, WriteupState

if TYPE_CHECKING:
    from postmortem.writeups.models_around import ReviewRequest


def _links(name: str, other: str) -> Table:
    """An association table between write-ups and another table."""
    singular = {"people": "person"}.get(other, other.removesuffix("s"))
    return Table(
        name,
        Base.metadata,
        Column("writeup_id", Integer, ForeignKey("writeups.id"), primary_key=True),
        Column(f"{singular}_id", Integer, ForeignKey(f"{other}.id"), primary_key=True, index=True),
    )


writeup_authors = _links("writeup_authors", "people")
writeup_tags = _links("writeup_tags", "tags")
writeup_teams = _links("writeup_teams", "teams")
writeup_services = _links("writeup_services", "services")
writeup_incidents = _links("writeup_incidents", "incidents")


class Series(Base):
    """Write-ups that belong together and are read one after the other."""

    __tablename__ = "series"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(String(500), default="")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"series “{self.name}”"

    def __str__(self) -> str:
        return self.slug


class Writeup(Base):
    """The working copy. `published_at` is the first publication's time and what the blog sorts by.

    `publication_number` names the current publication while the state is *published*, else it is null.
    `feed_id` is what feeds call it: random, so that neither its words, nor its address, nor a move of the
    site or the database can change it. `body_html` and `headings` are the body rendered by `rendered_with`.
    """

    __tablename__ = "writeups"
    __table_args__ = (
        Index("ix_writeups_published", "state", "published_at", "id"),
        Index("ix_writeups_public", "state", "audience", "published_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    feed_id: Mapped[str] = mapped_column(String(45), default=lambda: uuid.uuid4().urn)
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[WriteupState] = mapped_column(enum_type(WriteupState), default=WriteupState.DRAFT)
    audience: Mapped[Audience] = mapped_column(enum_type(Audience), default=Audience.INTERNAL)
    # The key of a template: one of those shipped, or of the admins' own.
    template: Mapped[str] = mapped_column(String(60), default=Template.FREE.value)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    publication_number: Mapped[int | None]
    reading_minutes: Mapped[int] = mapped_column(default=1)
    source_name: Mapped[str] = mapped_column(String(200), default="")
    source_url: Mapped[str] = mapped_column(String(500), default="")
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime())
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    deleted_state: Mapped[WriteupState | None] = mapped_column(enum_type(WriteupState, "deleted_state"))
    withdrawn_reason: Mapped[str] = mapped_column(String(500), default="")
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    # Publishing by the worker: when, for whom, and the version that was looked at; another one is not published.
    publish_at: Mapped[datetime | None] = mapped_column(UTCDateTime(), index=True)
    publish_version: Mapped[int | None]
    publish_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    # Who leads the review: somebody who was not a responder.
    facilitator_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    # Why it is published without the review that the policy asks for.
    review_skipped_reason: Mapped[str] = mapped_column(String(500), default="")
    review_skipped_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"), index=True)
    series_position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column()
    rendered_with: Mapped[int] = mapped_column(default=0)
    headings: Mapped[list[Any]] = mapped_column(JSON, default=list)
    tldr: Mapped[str] = mapped_column(String(1000), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    body_html: Mapped[str] = mapped_column(Text, default="")

    created_by: Mapped[Person | None] = relationship(foreign_keys=[created_by_id])
    publish_by: Mapped[Person | None] = relationship(foreign_keys=[publish_by_id])
    facilitator: Mapped[Person | None] = relationship(foreign_keys=[facilitator_id])
    review_skipped_by: Mapped[Person | None] = relationship(foreign_keys=[review_skipped_by_id])
    series: Mapped["Series | None"] = relationship()
    authors: Mapped[list[Person]] = relationship(secondary=writeup_authors, order_by=Person.name)
    tags: Mapped[list[Tag]] = relationship(secondary=writeup_tags, order_by=Tag.name)
    teams: Mapped[list[Team]] = relationship(secondary=writeup_teams, order_by=Team.name)
    services: Mapped[list[Service]] = relationship(secondary=writeup_services, order_by=Service.name)
    incidents: Mapped[list[Incident]] = relationship(secondary=writeup_incidents, order_by=Incident.id)
    review_requests: Mapped[list["ReviewRequest"]] = relationship(viewonly=True)

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_imported(self) -> bool:
        return bool(self.source_name)

    @property
    def history_label(self) -> str:
        return f"write-up “{self.title}”"

    def __str__(self) -> str:
        return self.slug


class Revision(Base):
    """One saved text, never changed afterwards; `number` counts from 1 within its write-up."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("writeup_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"))
    number: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime())
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    saved_by_name: Mapped[str] = mapped_column(String(200))
    # Why a published text was changed, for its readers.
    reason: Mapped[str] = mapped_column(String(500), default="")
    title: Mapped[str] = mapped_column(String(200))
    tldr: Mapped[str] = mapped_column(String(1000), default="")
    body: Mapped[str] = mapped_column(Text, default="")


class Publication(Base):
    """What readers see: a revision, rendered and frozen with its incidents' timeline, factors and actions.

    `frozen` is what `frozen.py` makes: events, factors, actions; `headings` is `[[level, id, text], ...]` for
    the contents list. `body` is the Markdown behind `body_html`: blocks frozen, people as roles; the revision's own may
    name them. `reason` says to readers why there is a new one. `audience` is whom it was published for: a later wish for a wider one waits for the next
    publication. `is_withdrawn` keeps a text that was taken back out of the history that readers see.
    """

    __tablename__ = "publications"
    __table_args__ = (UniqueConstraint("writeup_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"))
    number: Mapped[int]
    revision_number: Mapped[int]
    published_at: Mapped[datetime] = mapped_column(UTCDateTime())
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    audience: Mapped[Audience] = mapped_column(enum_type(Audience), default=Audience.INTERNAL)
    is_withdrawn: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str] = mapped_column(String(200))
    tldr: Mapped[str] = mapped_column(String(1000), default="")
    author_line: Mapped[str] = mapped_column(String(500), default="")
    rendered_with: Mapped[int]
    headings: Mapped[list[Any]] = mapped_column(JSON, default=list)
    frozen: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reason: Mapped[str] = mapped_column(String(500), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    body_html: Mapped[str] = mapped_column(Text)
