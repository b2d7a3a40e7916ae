"""Who wants to be told what, how and where; what was told already."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortem.accounts.models import Person, Service, Team
from postmortem.db import Base, UTCDateTime, enum_type
from postmortem.notifications.enums import Pace, ReceiverKind
from postmortem.tags.models import Tag


class NotificationChoice(Base):
    """What somebody chose for one event. Without a row it is as shipped (enums.USUAL_PACE), by e-mail.

    `receiver_id` is a receiver of the person's own that takes the place of e-mail.
    """

    __tablename__ = "notification_choices"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    event: Mapped[str] = mapped_column(String(40), primary_key=True)
    pace: Mapped[Pace] = mapped_column(enum_type(Pace))
    receiver_id: Mapped[int | None] = mapped_column(ForeignKey("receivers.id"), index=True)


class NotificationSettings(Base):
    """When somebody wants to be left alone and when digests come; times are `HH:MM` in the person's own zone.

    Quiet hours go over midnight where `quiet_from` is later than `quiet_until`; both None: off. Monday is weekday 0.
    """

    __tablename__ = "notification_settings"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    quiet_from: Mapped[str | None] = mapped_column(String(5))
    quiet_until: Mapped[str | None] = mapped_column(String(5))
    is_quiet_on_weekends: Mapped[bool] = mapped_column(default=False)
    digest_at: Mapped[str] = mapped_column(String(5), default="08:00")
    digest_weekday: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column()

    person: Mapped[Person] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"notifications of {self.person.name}"


class Follow(Base):
    """Somebody wants news of one tag, service or team: exactly one of the three is set."""

    __tablename__ = "follows"
    __table_args__ = (
        UniqueConstraint("person_id", "tag_id"),
        UniqueConstraint("person_id", "service_id"),
        UniqueConstraint("person_id", "team_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    tag_id: Mapped[int | None] = mapped_column(ForeignKey("tags.id"), index=True)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())

    tag: Mapped[Tag | None] = relationship()
    service: Mapped[Service | None] = relationship()
    team: Mapped[Team | None] = relationship()


class NewsItem(Base):
    """One piece of news for one person. `delivery_id` is that of the outbox row that told of it: told twice, one row.

    `payload` is what the news said (see stories.News); `sent_at` is when it went out, alone or in a digest.
    """

    __tablename__ = "news_items"
    __table_args__ = (
        UniqueConstraint("delivery_id", "person_id"),
        Index("ix_news_items_waiting", "person_id", "pace", "sent_at", "id"),
        Index("ix_news_items_sent", "sent_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[str] = mapped_column(String(36))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    pace: Mapped[Pace] = mapped_column(enum_type(Pace))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Digest(Base):
    """A digest that is owed or was sent: one for a person, a pace and a day of theirs."""

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("person_id", "pace", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    pace: Mapped[Pace] = mapped_column(enum_type(Pace))
    day: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class Reminder(Base):
    """Somebody was reminded of an action: each step of an event once for each due date, whoever asks at the same time."""

    __tablename__ = "reminders"
    __table_args__ = (UniqueConstraint("action_id", "event", "due_on", "step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("actions.id"))
    event: Mapped[str] = mapped_column(String(40))
    due_on: Mapped[date]
    step: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


class Receiver(Base):
    """An address outside that takes news: a signed webhook, Slack or Microsoft Teams.

    One with `person_id` is that person's own and gets what they get; any other is the site's, gets the events in
    `events` that everybody may read, and with `team_id` only those of that team. `url` and `secret` are never shown
    whole again. `failing_since` is when the first of `failures` failures in a row was.
    """

    __tablename__ = "receivers"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ReceiverKind] = mapped_column(enum_type(ReceiverKind))
    name: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(String(1000))
    secret: Mapped[str] = mapped_column(String(100), default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    events: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_active: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None] = mapped_column(UTCDateTime())
    last_delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    switched_off_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    switched_off_reason: Mapped[str] = mapped_column(String(300), default="")
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    version: Mapped[int] = mapped_column()

    team: Mapped[Team | None] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"receiver {self.name}"


class CalendarLink(Base):
    """A secret address of a calendar of due dates: the person's own actions, or with `team_id` that team's.

    The address holds a random token, this row only its SHA-256. It shows what its person may see.
    """

    __tablename__ = "calendar_links"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    team: Mapped[Team | None] = relationship()

    @property
    def history_label(self) -> str:
        return f"calendar link {self.id}"
