"""Action reviews, who was there, the queue and what was decided."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from postmortem.accounts.models import Person, Team
from postmortem.action_reviews.enums import Decision, QueueReason, ReviewState
from postmortem.actions.models import Action
from postmortem.db import Base, UTCDateTime, enum_type

DID_NOT_WORK = "it did not work"


class ActionReview(Base):
    """One meeting. `query` is what narrows the list of actions, as it stands in an address.

    Time spent is from `started_at` to `ended_at` (or now) without `paused_seconds` and what has passed since
    `paused_at`. `notes` are Markdown: questions that stay open. `writeup_id` is the write-up made of its minutes.
    """

    __tablename__ = "action_reviews"
    __table_args__ = (
        Index("ix_action_reviews_started", "started_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    query: Mapped[str] = mapped_column(String(1000), default="")
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"), index=True)
    state: Mapped[ReviewState] = mapped_column(enum_type(ReviewState), default=ReviewState.RUNNING)
    planned_minutes: Mapped[int] = mapped_column(default=45)
    started_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(UTCDateTime())
    paused_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    paused_seconds: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    writeup_id: Mapped[int | None] = mapped_column(ForeignKey("writeups.id"), index=True)
    notes: Mapped[str] = mapped_column(Text, default="")
    notes_html: Mapped[str] = mapped_column(Text, default="")
    rendered_with: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column()

    team: Mapped[Team | None] = relationship()
    started_by: Mapped[Person] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def history_label(self) -> str:
        return f"action review {self.title}"


class ActionReviewPerson(Base):
    """Somebody who is or was there. `last_seen_at` is the last sign of their page; None for who was ticked by hand."""

    __tablename__ = "action_review_people"

    review_id: Mapped[int] = mapped_column(ForeignKey("action_reviews.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    joined_at: Mapped[datetime] = mapped_column(UTCDateTime())
    last_seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime())

    person: Mapped[Person] = relationship()


class ActionReviewItem(Base):
    """One action in the queue. `reasons_before` are all that held at the start, `reasons_after` at the end.

    `version` goes up with each decision and each undo: whoever decides says which one they saw.
    """

    __tablename__ = "action_review_items"
    __table_args__ = (
        UniqueConstraint("review_id", "position"),
        UniqueConstraint("review_id", "action_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("action_reviews.id"))
    action_id: Mapped[int] = mapped_column(ForeignKey("actions.id"), index=True)
    position: Mapped[int]
    reason: Mapped[QueueReason] = mapped_column(enum_type(QueueReason))
    reasons_before: Mapped[list[str]] = mapped_column(JSON)
    reasons_after: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    is_decided: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    action: Mapped[Action] = relationship()


class ActionReviewDecision(Base):
    """What was decided about one item; taken back when `undone_at` is set. An item has at most one that holds.

    `outcome` says it in words without names of people (“due 3 March → 4 April 2026”); `note` is the one field that was
    asked for; `undo` are the fields' values before, for taking it back as long as the action is still at
    `action_version`. `new_action` was split off, or made because the action did not work.
    """

    __tablename__ = "action_review_decisions"
    __table_args__ = (
        Index("ix_action_review_decisions_review", "review_id", "decided_at", "id"),
        Index(
            "uq_action_review_decisions_holds",
            "item_id",
            unique=True,
            sqlite_where=text("undone_at IS NULL"),
            postgresql_where=text("undone_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("action_reviews.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("action_review_items.id"), index=True)
    decision: Mapped[Decision] = mapped_column(enum_type(Decision))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    decided_at: Mapped[datetime] = mapped_column(UTCDateTime())
    outcome: Mapped[str] = mapped_column(String(500), default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    undo: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    action_version: Mapped[int]
    new_action_id: Mapped[int | None] = mapped_column(ForeignKey("actions.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    item: Mapped[ActionReviewItem] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    new_action: Mapped[Action | None] = relationship()

    @property
    def told(self) -> str:
        return outcome_told(self.outcome, self.new_action_id, self.new_action)


def outcome_told(outcome: str, part_id: int | None, part: Action | None) -> str:
    """The outcome as it may be read: it quotes what was split off, which may have been deleted since."""
    if part_id is None or (part is not None and part.deleted_at is None):
        return outcome
    if outcome.startswith(DID_NOT_WORK):
        # That quotes nothing.
        return f"{DID_NOT_WORK}; ACT-{part_id} took its place, and was deleted since"
    return f"ACT-{part_id} was split off, and deleted since"
