"""What readers give back, questions, feed links, newsletters, guests of a review meeting, reminders for reviewers."""

import sqlalchemy as sa
from alembic import op

revision = "20261124_readers"
down_revision = "20261124_writing_desk"
branch_labels = None
depends_on = None

NEW_TABLES = (
    "newsletters",
    "feed_links",
    "citations",
    "open_questions",
    "reactions",
    "reader_questions",
    "reader_visits",
    "reader_answers",
    "review_meeting_guests",
)


def upgrade() -> None:
    _create_tables()
    op.add_column("review_requests", sa.Column("reminded_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("review_requests", "reminded_at")
    for table in reversed(NEW_TABLES):
        op.drop_table(table)


def _create_tables() -> None:
    op.create_table(
        "newsletters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_to", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_newsletters")),
        sa.UniqueConstraint("week", name=op.f("uq_newsletters_week")),
    )
    op.create_table(
        "feed_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_feed_links_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_feed_links_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_feed_links_person_id"), "feed_links", ["person_id"])
    op.create_table(
        "citations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "runbook",
                "pull_request",
                "design",
                "other",
                name="citationkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("added_by_id", sa.Integer()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["added_by_id"], ["people.id"], name=op.f("fk_citations_added_by_id_people")),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_citations_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citations")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_citations_added_by_id"), "citations", ["added_by_id"])
    op.create_index("ix_citations_writeup", "citations", ["writeup_id", "id"])
    op.create_table(
        "open_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_gone", sa.Boolean(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("settled_by_id", sa.Integer()),
        sa.Column("outcome", sa.String(length=1000), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["people.id"], name=op.f("fk_open_questions_settled_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_open_questions_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_questions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_open_questions_settled_by_id"), "open_questions", ["settled_by_id"])
    op.create_index("ix_open_questions_writeup", "open_questions", ["writeup_id", "position"])
    op.create_table(
        "reactions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("reader", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_reactions_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reactions")),
        sa.UniqueConstraint("writeup_id", "reader", name=op.f("uq_reactions_writeup_id_reader")),
    )
    op.create_table(
        "reader_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_html", sa.Text(), nullable=False),
        sa.Column("rendered_with", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True)),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["people.id"], name=op.f("fk_reader_questions_asked_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_reader_questions_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader_questions")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_reader_questions_asked_by_id"), "reader_questions", ["asked_by_id"])
    op.create_index("ix_reader_questions_writeup", "reader_questions", ["writeup_id", "id"])
    op.create_table(
        "reader_visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("reader", sa.String(length=64), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("is_beyond_team", sa.Boolean(), nullable=False),
        sa.Column("came_back", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_reader_visits_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader_visits")),
        sa.UniqueConstraint("writeup_id", "reader", name=op.f("uq_reader_visits_writeup_id_reader")),
    )
    op.create_table(
        "reader_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_html", sa.Text(), nullable=False),
        sa.Column("rendered_with", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True)),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people.id"], name=op.f("fk_reader_answers_author_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["reader_questions.id"],
            name=op.f("fk_reader_answers_question_id_reader_questions"),
        ),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_reader_answers_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader_answers")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_reader_answers_author_id"), "reader_answers", ["author_id"])
    op.create_index(op.f("ix_reader_answers_question_id"), "reader_answers", ["question_id"])
    op.create_index(op.f("ix_reader_answers_writeup_id"), "reader_answers", ["writeup_id"])
    op.create_table(
        "review_meeting_guests",
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["review_meetings.id"],
            name=op.f("fk_review_meeting_guests_meeting_id_review_meetings"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_review_meeting_guests_person_id_people")
        ),
        sa.PrimaryKeyConstraint("meeting_id", "person_id", name=op.f("pk_review_meeting_guests")),
    )
    op.create_index(op.f("ix_review_meeting_guests_person_id"), "review_meeting_guests", ["person_id"])
