"""What is remembered of the help with language, and of the choices by which people become roles."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortem.accounts.models import Person
from postmortem.db import Base, UTCDateTime


class LanguagePolicy(Base):
    """Which hints are given, as one row; while there is none, all of them as shipped.

    `words` are those that admins added, by the rule's id.
    """

    __tablename__ = "language_policy"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rules_off: Mapped[list[str]] = mapped_column(JSON, default=list)
    words: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return "the help with language"


class LanguageKeep(Base):
    """Words of a write-up that stay although a rule marks them, and why. `words` are case-folded.

    Part of the write-up: what is kept and given up stands in its history.
    """

    __tablename__ = "language_keeps"
    __table_args__ = (UniqueConstraint("writeup_id", "rule", "words"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"))
    rule: Mapped[str] = mapped_column(String(40))
    words: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(500))
    kept_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())

    kept_by: Mapped[Person | None] = relationship()


class NamingChoice(Base):
    """What an editor decided about a name in a write-up.

    `surface` is the name as it stands in the text, or empty for all ways in which `person` is named; without a
    person it is a name that nobody here has. `replacement` is what stands there instead, empty for the role as
    worked out; with `is_left` the name stays.
    """

    __tablename__ = "naming_choices"
    __table_args__ = (
        Index("ix_naming_choices_writeup", "writeup_id", "person_id", "surface"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    surface: Mapped[str] = mapped_column(String(200), default="")
    replacement: Mapped[str] = mapped_column(String(100), default="")
    is_left: Mapped[bool] = mapped_column(default=False)
    chosen_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    chosen_at: Mapped[datetime] = mapped_column(UTCDateTime())

    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])

    @property
    def history_label(self) -> str:
        return f"a name in write-up {self.writeup_id}"


class NamingConsent(Base):
    """Whether somebody agreed to be named in a write-up; theirs alone to say. Without a row: authors are, others not."""

    __tablename__ = "naming_consents"
    __table_args__ = (UniqueConstraint("writeup_id", "person_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    writeup_id: Mapped[int] = mapped_column(ForeignKey("writeups.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    is_agreed: Mapped[bool]
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime())

    person: Mapped[Person] = relationship()

    @property
    def history_label(self) -> str:
        return f"being named in write-up {self.writeup_id}"
