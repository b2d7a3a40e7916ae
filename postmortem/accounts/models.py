"""People, teams, services, sign-ins and single-use links."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Integer, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortem.accounts.enums import LinkPurpose, Role
from postmortem.db import Base, UTCDateTime, enum_type

team_members = Table(
    "team_members",
    Base.metadata,
    Column("team_id", Integer, ForeignKey("teams.id"), primary_key=True),
    Column("person_id", Integer, ForeignKey("people.id"), primary_key=True, index=True),
)


class Person(Base):
    """Somebody who works here. `email` is kept in lower case; without a password nobody can sign in."""

    __tablename__ = "people"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    handle: Mapped[str | None] = mapped_column(String(40), unique=True)
    role: Mapped[Role] = mapped_column(enum_type(Role))
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    is_active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column()

    teams: Mapped[list["Team"]] = relationship(
        secondary=team_members, back_populates="members", order_by="Team.name"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"person {self.name}"

    def __str__(self) -> str:
        return self.email


class Team(Base):
    """A group of people who own services, incidents and actions."""

    __tablename__ = "teams"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column()

    members: Mapped[list[Person]] = relationship(
        secondary=team_members, back_populates="teams", order_by="Person.name"
    )
    services: Mapped[list["Service"]] = relationship(back_populates="team", order_by="Service.name")

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"team {self.name}"

    def __str__(self) -> str:
        return self.slug


class Service(Base):
    """Something that can break."""

    __tablename__ = "services"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column()

    team: Mapped[Team | None] = relationship(back_populates="services")

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"service {self.name}"

    def __str__(self) -> str:
        return self.slug


class SignIn(Base):
    """One signed-in browser. The cookie holds a random token, this row only its SHA-256."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime())
    user_agent: Mapped[str] = mapped_column(String(200), default="")


class SingleUseLink(Base):
    """A link that works once: to set a password, or the code that guards the first set-up."""

    __tablename__ = "single_use_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[LinkPurpose] = mapped_column(enum_type(LinkPurpose))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime())
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
