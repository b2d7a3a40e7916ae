"""What stands around a write-up: templates, unsaved texts, who is writing, old addresses, entries of the month, requests,
feed links, newsletters."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortem.accounts.models import Person, Team
from postmortem.db import Base, UTCDateTime
from postmortem.writeups.models import Writeup

# Both ways round: a row for each direction is not kept, the smaller number comes first.
writeup_relations = Table(
    "writeup_relations",
    Base.metadata,
    Column("writeup_id", Integer, ForeignKey("writeups.id"), primary_key=True),
    Column("other_id", Integer, ForeignKey("writeups.id"), primary_key=True, index=True),
)


class WriteupTemplate(Base):
    """A set of sections as admins keep it; while there is no row at all, the sets are those shipped.

    `sections` are `{"heading", "prompt", "is_optional", "fact"}` in order. `severities` and `kinds` (values of the
    incident's) are those for which it is proposed.
    """

    __tablename__ = "writeup_templates"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    description: Mapped[str] = mapped_column(String(300), default="")
    position: Mapped[int] = mapped_column(default=0)
    severities: Mapped[list[str]] = mapped_column(JSON, default=list)
    kinds: Mapped[list[str]] = mapped_column(JSON, default=list)
    sections: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"template “{self.name}”"


class Autosave(Base):
    """What somebody typed into the desk and did not save yet; theirs alone. `base_version` is what they started from."""

    __tablename__ = "autosaves"
    __table_args__ = (UniqueConstraint("writeup_id", "person_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    base_version: Mapped[int]
    base_revision: Mapped[int]
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime())
    title: Mapped[str] = mapped_column(String(200), default="")
    tldr: Mapped[str] = mapped_column(String(1000), default="")
    body: Mapped[str] = mapped_column(Text, default="")


class DeskVisit(Base):
    """Somebody has the desk open; not any more when `seen_at` is a minute old."""

    __tablename__ = "desk_visits"

    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime())
    has_typed: Mapped[bool] = mapped_column(default=False)

    person: Mapped[Person] = relationship()


class WriteupOldSlug(Base):
    """An address that a write-up had before publishing took a name out of it: leads on only for who may see drafts."""

    __tablename__ = "writeup_old_slugs"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class EntryOfTheMonth(Base):
    """The write-up that stands first on the front page in a month (`2026-11`), and why it is worth reading again."""

    __tablename__ = "entries_of_the_month"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), unique=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"), index=True)
    note: Mapped[str] = mapped_column(String(300), default="")
    chosen_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column()

    writeup: Mapped[Writeup] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"entry of the month {self.month}"


class ReviewRequest(Base):
    """A person or a team is asked to review a write-up: exactly one of the two. While it is open they see the working copy."""

    __tablename__ = "review_requests"
    __table_args__ = (
        Index("ix_review_requests_writeup", "writeup_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    note: Mapped[str] = mapped_column(String(500), default="")
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    # Taken back. A verdict leaves it open: whoever gave one goes on seeing what becomes of the text.
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    # When whoever was asked and gave no verdict was last reminded.
    reminded_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column()

    writeup: Mapped[Writeup] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    team: Mapped[Team | None] = relationship()
    requested_by: Mapped[Person | None] = relationship(foreign_keys=[requested_by_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"review request {self.id}"


class FeedLink(Base):
    """A secret address of one feed for a reader outside the browser, such as a feed reader that cannot sign in.

    The address holds a random token, this row only its SHA-256. It shows what its person may see. `path` is the feed's
    own address, such as `/tags/dns/feed.atom`.
    """

    __tablename__ = "feed_links"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    path: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    @property
    def history_label(self) -> str:
        return f"feed link {self.id}"


class Newsletter(Base):
    """The newsletter of a week (`2026-W47`) was put together; a second worker does not do it again."""

    __tablename__ = "newsletters"

    id: Mapped[int] = mapped_column(primary_key=True)
    week: Mapped[str] = mapped_column(String(8), unique=True)
    made_at: Mapped[datetime] = mapped_column(UTCDateTime())
    # How many people it went to.
    sent_to: Mapped[int] = mapped_column(default=0)
