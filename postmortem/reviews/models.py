"""Verdicts, comments, the checklist, the meeting and the policy of reviews.

Requests stand with the write-ups, because whoever is asked sees the working copy.
"""

from datetime import datetime

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortem.accounts.models import Person
from postmortem.db import Base, UTCDateTime, enum_type
from postmortem.reviews.enums import SuggestionState, Verdict
from postmortem.writeups.models import Writeup
from postmortem.writeups.models_around import ReviewRequest

__all__ = [
    "ChecklistAnswer",
    "Review",
    "ReviewComment",
    "ReviewMeeting",
    "ReviewPolicy",
    "ReviewRequest",
    "SurveyAnswer",
]

# Whom the invitation went to: a later change or a cancelling goes to the same people.
review_meeting_guests = Table(
    "review_meeting_guests",
    Base.metadata,
    Column("meeting_id", Integer, ForeignKey("review_meetings.id"), primary_key=True),
    Column("person_id", Integer, ForeignKey("people.id"), primary_key=True, index=True),
)


class ReviewPolicy(Base):
    """Which severities need a review, by how many, and the checklist, as one row; while there is none, as shipped.

    `needs` is `{severity: Need}` with "" for incidents without one; `approvals` is `{severity: count}`.
    """

    __tablename__ = "review_policy"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    needs: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    approvals: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    checklist: Mapped[list[str]] = mapped_column(JSON, default=list)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return "the policy of reviews"


class Review(Base):
    """A person's verdict on one revision, with words; never changed afterwards, followed by a newer one."""

    __tablename__ = "reviews"
    __table_args__ = (Index("ix_reviews_writeup", "writeup_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"))
    revision_number: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    verdict: Mapped[Verdict] = mapped_column(enum_type(Verdict))
    text: Mapped[str] = mapped_column(Text, default="")
    text_html: Mapped[str] = mapped_column(Text, default="")
    rendered_with: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())

    person: Mapped[Person] = relationship()

    @property
    def history_label(self) -> str:
        return f"review {self.id}"


class ReviewComment(Base):
    """A comment on a paragraph, or an answer to one (`parent_id`), with a suggestion perhaps.

    `quote` is the paragraph's source as it was commented on, in revision `revision_number`; where it stands now is found
    again by its words. `suggestion` is Markdown that would replace the paragraph.
    """

    __tablename__ = "review_comments"
    __table_args__ = (
        Index("ix_review_comments_writeup", "writeup_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("review_comments.id"), index=True)
    revision_number: Mapped[int]
    quote: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text, default="")
    text_html: Mapped[str] = mapped_column(Text, default="")
    rendered_with: Mapped[int] = mapped_column(default=0)
    suggestion: Mapped[str | None] = mapped_column(Text)
    suggestion_state: Mapped[SuggestionState | None] = mapped_column(enum_type(SuggestionState))
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    resolved_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column()

    author: Mapped[Person] = relationship(foreign_keys=[author_id])
    resolved_by: Mapped[Person | None] = relationship(foreign_keys=[resolved_by_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"comment {self.id} of a review"


class ChecklistAnswer(Base):
    """What was answered to one question of the checklist; `question` is kept as it was worded then."""

    __tablename__ = "checklist_answers"
    __table_args__ = (UniqueConstraint("writeup_id", "question"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"))
    question: Mapped[str] = mapped_column(String(200))
    is_met: Mapped[bool]
    note: Mapped[str] = mapped_column(String(500), default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    answered_at: Mapped[datetime] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column()

    answered_by: Mapped[Person | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"checklist “{self.question[:60]}”"


class ReviewMeeting(Base):
    """When a write-up is talked through. `uid` and `sequence` are what calendars know it by (RFC 5545)."""

    __tablename__ = "review_meetings"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(UTCDateTime())
    minutes: Mapped[int] = mapped_column(default=60)
    timezone: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(String(300), default="")
    uid: Mapped[str] = mapped_column(String(80), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    planned_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column()

    writeup: Mapped[Writeup] = relationship()
    guests: Mapped[list[Person]] = relationship(secondary=review_meeting_guests, order_by=Person.name)

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return "the review meeting"


class SurveyAnswer(Base):
    """One anonymous answer after a review; `voter` is a keyed hash that stops a second one and names nobody.

    `scores` are 1 to 5 by the question's id. Without a time: with it an answer could be told from who was there.
    """

    __tablename__ = "survey_answers"
    __table_args__ = (UniqueConstraint("writeup_id", "voter"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"))
    voter: Mapped[str] = mapped_column(String(64))
    scores: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
