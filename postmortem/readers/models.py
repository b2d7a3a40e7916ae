"""Reactions, citations, visits, readers' questions with their answers, and the questions that a write-up leaves open.

`reader` is a keyed hash of one write-up and one person (`postmortem/writeups/voters.py`): it tells whether the same
person comes back to the same write-up, names nobody, and cannot be joined across write-ups.
"""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortem.accounts.models import Person
from postmortem.db import Base, UTCDateTime, enum_type
from postmortem.readers.enums import CitationKind
from postmortem.writeups.models import Writeup


class Reaction(Base):
    """A reader says “this helped me”. Without a time: with it a reaction could be told from who was there."""

    __tablename__ = "reactions"
    __table_args__ = (UniqueConstraint("writeup_id", "reader"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"))
    reader: Mapped[str] = mapped_column(String(64))


class ReaderVisit(Base):
    """A signed-in reader stayed with a write-up: on which day first, and whether they came back 90 days later or after.

    `is_beyond_team` is set for who is in none of the write-up's teams and did not write it.
    """

    __tablename__ = "reader_visits"
    __table_args__ = (UniqueConstraint("writeup_id", "reader"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"))
    reader: Mapped[str] = mapped_column(String(64))
    first_on: Mapped[date] = mapped_column(Date)
    is_beyond_team: Mapped[bool] = mapped_column(default=False)
    came_back: Mapped[bool] = mapped_column(default=False)


class Citation(Base):
    """Where a write-up was used: the address of a runbook, pull request or design."""

    __tablename__ = "citations"
    __table_args__ = (Index("ix_citations_writeup", "writeup_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"))
    kind: Mapped[CitationKind] = mapped_column(enum_type(CitationKind))
    url: Mapped[str] = mapped_column(String(500))
    title: Mapped[str] = mapped_column(String(200), default="")
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column()

    writeup: Mapped[Writeup] = relationship()
    added_by: Mapped[Person | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"citation {self.id}"


class ReaderQuestion(Base):
    """A question that a reader asks under a published write-up."""

    __tablename__ = "reader_questions"
    __table_args__ = (
        Index("ix_reader_questions_writeup", "writeup_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"))
    text: Mapped[str] = mapped_column(Text)
    text_html: Mapped[str] = mapped_column(Text, default="")
    rendered_with: Mapped[int] = mapped_column(default=0)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    # When it was first answered; blank means that it is open.
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column()

    writeup: Mapped[Writeup] = relationship()
    asked_by: Mapped[Person] = relationship()
    answers: Mapped[list["ReaderAnswer"]] = relationship(
        back_populates="question", order_by="ReaderAnswer.id"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"question {self.id} of a reader"


class ReaderAnswer(Base):
    """An answer to a reader's question, by an author or by anybody who knows."""

    __tablename__ = "reader_answers"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"), index=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("reader_questions.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    text_html: Mapped[str] = mapped_column(Text, default="")
    rendered_with: Mapped[int] = mapped_column(default=0)
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column()

    question: Mapped[ReaderQuestion] = relationship(back_populates="answers")
    author: Mapped[Person] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"answer {self.id} to a reader"


class OpenQuestion(Base):
    """One point under “Open questions” of what readers see; `text` is plain, with people as roles.

    It is found again by its words when a new text is published. `settled_at` is set when somebody found the answer
    (`outcome` says it in a sentence); `is_gone` when the published text does not ask it any more.
    """

    __tablename__ = "open_questions"
    __table_args__ = (
        Index("ix_open_questions_writeup", "writeup_id", "position"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(1000))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    is_gone: Mapped[bool] = mapped_column(default=False)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    outcome: Mapped[str] = mapped_column(String(1000), default="")
    version: Mapped[int] = mapped_column()

    writeup: Mapped[Writeup] = relationship()
    settled_by: Mapped[Person | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"open question “{self.text[:60]}”"
