"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_first"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "form_keys",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("location", sa.String(length=500), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_form_keys")),
    )
    with op.batch_alter_table("form_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_form_keys_used_at"), ["used_at"], unique=False)

    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("handle", sa.String(length=40), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "reader",
                "contributor",
                "facilitator",
                "admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
        sa.UniqueConstraint("handle", name=op.f("uq_people_handle")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("name", name=op.f("uq_tags_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("slug", name=op.f("uq_teams_slug")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "incident",
                "near_miss",
                name="incidentkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "severity",
            sa.Enum(
                "sev1",
                "sev2",
                "sev3",
                "sev4",
                name="severity",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "mitigated",
                "resolved",
                "closed",
                name="incidentstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "visibility",
            sa.Enum(
                "open", "restricted", name="visibility", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column("sort_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column(
            "detected_by",
            sa.Enum(
                "alert",
                "synthetic",
                "customer",
                "staff",
                "other",
                name="detectedby",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column(
            "synthetic_coverable",
            sa.Enum(
                "yes", "no", "unsure", name="coverable", native_enum=False, create_constraint=True, length=20
            ),
            nullable=True,
        ),
        sa.Column("synthetic_covered", sa.Boolean(), nullable=True),
        sa.Column("impact_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "impact_started_at_confidence",
            sa.Enum(
                "exact",
                "minutes",
                "hours",
                "unknown",
                name="impact_started_at_confidence",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("impact_started_at_source", sa.String(length=200), nullable=False),
        sa.Column("impact_started_at_entered_by_id", sa.Integer(), nullable=True),
        sa.Column("detected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "detected_at_confidence",
            sa.Enum(
                "exact",
                "minutes",
                "hours",
                "unknown",
                name="detected_at_confidence",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("detected_at_source", sa.String(length=200), nullable=False),
        sa.Column("detected_at_entered_by_id", sa.Integer(), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "declared_at_confidence",
            sa.Enum(
                "exact",
                "minutes",
                "hours",
                "unknown",
                name="declared_at_confidence",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("declared_at_source", sa.String(length=200), nullable=False),
        sa.Column("declared_at_entered_by_id", sa.Integer(), nullable=True),
        sa.Column("mitigated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "mitigated_at_confidence",
            sa.Enum(
                "exact",
                "minutes",
                "hours",
                "unknown",
                name="mitigated_at_confidence",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("mitigated_at_source", sa.String(length=200), nullable=False),
        sa.Column("mitigated_at_entered_by_id", sa.Integer(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "resolved_at_confidence",
            sa.Enum(
                "exact",
                "minutes",
                "hours",
                "unknown",
                name="resolved_at_confidence",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("resolved_at_source", sa.String(length=200), nullable=False),
        sa.Column("resolved_at_entered_by_id", sa.Integer(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("reported_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rendered_with", sa.Integer(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("summary_html", sa.Text(), nullable=False),
        sa.Column("impact_html", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["declared_at_entered_by_id"],
            ["people.id"],
            name=op.f("fk_incidents_declared_at_entered_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["detected_at_entered_by_id"],
            ["people.id"],
            name=op.f("fk_incidents_detected_at_entered_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["impact_started_at_entered_by_id"],
            ["people.id"],
            name=op.f("fk_incidents_impact_started_at_entered_by_id_people"),
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["people.id"], name=op.f("fk_incidents_lead_id_people")),
        sa.ForeignKeyConstraint(
            ["mitigated_at_entered_by_id"],
            ["people.id"],
            name=op.f("fk_incidents_mitigated_at_entered_by_id_people"),
        ),
        sa.ForeignKeyConstraint(
            ["reported_by_id"], ["people.id"], name=op.f("fk_incidents_reported_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["resolved_at_entered_by_id"],
            ["people.id"],
            name=op.f("fk_incidents_resolved_at_entered_by_id_people"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.create_index(
            "ix_incidents_detected_by",
            ["detected_by", "sort_at", "id", "is_drill", "visibility"],
            unique=False,
        )
        batch_op.create_index(
            "ix_incidents_drills", ["is_drill", "sort_at", "id", "visibility"], unique=False
        )
        batch_op.create_index(
            "ix_incidents_kind", ["kind", "sort_at", "id", "is_drill", "visibility"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_incidents_lead_id"), ["lead_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incidents_reported_by_id"), ["reported_by_id"], unique=False)
        batch_op.create_index(
            "ix_incidents_severity", ["severity", "sort_at", "id", "is_drill", "visibility"], unique=False
        )
        batch_op.create_index("ix_incidents_sort", ["sort_at", "id", "is_drill", "visibility"], unique=False)
        batch_op.create_index(
            "ix_incidents_status", ["status", "sort_at", "id", "is_drill", "visibility"], unique=False
        )

    op.create_table(
        "services",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_services_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_services")),
        sa.UniqueConstraint("slug", name=op.f("uq_services_slug")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("services", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_services_team_id"), ["team_id"], unique=False)

    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_agent", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sessions_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sessions_person_id"), ["person_id"], unique=False)

    op.create_table(
        "single_use_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "setup", "password", name="linkpurpose", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_single_use_links_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_single_use_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_single_use_links_token_hash")),
    )
    with op.batch_alter_table("single_use_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_single_use_links_person_id"), ["person_id"], unique=False)

    op.create_table(
        "team_members",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_team_members_person_id_people")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_team_members_team_id_teams")),
        sa.PrimaryKeyConstraint("team_id", "person_id", name=op.f("pk_team_members")),
    )
    with op.batch_alter_table("team_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_team_members_person_id"), ["person_id"], unique=False)

    op.create_table(
        "writeups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("feed_id", sa.String(length=45), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "in_review",
                "published",
                "withdrawn",
                name="writeupstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "audience",
            sa.Enum(
                "internal", "public", name="audience", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column(
            "template",
            sa.Enum(
                "full_review",
                "lightweight",
                "near_miss",
                "free",
                name="template",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("publication_number", sa.Integer(), nullable=True),
        sa.Column("reading_minutes", sa.Integer(), nullable=False),
        sa.Column("source_name", sa.String(length=200), nullable=False),
        sa.Column("source_url", sa.String(length=500), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_reason", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rendered_with", sa.Integer(), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("tldr", sa.String(length=1000), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["people.id"], name=op.f("fk_writeups_created_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_writeups")),
        sa.UniqueConstraint("slug", name=op.f("uq_writeups_slug")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("writeups", schema=None) as batch_op:
        batch_op.create_index("ix_writeups_public", ["state", "audience", "published_at", "id"], unique=False)
        batch_op.create_index("ix_writeups_published", ["state", "published_at", "id"], unique=False)

    op.create_table(
        "actions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "investigate",
                "mitigate",
                "repair",
                "detect",
                "prevent",
                "process",
                name="actionkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column(
            "priority",
            sa.Enum("p1", "p2", "p3", name="priority", native_enum=False, create_constraint=True, length=20),
            nullable=True,
        ),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("first_due_on", sa.Date(), nullable=True),
        sa.Column("redated_count", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "proposed",
                "accepted",
                "in_progress",
                "done",
                "verified",
                "not_doing",
                name="actionstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("status_reason", sa.String(length=500), nullable=False),
        sa.Column("sort_key", sa.Integer(), nullable=False),
        sa.Column("tracker_url", sa.String(length=500), nullable=False),
        sa.Column("end_state", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rendered_with", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("description_html", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_actions_incident_id_incidents")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_actions_owner_id_people")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_actions_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actions")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("actions", schema=None) as batch_op:
        batch_op.create_index("ix_actions_incident", ["incident_id", "owner_id", "deleted_at"], unique=False)
        batch_op.create_index(
            "ix_actions_owner", ["owner_id", "sort_key", "id", "incident_id", "deleted_at"], unique=False
        )
        batch_op.create_index(
            "ix_actions_sort", ["sort_key", "id", "incident_id", "deleted_at"], unique=False
        )
        batch_op.create_index(
            "ix_actions_status", ["status", "sort_key", "id", "incident_id", "deleted_at"], unique=False
        )
        batch_op.create_index(
            "ix_actions_team", ["team_id", "sort_key", "id", "incident_id", "deleted_at"], unique=False
        )

    op.create_table(
        "external_ids",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_external_ids_incident_id_incidents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_ids")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_external_ids_source_external_id")),
    )
    with op.batch_alter_table("external_ids", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_external_ids_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "factors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("was_present_before", sa.Boolean(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rendered_with", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_html", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_factors_incident_id_incidents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factors")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("factors", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_factors_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "history_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("subject_type", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("subject_label", sa.String(length=300), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["people.id"], name=op.f("fk_history_entries_actor_id_people")),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_history_entries_incident_id_incidents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_entries")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("history_entries", schema=None) as batch_op:
        batch_op.create_index("ix_history_entries_incident", ["incident_id", "id"], unique=False)
        batch_op.create_index(
            "ix_history_entries_subject", ["subject_type", "subject_id", "id"], unique=False
        )

    op.create_table(
        "incident_participants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_incident_participants_incident_id_incidents")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_incident_participants_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_participants")),
        sa.UniqueConstraint(
            "incident_id",
            "person_id",
            "role",
            name=op.f("uq_incident_participants_incident_id_person_id_role"),
        ),
    )
    with op.batch_alter_table("incident_participants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_participants_person_id"), ["person_id"], unique=False)

    op.create_table(
        "incident_relations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "duplicate_of",
                "same_cause_as",
                "related_to",
                name="relationkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_incident_relations_incident_id_incidents")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["incidents.id"], name=op.f("fk_incident_relations_other_id_incidents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_relations")),
        sa.UniqueConstraint(
            "incident_id", "other_id", "kind", name=op.f("uq_incident_relations_incident_id_other_id_kind")
        ),
    )
    with op.batch_alter_table("incident_relations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_relations_other_id"), ["other_id"], unique=False)

    op.create_table(
        "incident_services",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("sort_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum(
                "open", "restricted", name="visibility", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_incident_services_incident_id_incidents")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_incident_services_service_id_services")
        ),
        sa.PrimaryKeyConstraint("incident_id", "service_id", name=op.f("pk_incident_services")),
    )
    with op.batch_alter_table("incident_services", schema=None) as batch_op:
        batch_op.create_index(
            "ix_incident_services_sort",
            ["service_id", "sort_at", "incident_id", "is_drill", "visibility"],
            unique=False,
        )

    op.create_table(
        "incident_tags",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.Column("sort_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum(
                "open", "restricted", name="visibility", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_incident_tags_incident_id_incidents")
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_incident_tags_tag_id_tags")),
        sa.PrimaryKeyConstraint("incident_id", "tag_id", name=op.f("pk_incident_tags")),
    )
    with op.batch_alter_table("incident_tags", schema=None) as batch_op:
        batch_op.create_index(
            "ix_incident_tags_sort",
            ["tag_id", "sort_at", "incident_id", "is_drill", "visibility"],
            unique=False,
        )

    op.create_table(
        "incident_teams",
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("sort_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column(
            "visibility",
            sa.Enum(
                "open", "restricted", name="visibility", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_incident_teams_incident_id_incidents")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_incident_teams_team_id_teams")),
        sa.PrimaryKeyConstraint("incident_id", "team_id", name=op.f("pk_incident_teams")),
    )
    with op.batch_alter_table("incident_teams", schema=None) as batch_op:
        batch_op.create_index(
            "ix_incident_teams_sort",
            ["team_id", "sort_at", "incident_id", "is_drill", "visibility"],
            unique=False,
        )

    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision_number", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "audience",
            sa.Enum(
                "internal", "public", name="audience", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("tldr", sa.String(length=1000), nullable=False),
        sa.Column("author_line", sa.String(length=500), nullable=False),
        sa.Column("rendered_with", sa.Integer(), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("frozen", sa.JSON(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["people.id"], name=op.f("fk_publications_published_by_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_publications_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint("writeup_id", "number", name=op.f("uq_publications_writeup_id_number")),
    )
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by_id", sa.Integer(), nullable=True),
        sa.Column("saved_by_name", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("tldr", sa.String(length=1000), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["saved_by_id"], ["people.id"], name=op.f("fk_revisions_saved_by_id_people")),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_revisions_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint("writeup_id", "number", name=op.f("uq_revisions_writeup_id_number")),
    )
    op.create_table(
        "timeline_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("occurred_text", sa.String(length=100), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "detection",
                "diagnosis",
                "decision",
                "repair",
                "communication",
                "impact",
                "other",
                name="eventkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("actor_role", sa.String(length=100), nullable=False),
        sa.Column("learnt_later", sa.Boolean(), nullable=False),
        sa.Column("in_writeup", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rendered_with", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_html", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_timeline_events_incident_id_incidents")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeline_events")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("timeline_events", schema=None) as batch_op:
        batch_op.create_index(
            "ix_timeline_events_incident", ["incident_id", "occurred_at", "id"], unique=False
        )

    op.create_table(
        "writeup_authors",
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_writeup_authors_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_writeup_authors_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("writeup_id", "person_id", name=op.f("pk_writeup_authors")),
    )
    with op.batch_alter_table("writeup_authors", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_writeup_authors_person_id"), ["person_id"], unique=False)

    op.create_table(
        "writeup_incidents",
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_writeup_incidents_incident_id_incidents")
        ),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_writeup_incidents_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("writeup_id", "incident_id", name=op.f("pk_writeup_incidents")),
    )
    with op.batch_alter_table("writeup_incidents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_writeup_incidents_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "writeup_services",
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_writeup_services_service_id_services")
        ),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_writeup_services_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("writeup_id", "service_id", name=op.f("pk_writeup_services")),
    )
    with op.batch_alter_table("writeup_services", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_writeup_services_service_id"), ["service_id"], unique=False)

    op.create_table(
        "writeup_tags",
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_writeup_tags_tag_id_tags")),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_writeup_tags_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("writeup_id", "tag_id", name=op.f("pk_writeup_tags")),
    )
    with op.batch_alter_table("writeup_tags", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_writeup_tags_tag_id"), ["tag_id"], unique=False)

    op.create_table(
        "writeup_teams",
        sa.Column("writeup_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_writeup_teams_team_id_teams")),
        sa.ForeignKeyConstraint(
            ["writeup_id"], ["writeups.id"], name=op.f("fk_writeup_teams_writeup_id_writeups")
        ),
        sa.PrimaryKeyConstraint("writeup_id", "team_id", name=op.f("pk_writeup_teams")),
    )
    with op.batch_alter_table("writeup_teams", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_writeup_teams_team_id"), ["team_id"], unique=False)

    op.create_table(
        "factor_events",
        sa.Column("factor_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["timeline_events.id"], name=op.f("fk_factor_events_event_id_timeline_events")
        ),
        sa.ForeignKeyConstraint(
            ["factor_id"], ["factors.id"], name=op.f("fk_factor_events_factor_id_factors")
        ),
        sa.PrimaryKeyConstraint("factor_id", "event_id", name=op.f("pk_factor_events")),
    )
    with op.batch_alter_table("factor_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_factor_events_event_id"), ["event_id"], unique=False)

    op.create_table(
        "factor_tags",
        sa.Column("factor_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["factor_id"], ["factors.id"], name=op.f("fk_factor_tags_factor_id_factors")),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_factor_tags_tag_id_tags")),
        sa.PrimaryKeyConstraint("factor_id", "tag_id", name=op.f("pk_factor_tags")),
    )
    with op.batch_alter_table("factor_tags", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_factor_tags_tag_id"), ["tag_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("factor_tags", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_factor_tags_tag_id"))

    op.drop_table("factor_tags")
    with op.batch_alter_table("factor_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_factor_events_event_id"))

    op.drop_table("factor_events")
    with op.batch_alter_table("writeup_teams", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_writeup_teams_team_id"))

    op.drop_table("writeup_teams")
    with op.batch_alter_table("writeup_tags", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_writeup_tags_tag_id"))

    op.drop_table("writeup_tags")
    with op.batch_alter_table("writeup_services", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_writeup_services_service_id"))

    op.drop_table("writeup_services")
    with op.batch_alter_table("writeup_incidents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_writeup_incidents_incident_id"))

    op.drop_table("writeup_incidents")
    with op.batch_alter_table("writeup_authors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_writeup_authors_person_id"))

    op.drop_table("writeup_authors")
    with op.batch_alter_table("timeline_events", schema=None) as batch_op:
        batch_op.drop_index("ix_timeline_events_incident")

    op.drop_table("timeline_events")
    op.drop_table("revisions")
    op.drop_table("publications")
    with op.batch_alter_table("incident_teams", schema=None) as batch_op:
        batch_op.drop_index("ix_incident_teams_sort")

    op.drop_table("incident_teams")
    with op.batch_alter_table("incident_tags", schema=None) as batch_op:
        batch_op.drop_index("ix_incident_tags_sort")

    op.drop_table("incident_tags")
    with op.batch_alter_table("incident_services", schema=None) as batch_op:
        batch_op.drop_index("ix_incident_services_sort")

    op.drop_table("incident_services")
    with op.batch_alter_table("incident_relations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_relations_other_id"))

    op.drop_table("incident_relations")
    with op.batch_alter_table("incident_participants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_participants_person_id"))

    op.drop_table("incident_participants")
    with op.batch_alter_table("history_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_history_entries_subject")
        batch_op.drop_index("ix_history_entries_incident")

    op.drop_table("history_entries")
    with op.batch_alter_table("factors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_factors_incident_id"))

    op.drop_table("factors")
    with op.batch_alter_table("external_ids", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_external_ids_incident_id"))

    op.drop_table("external_ids")
    with op.batch_alter_table("actions", schema=None) as batch_op:
        batch_op.drop_index("ix_actions_team")
        batch_op.drop_index("ix_actions_status")
        batch_op.drop_index("ix_actions_sort")
        batch_op.drop_index("ix_actions_owner")
        batch_op.drop_index("ix_actions_incident")

    op.drop_table("actions")
    with op.batch_alter_table("writeups", schema=None) as batch_op:
        batch_op.drop_index("ix_writeups_published")
        batch_op.drop_index("ix_writeups_public")

    op.drop_table("writeups")
    with op.batch_alter_table("team_members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_team_members_person_id"))

    op.drop_table("team_members")
    with op.batch_alter_table("single_use_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_single_use_links_person_id"))

    op.drop_table("single_use_links")
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sessions_person_id"))

    op.drop_table("sessions")
    with op.batch_alter_table("services", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_services_team_id"))

    op.drop_table("services")
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.drop_index("ix_incidents_status")
        batch_op.drop_index("ix_incidents_sort")
        batch_op.drop_index("ix_incidents_severity")
        batch_op.drop_index(batch_op.f("ix_incidents_reported_by_id"))
        batch_op.drop_index(batch_op.f("ix_incidents_lead_id"))
        batch_op.drop_index("ix_incidents_kind")
        batch_op.drop_index("ix_incidents_drills")
        batch_op.drop_index("ix_incidents_detected_by")

    op.drop_table("incidents")
    op.drop_table("teams")
    op.drop_table("tags")
    op.drop_table("people")
    with op.batch_alter_table("form_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_form_keys_used_at"))

    op.drop_table("form_keys")
