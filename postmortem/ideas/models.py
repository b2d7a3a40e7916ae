"""Ideas, and the outcome that no actions are needed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.db import Base, UTCDateTime
from postmortem.incidents.models import Incident


class Idea(Base):
    """A suggestion; `action` is what it was promoted to. Visible like its incident."""

    __tablename__ = "ideas"
    __table_args__ = (Index("ix_ideas_incident", "incident_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    text: Mapped[str] = mapped_column(String(1000))
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    action_id: Mapped[int | None] = mapped_column(ForeignKey("actions.id"), index=True)
    promoted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column()

    incident: Mapped[Incident] = relationship()
    added_by: Mapped[Person | None] = relationship()
    action: Mapped[Action | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"idea {self.text[:60]}"


class NoActionsNeeded(Base):
    """After this incident no action is needed, and why. Taken back by deleting the row."""

    __tablename__ = "no_actions_needed"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"), unique=True)
    reason: Mapped[str] = mapped_column(String(500))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column()

    person: Mapped[Person] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return "no actions needed"
