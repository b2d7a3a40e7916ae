"""People, teams, services, sign-ins and single-use links."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortem.accounts.enums import AttemptKind, LinkPurpose, Role, SignInMethod
from postmortem.db import Base, UTCDateTime, enum_type

team_members = Table(
    "team_members",
    Base.metadata,
    Column("team_id", Integer, ForeignKey("teams.id"), primary_key=True),
    Column("person_id", Integer, ForeignKey("people.id"), primary_key=True, index=True),
)


class Person(Base):
    """Somebody who works here. `email` is kept in lower case.

    `totp_secret` counts only once `totp_confirmed_at` is set; `totp_last_step` is the newest 30-second step whose code
    was taken, because a code works once. Who was merged into somebody else, or anonymised, is never active again.
    """

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
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    totp_last_step: Mapped[int | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    anonymised_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
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
    """One signed-in browser. The cookie holds a random token, this row only its SHA-256.

    `address` is where it was opened from; `confirmed_at` is when the person last proved who they are in it.
    """

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime())
    confirmed_at: Mapped[datetime] = mapped_column(UTCDateTime())
    method: Mapped[SignInMethod] = mapped_column(enum_type(SignInMethod))
    address: Mapped[str] = mapped_column(String(64), default="")
    user_agent: Mapped[str] = mapped_column(String(200), default="")


class SignInAttempt(Base):
    """One attempt that counts against a limit. Of the account only a keyed hash is kept: people type passwords there."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (
        Index("ix_sign_in_attempts_account", "kind", "account_hash", "at"),
        Index("ix_sign_in_attempts_address", "kind", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[AttemptKind] = mapped_column(enum_type(AttemptKind))
    account_hash: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime(), index=True)


class RecoveryCode(Base):
    """A code that stands in for the second factor once."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Identity(Base):
    """Who somebody is at an OpenID Connect provider: issuer and subject, never an address, which changes hands."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class OidcRequest(Base):
    """A sign-in that somebody began at the provider. The row is taken once, by whoever brings its state back."""

    __tablename__ = "oidc_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    state_hash: Mapped[str] = mapped_column(String(64), unique=True)
    nonce: Mapped[str] = mapped_column(String(64))
    code_verifier: Mapped[str] = mapped_column(String(128))
    next_path: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime(), index=True)


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
