"""The writing desk: images, templates, language, people and roles, reviews, scheduled publishing, series."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "20261124_writing_desk"
down_revision = "20261123_follow_up"
branch_labels = None
depends_on = None

NEW_TABLES = (
    "language_policy",
    "review_policy",
    "series",
    "writeup_templates",
    "autosaves",
    "checklist_answers",
    "desk_visits",
    "entries_of_the_month",
    "language_keeps",
    "naming_choices",
    "naming_consents",
    "review_comments",
    "review_meetings",
    "review_requests",
    "reviews",
    "survey_answers",
    "writeup_old_slugs",
    "writeup_relations",
    "attachments",
    "publication_images",
)
SHIPPED_TEMPLATES = ("full_review", "lightweight", "near_miss", "free")
KEYS_OF_WRITEUPS = {
    "fk_writeups_publish_by_id_people": ("people", "publish_by_id"),
    "fk_writeups_facilitator_id_people": ("people", "facilitator_id"),
    "fk_writeups_review_skipped_by_id_people": ("people", "review_skipped_by_id"),
    "fk_writeups_series_id_series": ("series", "series_id"),
}
INDEXED = ("publish_at", "publish_by_id", "facilitator_id", "review_skipped_by_id", "series_id")
NEW_COLUMNS = (
    *("withdrawn_at", "publish_at", "publish_version", "publish_by_id", "facilitator_id"),
    *("review_skipped_reason", "review_skipped_by_id", "series_id", "series_position"),
)


@contextmanager
def _changed(table: str) -> Iterator[Any]:
    """A batch that changes a table. On SQLite it is made anew, and numbers already given out stay given out."""
    connection = op.get_bind()
    given_out = None
    kwargs: dict[str, Any] = {}
    if connection.dialect.name == "sqlite":
        query = "SELECT sql FROM sqlite_master WHERE name = ?"
        if "AUTOINCREMENT" in connection.exec_driver_sql(query, (table,)).scalar_one():
            kwargs = {"table_kwargs": {"sqlite_autoincrement": True}}
            query = "SELECT seq FROM sqlite_sequence WHERE name = ?"
            given_out = connection.exec_driver_sql(query, (table,)).scalar()
    with op.batch_alter_table(table, **kwargs) as batch:
        yield batch
    if given_out:
        connection.exec_driver_sql("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (given_out, table))


def upgrade() -> None:
    _create_tables()
    with _changed("writeups") as batch:
        batch.drop_constraint(op.f("ck_writeups_template"), type_="check")
        batch.alter_column("template", existing_type=sa.String(length=20), type_=sa.String(length=60))
        batch.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True)))
        batch.add_column(sa.Column("publish_at", sa.DateTime(timezone=True)))
        batch.add_column(sa.Column("publish_version", sa.Integer()))
        batch.add_column(sa.Column("publish_by_id", sa.Integer()))
        batch.add_column(sa.Column("facilitator_id", sa.Integer()))
        batch.add_column(sa.Column("review_skipped_reason", sa.String(length=500)))
        batch.add_column(sa.Column("review_skipped_by_id", sa.Integer()))
        batch.add_column(sa.Column("series_id", sa.Integer()))
        batch.add_column(sa.Column("series_position", sa.Integer()))
        for name, (target, column) in KEYS_OF_WRITEUPS.items():
            batch.create_foreign_key(op.f(name), target, [column], ["id"])
    # When one was withdrawn, only history tells.
    op.execute(
        "UPDATE writeups SET review_skipped_reason = '', series_position = 0, withdrawn_at = CASE WHEN state = 'withdrawn' "
        "THEN (SELECT MAX(h.at) FROM history_entries h WHERE h.subject_type = 'writeups' AND h.subject_id = writeups.id "
        "AND h.verb = 'withdrew') END"
    )
    with _changed("writeups") as batch:
        batch.alter_column("review_skipped_reason", existing_type=sa.String(length=500), nullable=False)
        batch.alter_column("series_position", existing_type=sa.Integer(), nullable=False)
    for column in INDEXED:
        op.create_index(op.f(f"ix_writeups_{column}"), "writeups", [column])
    with _changed("revisions") as batch:
        batch.add_column(sa.Column("reason", sa.String(length=500)))
    op.execute("UPDATE revisions SET reason = ''")
    with _changed("revisions") as batch:
        batch.alter_column("reason", existing_type=sa.String(length=500), nullable=False)
    with _changed("publications") as batch:
        batch.add_column(sa.Column("reason", sa.String(length=500)))
        batch.add_column(sa.Column("body", sa.Text()))
    # What was published so far is its revision's text, word for word.
    op.execute(
        "UPDATE publications SET reason = '', body = COALESCE((SELECT r.body FROM revisions r "
        "WHERE r.writeup_id = publications.writeup_id AND r.number = publications.revision_number), '')"
    )
    with _changed("publications") as batch:
        batch.alter_column("reason", existing_type=sa.String(length=500), nullable=False)
        batch.alter_column("body", existing_type=sa.Text(), nullable=False)


def downgrade() -> None:
    with _changed("publications") as batch:
        batch.drop_column("body")
        batch.drop_column("reason")
    with _changed("revisions") as batch:
        batch.drop_column("reason")
    for column in INDEXED:
        op.drop_index(op.f(f"ix_writeups_{column}"), table_name="writeups")
    shipped = ", ".join(repr(each) for each in SHIPPED_TEMPLATES)
    template = sa.table("writeups", sa.column("template"))
    op.execute(template.update().where(template.c.template.not_in(SHIPPED_TEMPLATES)).values(template="free"))
    with _changed("writeups") as batch:
        for name in KEYS_OF_WRITEUPS:
            batch.drop_constraint(op.f(name), type_="foreignkey")
        for column in NEW_COLUMNS:
            batch.drop_column(column)
        batch.alter_column("template", existing_type=sa.String(length=60), type_=sa.String(length=20))
        batch.create_check_constraint(op.f("ck_writeups_template"), sa.text(f"template IN ({shipped})"))
    for table in reversed(NEW_TABLES):
        op.drop_table(table)


def _create_tables() -> None:
    op.create_table(
        "language_policy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rules_off", sa.JSON(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_language_policy")),
    )
    op.create_table(
        "review_policy",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("approvals", sa.JSON(), nullable=False),
        sa.Column("checklist", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_policy")),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("slug", name=op.f("uq_series_slug")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "writeup_templates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("severities", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_writeup_templates")),
        sa.UniqueConstraint("key", name=op.f("uq_writeup_templates_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "autosaves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("tldr", sa.String(length=1000), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_autosaves_person_id_people")),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_autosaves_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_autosaves")),
        sa.UniqueConstraint("writeup_id", "person_id", name=op.f("uq_autosaves_writeup_id_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_autosaves_person_id"), "autosaves", ["person_id"], unique=False)
    op.create_table(
        "checklist_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.String(length=200), nullable=False),
        sa.Column("is_met", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["people.id"], name=op.f("fk_checklist_answers_answered_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_checklist_answers_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_answers")),
        sa.UniqueConstraint("writeup_id", "question", name=op.f("uq_checklist_answers_writeup_id_question")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_checklist_answers_answered_by_id"), "checklist_answers", ["answered_by_id"], unique=False
    )
    op.create_table(
        "desk_visits",
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("has_typed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_desk_visits_person_id_people")),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_desk_visits_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("writeup_id", "person_id", name=op.f("pk_desk_visits")),
    )
    op.create_index(op.f("ix_desk_visits_person_id"), "desk_visits", ["person_id"], unique=False)
    op.create_table(
        "entries_of_the_month",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("chosen_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chosen_by_id"], ["people.id"], name=op.f("fk_entries_of_the_month_chosen_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_entries_of_the_month_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries_of_the_month")),
        sa.UniqueConstraint("month", name=op.f("uq_entries_of_the_month_month")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_entries_of_the_month_chosen_by_id"), "entries_of_the_month", ["chosen_by_id"], unique=False
    )
    op.create_index(
        op.f("ix_entries_of_the_month_writeup_id"), "entries_of_the_month", ["writeup_id"], unique=False
    )
    op.create_table(
        "language_keeps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("kept_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["kept_by_id"], ["people.id"], name=op.f("fk_language_keeps_kept_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_language_keeps_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_language_keeps")),
        sa.UniqueConstraint(
            "writeup_id", "rule", "words", name=op.f("uq_language_keeps_writeup_id_rule_words")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_language_keeps_kept_by_id"), "language_keeps", ["kept_by_id"], unique=False)
    op.create_table(
        "naming_choices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("surface", sa.String(length=200), nullable=False),
        sa.Column("replacement", sa.String(length=100), nullable=False),
        sa.Column("is_left", sa.Boolean(), nullable=False),
        sa.Column("chosen_by_id", sa.Integer(), nullable=True),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["chosen_by_id"], ["people.id"], name=op.f("fk_naming_choices_chosen_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_naming_choices_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_naming_choices_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_naming_choices")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_naming_choices_chosen_by_id"), "naming_choices", ["chosen_by_id"], unique=False)
    op.create_index(op.f("ix_naming_choices_person_id"), "naming_choices", ["person_id"], unique=False)
    op.create_index(
        "ix_naming_choices_writeup", "naming_choices", ["writeup_id", "person_id", "surface"], unique=False
    )
    op.create_table(
        "naming_consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("is_agreed", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_naming_consents_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_naming_consents_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_naming_consents")),
        sa.UniqueConstraint("writeup_id", "person_id", name=op.f("uq_naming_consents_writeup_id_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_naming_consents_person_id"), "naming_consents", ["person_id"], unique=False)
    op.create_table(
        "review_comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("revision_number", sa.Integer(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_html", sa.Text(), nullable=False),
        sa.Column("rendered_with", sa.Integer(), nullable=False),
        sa.Column("suggestion", sa.Text(), nullable=True),
        sa.Column(
            "suggestion_state",
            sa.Enum(
                "open",
                "applied",
                "declined",
                name="suggestionstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by_id", sa.Integer(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people.id"], name=op.f("fk_review_comments_author_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["review_comments.id"], name=op.f("fk_review_comments_parent_id_review_comments")
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by_id"], ["people.id"], name=op.f("fk_review_comments_resolved_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_review_comments_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_comments")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_review_comments_author_id"), "review_comments", ["author_id"], unique=False)
    op.create_index(op.f("ix_review_comments_parent_id"), "review_comments", ["parent_id"], unique=False)
    op.create_index(
        op.f("ix_review_comments_resolved_by_id"), "review_comments", ["resolved_by_id"], unique=False
    )
    op.create_index("ix_review_comments_writeup", "review_comments", ["writeup_id", "id"], unique=False)
    op.create_table(
        "review_meetings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("uid", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("planned_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["planned_by_id"], ["people.id"], name=op.f("fk_review_meetings_planned_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_review_meetings_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_meetings")),
        sa.UniqueConstraint("uid", name=op.f("uq_review_meetings_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_review_meetings_planned_by_id"), "review_meetings", ["planned_by_id"], unique=False
    )
    op.create_index(op.f("ix_review_meetings_writeup_id"), "review_meetings", ["writeup_id"], unique=False)
    op.create_table(
        "review_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_review_requests_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["people.id"], name=op.f("fk_review_requests_requested_by_id_people")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_review_requests_team_id_teams")),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_review_requests_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_requests")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_review_requests_person_id"), "review_requests", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_review_requests_requested_by_id"), "review_requests", ["requested_by_id"], unique=False
    )
    op.create_index(op.f("ix_review_requests_team_id"), "review_requests", ["team_id"], unique=False)
    op.create_index("ix_review_requests_writeup", "review_requests", ["writeup_id", "id"], unique=False)
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("revision_number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "approve", "changes", name="verdict", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_html", sa.Text(), nullable=False),
        sa.Column("rendered_with", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_reviews_person_id_people")),
        sa.ForeignKeyConstraint(["writeup_id"], ["writeups.id"], name=op.f("fk_reviews_writeup_id_writeups")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_reviews_person_id"), "reviews", ["person_id"], unique=False)
    op.create_index("ix_reviews_writeup", "reviews", ["writeup_id", "id"], unique=False)
    op.create_table(
        "survey_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("voter", sa.String(length=64), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_survey_answers_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_answers")),
        sa.UniqueConstraint("writeup_id", "voter", name=op.f("uq_survey_answers_writeup_id_voter")),
    )
    op.create_table(
        "writeup_old_slugs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_writeup_old_slugs_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_writeup_old_slugs")),
        sa.UniqueConstraint("slug", name=op.f("uq_writeup_old_slugs_slug")),
    )
    op.create_index(
        op.f("ix_writeup_old_slugs_writeup_id"), "writeup_old_slugs", ["writeup_id"], unique=False
    )
    op.create_table(
        "writeup_relations",
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["other_id"], ["writeups.id"], name=op.f("fk_writeup_relations_other_id_writeups")
        ),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_writeup_relations_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("writeup_id", "other_id", name=op.f("pk_writeup_relations")),
    )
    op.create_index(op.f("ix_writeup_relations_other_id"), "writeup_relations", ["other_id"], unique=False)
    op.create_table(
        "attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=43), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=True),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("alt", sa.String(length=500), nullable=False),
        sa.Column("content_type", sa.String(length=40), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("widths", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(writeup_id IS NULL) <> (event_id IS NULL)", name=op.f("ck_attachments_one_owner")
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["timeline_events.id"], name=op.f("fk_attachments_event_id_timeline_events")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["people.id"], name=op.f("fk_attachments_uploaded_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_attachments_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("key", name=op.f("uq_attachments_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_attachments_event", "attachments", ["event_id", "id"], unique=False)
    op.create_index(op.f("ix_attachments_uploaded_by_id"), "attachments", ["uploaded_by_id"], unique=False)
    op.create_index("ix_attachments_writeup", "attachments", ["writeup_id", "id"], unique=False)
    op.create_table(
        "publication_images",
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["attachments.id"],
            name=op.f("fk_publication_images_attachment_id_attachments"),
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publications.id"],
            name=op.f("fk_publication_images_publication_id_publications"),
        ),
        sa.PrimaryKeyConstraint("publication_id", "attachment_id", name=op.f("pk_publication_images")),
    )
    op.create_index(
        op.f("ix_publication_images_attachment_id"), "publication_images", ["attachment_id"], unique=False
    )
