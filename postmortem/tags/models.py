"""The tags table; each noun that carries tags has its own association table."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from postmortem.db import Base


class Tag(Base):
    __tablename__ = "tags"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), unique=True)

    def __str__(self) -> str:
        return self.name
