"""Requests for access."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortem.accounts.models import Person
from postmortem.db import Base, UTCDateTime, enum_type
from postmortem.permissions.enums import RequestState


class AccessRequest(Base):
    """Somebody asked to see what lies under an address. Nobody checked whether anything does.

    What is there is found out for whoever answers, by what *they* may see.
    """

    __tablename__ = "access_requests"
    __table_args__ = (Index("ix_access_requests_state", "state", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    path: Mapped[str] = mapped_column(String(500))
    reason: Mapped[str] = mapped_column(String(1000), default="")
    state: Mapped[RequestState] = mapped_column(enum_type(RequestState), default=RequestState.OPEN)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    answer: Mapped[str] = mapped_column(String(500), default="")

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    answered_by: Mapped[Person | None] = relationship(foreign_keys=[answered_by_id])

    @property
    def history_label(self) -> str:
        return f"request for access {self.id}"
