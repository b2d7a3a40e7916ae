"""Follow-up of actions: comments, links, watching, verification, ideas, action reviews, news and receivers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "20261123_follow_up"
down_revision = "20261123_history_chain"
branch_labels = None
depends_on = None

NEW_TABLES = (
    "action_policy",
    "calendar_links",
    "digests",
    "news_items",
    "notification_settings",
    "receivers",
    "saved_views",
    "action_reviews",
    "follows",
    "no_actions_needed",
    "notification_choices",
    "action_comments",
    "action_links",
    "action_review_items",
    "action_review_people",
    "action_watches",
    "ideas",
    "reminders",
    "verifications",
    "action_review_decisions",
)
OF_ACTIONS = {
    "ix_actions_came_from_id": ["came_from_id"],
    "ix_actions_closed": ["closed_at", "id"],
    "ix_actions_created": ["created_at", "id"],
    "ix_actions_merged_into_id": ["merged_into_id"],
    "ix_actions_questioned_by_id": ["questioned_by_id"],
    "ix_actions_touched": ["touched_at", "sort_key", "id"],
    "ix_actions_verify": ["verify_on", "sort_key", "id"],
}
KEYS_OF_ACTIONS = {
    "fk_actions_merged_into_id_actions": ("actions", "merged_into_id"),
    "fk_actions_questioned_by_id_incidents": ("incidents", "questioned_by_id"),
    "fk_actions_came_from_id_actions": ("actions", "came_from_id"),
}
NEW_COLUMNS = (
    "tracker_title",
    "verify_on",
    "questioned_by_id",
    "questioned_at",
    "merged_into_id",
    "came_from_id",
    "touched_at",
)


@contextmanager
def _changed(table: str) -> Iterator[Any]:
    """A batch that changes a table. On SQLite it is made anew, and numbers already given out stay given out."""
    connection = op.get_bind()
    given_out = None
    kwargs: dict[str, Any] = {}
    if connection.dialect.name == "sqlite":
        kwargs = {"table_kwargs": {"sqlite_autoincrement": True}}
        query = "SELECT seq FROM sqlite_sequence WHERE name = ?"
        given_out = connection.exec_driver_sql(query, (table,)).scalar()
    with op.batch_alter_table(table, **kwargs) as batch:
        yield batch
    if given_out:
        connection.exec_driver_sql("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (given_out, table))


def upgrade() -> None:
    with _changed("outbox_messages") as batch:
        batch.add_column(sa.Column("lane", sa.String(length=60)))
    op.create_index("ix_outbox_messages_lane", "outbox_messages", ["lane", "finished_at", "id"])
    with _changed("actions") as batch:
        batch.add_column(sa.Column("tracker_title", sa.String(length=200)))
        batch.add_column(sa.Column("verify_on", sa.Date()))
        batch.add_column(sa.Column("questioned_by_id", sa.Integer()))
        batch.add_column(sa.Column("questioned_at", sa.DateTime(timezone=True)))
        batch.add_column(sa.Column("merged_into_id", sa.Integer()))
        batch.add_column(sa.Column("came_from_id", sa.Integer()))
        batch.add_column(sa.Column("touched_at", sa.DateTime(timezone=True)))
        for name, (target, column) in KEYS_OF_ACTIONS.items():
            batch.create_foreign_key(op.f(name), target, [column], ["id"])
    # Nobody knows when an action was last looked at before: the last change that history tells, else its beginning.
    op.execute(
        "UPDATE actions SET tracker_title = '', touched_at = COALESCE((SELECT MAX(h.at) FROM history_entries h "
        "WHERE h.subject_type = 'actions' AND h.subject_id = actions.id), created_at)"
    )
    with _changed("actions") as batch:
        batch.alter_column("tracker_title", existing_type=sa.String(length=200), nullable=False)
        batch.alter_column("touched_at", existing_type=sa.DateTime(timezone=True), nullable=False)
    for name, columns in OF_ACTIONS.items():
        op.create_index(op.f(name), "actions", columns)
    _create_tables()


def downgrade() -> None:
    for table in reversed(NEW_TABLES):
        op.drop_table(table)
    for name in OF_ACTIONS:
        op.drop_index(op.f(name), table_name="actions")
    with _changed("actions") as batch:
        for name in KEYS_OF_ACTIONS:
            batch.drop_constraint(op.f(name), type_="foreignkey")
        for column in NEW_COLUMNS:
            batch.drop_column(column)
    op.drop_index("ix_outbox_messages_lane", table_name="outbox_messages")
    with _changed("outbox_messages") as batch:
        batch.drop_column("lane")


def _create_tables() -> None:
    op.create_table(
        "action_policy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_days", sa.JSON(), nullable=False),
        sa.Column("needs_action", sa.JSON(), nullable=False),
        sa.Column("verification_days", sa.Integer(), nullable=False),
        sa.Column("soak_working_days", sa.Integer(), nullable=False),
        sa.Column("stale_days", sa.Integer(), nullable=False),
        sa.Column("due_soon_days", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_policy")),
    )
    op.create_table(
        "calendar_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_calendar_links_person_id_people")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_calendar_links_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_links_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_calendar_links_person_id"), "calendar_links", ["person_id"], unique=False)
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "pace",
            sa.Enum(
                "at_once",
                "daily",
                "weekly",
                "never",
                name="pace",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_digests_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("person_id", "pace", "day", name=op.f("uq_digests_person_id_pace_day")),
    )
    op.create_table(
        "news_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "pace",
            sa.Enum(
                "at_once",
                "daily",
                "weekly",
                "never",
                name="pace",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_news_items_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_news_items")),
        sa.UniqueConstraint("delivery_id", "person_id", name=op.f("uq_news_items_delivery_id_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_news_items_sent", "news_items", ["sent_at"], unique=False)
    op.create_index(
        "ix_news_items_waiting", "news_items", ["person_id", "pace", "sent_at", "id"], unique=False
    )
    op.create_table(
        "notification_settings",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.String(length=5), nullable=True),
        sa.Column("quiet_until", sa.String(length=5), nullable=True),
        sa.Column("is_quiet_on_weekends", sa.Boolean(), nullable=False),
        sa.Column("digest_at", sa.String(length=5), nullable=False),
        sa.Column("digest_weekday", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_notification_settings_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notification_settings")),
    )
    op.create_table(
        "receivers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "webhook",
                "slack",
                "teams",
                name="receiverkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("secret", sa.String(length=100), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("switched_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("switched_off_reason", sa.String(length=300), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_receivers_created_by_id_people")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_receivers_person_id_people")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_receivers_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receivers")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_receivers_person_id"), "receivers", ["person_id"], unique=False)
    op.create_index(op.f("ix_receivers_team_id"), "receivers", ["team_id"], unique=False)
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_saved_views_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_saved_views_is_shared"), "saved_views", ["is_shared"], unique=False)
    op.create_index(op.f("ix_saved_views_person_id"), "saved_views", ["person_id"], unique=False)
    op.create_table(
        "action_reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "running",
                "paused",
                "ended",
                name="reviewstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("planned_minutes", sa.Integer(), nullable=False),
        sa.Column("started_by_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_seconds", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("writeup_id", sa.Integer(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("notes_html", sa.Text(), nullable=False),
        sa.Column("rendered_with", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["started_by_id"], ["people.id"], name=op.f("fk_action_reviews_started_by_id_people")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_action_reviews_team_id_teams")),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_action_reviews_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_reviews")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_action_reviews_started", "action_reviews", ["started_at", "id"], unique=False)
    op.create_index(
        op.f("ix_action_reviews_started_by_id"), "action_reviews", ["started_by_id"], unique=False
    )
    op.create_index(op.f("ix_action_reviews_team_id"), "action_reviews", ["team_id"], unique=False)
    op.create_index(op.f("ix_action_reviews_writeup_id"), "action_reviews", ["writeup_id"], unique=False)
    op.create_table(
        "follows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=True),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_follows_person_id_people")),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_follows_service_id_services")),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_follows_tag_id_tags")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_follows_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follows")),
        sa.UniqueConstraint("person_id", "service_id", name=op.f("uq_follows_person_id_service_id")),
        sa.UniqueConstraint("person_id", "tag_id", name=op.f("uq_follows_person_id_tag_id")),
        sa.UniqueConstraint("person_id", "team_id", name=op.f("uq_follows_person_id_team_id")),
    )
    op.create_index(op.f("ix_follows_service_id"), "follows", ["service_id"], unique=False)
    op.create_index(op.f("ix_follows_tag_id"), "follows", ["tag_id"], unique=False)
    op.create_index(op.f("ix_follows_team_id"), "follows", ["team_id"], unique=False)
    op.create_table(
        "no_actions_needed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_no_actions_needed_incident_id_incidents")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_no_actions_needed_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_no_actions_needed")),
        sa.UniqueConstraint("incident_id", name=op.f("uq_no_actions_needed_incident_id")),
    )
    op.create_index(op.f("ix_no_actions_needed_person_id"), "no_actions_needed", ["person_id"], unique=False)
    op.create_table(
        "notification_choices",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column(
            "pace",
            sa.Enum(
                "at_once",
                "daily",
                "weekly",
                "never",
                name="pace",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("receiver_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_notification_choices_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["receiver_id"], ["receivers.id"], name=op.f("fk_notification_choices_receiver_id_receivers")
        ),
        sa.PrimaryKeyConstraint("person_id", "event", name=op.f("pk_notification_choices")),
    )
    op.create_index(
        op.f("ix_notification_choices_receiver_id"), "notification_choices", ["receiver_id"], unique=False
    )
    op.create_table(
        "action_comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_html", sa.Text(), nullable=False),
        sa.Column("rendered_with", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["actions.id"], name=op.f("fk_action_comments_action_id_actions")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people.id"], name=op.f("fk_action_comments_author_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_comments")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_action_comments_action", "action_comments", ["action_id", "id"], unique=False)
    op.create_index(op.f("ix_action_comments_author_id"), "action_comments", ["author_id"], unique=False)
    op.create_table(
        "action_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["actions.id"], name=op.f("fk_action_links_action_id_actions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_links")),
        sa.UniqueConstraint("action_id", "url", name=op.f("uq_action_links_action_id_url")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "action_review_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "overdue",
                "stale",
                "unowned",
                "unverified",
                "due_soon",
                "proposed",
                "other",
                name="queuereason",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("reasons_before", sa.JSON(), nullable=False),
        sa.Column("reasons_after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("is_decided", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["actions.id"], name=op.f("fk_action_review_items_action_id_actions")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["action_reviews.id"], name=op.f("fk_action_review_items_review_id_action_reviews")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_review_items")),
        sa.UniqueConstraint(
            "review_id", "action_id", name=op.f("uq_action_review_items_review_id_action_id")
        ),
        sa.UniqueConstraint("review_id", "position", name=op.f("uq_action_review_items_review_id_position")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_action_review_items_action_id"), "action_review_items", ["action_id"], unique=False
    )
    op.create_table(
        "action_review_people",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_action_review_people_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["action_reviews.id"],
            name=op.f("fk_action_review_people_review_id_action_reviews"),
        ),
        sa.PrimaryKeyConstraint("review_id", "person_id", name=op.f("pk_action_review_people")),
    )
    op.create_index(
        op.f("ix_action_review_people_person_id"), "action_review_people", ["person_id"], unique=False
    )
    op.create_table(
        "action_watches",
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["action_id"], ["actions.id"], name=op.f("fk_action_watches_action_id_actions")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_action_watches_person_id_people")
        ),
        sa.PrimaryKeyConstraint("action_id", "person_id", name=op.f("pk_action_watches")),
    )
    op.create_index(op.f("ix_action_watches_person_id"), "action_watches", ["person_id"], unique=False)
    op.create_table(
        "ideas",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=True),
        sa.Column("promoted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["actions.id"], name=op.f("fk_ideas_action_id_actions")),
        sa.ForeignKeyConstraint(["added_by_id"], ["people.id"], name=op.f("fk_ideas_added_by_id_people")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_ideas_incident_id_incidents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ideas")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_ideas_action_id"), "ideas", ["action_id"], unique=False)
    op.create_index(op.f("ix_ideas_added_by_id"), "ideas", ["added_by_id"], unique=False)
    op.create_index("ix_ideas_incident", "ideas", ["incident_id", "id"], unique=False)
    op.create_table(
        "reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["actions.id"], name=op.f("fk_reminders_action_id_actions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint(
            "action_id", "event", "due_on", "step", name=op.f("uq_reminders_action_id_event_due_on_step")
        ),
    )
    op.create_table(
        "verifications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.String(length=500), nullable=False),
        sa.Column("has_worked", sa.Boolean(), nullable=False),
        sa.Column("next_action_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["action_id"], ["actions.id"], name=op.f("fk_verifications_action_id_actions")
        ),
        sa.ForeignKeyConstraint(
            ["next_action_id"], ["actions.id"], name=op.f("fk_verifications_next_action_id_actions")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_verifications_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verifications")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_verifications_action_id"), "verifications", ["action_id"], unique=False)
    op.create_index(op.f("ix_verifications_person_id"), "verifications", ["person_id"], unique=False)
    op.create_table(
        "action_review_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                "keep",
                "redate",
                "hand_over",
                "start",
                "done",
                "verify",
                "not_doing",
                "split",
                name="decision",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=500), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("undo", sa.JSON(), nullable=False),
        sa.Column("action_version", sa.Integer(), nullable=False),
        sa.Column("new_action_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["action_review_items.id"],
            name=op.f("fk_action_review_decisions_item_id_action_review_items"),
        ),
        sa.ForeignKeyConstraint(
            ["new_action_id"], ["actions.id"], name=op.f("fk_action_review_decisions_new_action_id_actions")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_action_review_decisions_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["action_reviews.id"],
            name=op.f("fk_action_review_decisions_review_id_action_reviews"),
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["people.id"], name=op.f("fk_action_review_decisions_undone_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_review_decisions")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_action_review_decisions_item_id"), "action_review_decisions", ["item_id"], unique=False
    )
    op.create_index(
        op.f("ix_action_review_decisions_person_id"), "action_review_decisions", ["person_id"], unique=False
    )
    op.create_index(
        "ix_action_review_decisions_review",
        "action_review_decisions",
        ["review_id", "decided_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_action_review_decisions_holds",
        "action_review_decisions",
        ["item_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
