"""Sign-in limits, second factor, identities; deletion as a level; restriction rules, requests, the outbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "20261123_trust"
down_revision = "20261123_first"
branch_labels = None
depends_on = None

LINKS = ("incident_services", "incident_teams", "incident_tags")
VISIBILITIES = ("open", "restricted", "deleted")
STATES = ("draft", "in_review", "published", "withdrawn", "deleted")
METHODS = ("password", "link", "oidc", "proxy")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


@contextmanager
def _changed(table: str, **checks: str | None) -> Iterator[Any]:
    """A batch that changes a table and sets these check constraints: name to condition, None to drop it.

    On SQLite the table is made anew. Alembic does not read AUTOINCREMENT from the database, so it is handed over; and
    numbers already given out stay given out.
    """
    connection = op.get_bind()
    there = {each["name"] for each in sa.inspect(connection).get_check_constraints(table)}
    given_out = None
    kwargs: dict[str, Any] = {}
    if connection.dialect.name == "sqlite":
        query = "SELECT sql FROM sqlite_master WHERE name = ?"
        if "AUTOINCREMENT" in connection.exec_driver_sql(query, (table,)).scalar_one():
            kwargs = {"table_kwargs": {"sqlite_autoincrement": True}}
            query = "SELECT seq FROM sqlite_sequence WHERE name = ?"
            given_out = connection.exec_driver_sql(query, (table,)).scalar()
    with op.batch_alter_table(table, **kwargs) as batch:
        for name in checks:
            if f"ck_{table}_{name}" in there:
                batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        yield batch
        for name, condition in checks.items():
            if condition:
                batch.create_check_constraint(op.f(f"ck_{table}_{name}"), sa.text(condition))
    if given_out:
        connection.exec_driver_sql("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (given_out, table))


def _moment(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, length: int, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _person(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def upgrade() -> None:
    _change_what_there_was()
    _new_tables_of_accounts()
    _new_tables_around_incidents()


def _change_what_there_was() -> None:
    with _changed("people") as batch:
        batch.add_column(_text("totp_secret", 64, nullable=True))
        batch.add_column(_moment("totp_confirmed_at"))
        batch.add_column(sa.Column("totp_last_step", sa.Integer()))
        batch.add_column(_person("merged_into_id", nullable=True))
        batch.add_column(_moment("anonymised_at"))
        batch.create_foreign_key(
            op.f("fk_people_merged_into_id_people"), "people", ["merged_into_id"], ["id"]
        )
    with _changed("sessions") as batch:
        batch.add_column(_moment("confirmed_at"))
        batch.add_column(_text("method", 20, nullable=True))
        batch.add_column(_text("address", 64, nullable=True))
    op.execute("UPDATE sessions SET confirmed_at = created_at, method = 'password', address = ''")
    with _changed("sessions", signinmethod=_one_of("method", METHODS)) as batch:
        batch.alter_column("confirmed_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch.alter_column("method", existing_type=sa.String(length=20), nullable=False)
        batch.alter_column("address", existing_type=sa.String(length=64), nullable=False)
    levels = {name: _one_of(name, VISIBILITIES) for name in ("visibility", "deleted_visibility")}
    with _changed("incidents", **levels) as batch:
        batch.add_column(_moment("deleted_at"))
        batch.add_column(_text("deleted_visibility", 20, nullable=True))
    for table in LINKS:
        with _changed(table, visibility=_one_of("visibility", VISIBILITIES)):
            pass
    states = {"writeupstate": _one_of("state", STATES), "deleted_state": _one_of("deleted_state", STATES)}
    with _changed("writeups", **states) as batch:
        batch.add_column(_moment("deleted_at"))
        batch.add_column(_text("deleted_state", 20, nullable=True))


def _new_tables_of_accounts() -> None:
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "kind",
            sa.Enum(
                "sign_in",
                "second_factor",
                "code",
                "reset",
                "oidc",
                name="attemptkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        _text("account_hash", 64),
        _text("address", 64),
        _moment("at", nullable=False),
    )
    op.create_index("ix_sign_in_attempts_account", "sign_in_attempts", ["kind", "account_hash", "at"])
    op.create_index("ix_sign_in_attempts_address", "sign_in_attempts", ["kind", "address", "at"])
    op.create_index(op.f("ix_sign_in_attempts_at"), "sign_in_attempts", ["at"])
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("people.id"), nullable=False, index=True),
        sa.Column("code_hash", sa.String(length=64), nullable=False, unique=True),
        _moment("used_at"),
    )
    op.create_table(
        "identities",
        sa.Column("id", sa.Integer(), primary_key=True),
        _text("issuer", 500),
        _text("subject", 255),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("people.id"), nullable=False, index=True),
        _moment("created_at", nullable=False),
        sa.UniqueConstraint("issuer", "subject"),
    )
    op.create_table(
        "oidc_requests",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("state_hash", sa.String(length=64), nullable=False, unique=True),
        _text("nonce", 64),
        _text("code_verifier", 128),
        _text("next_path", 500),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
    )


def _new_tables_around_incidents() -> None:
    op.create_table(
        "restriction_rules",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "subject",
            sa.Enum(
                "tag",
                "service",
                "team",
                "kind",
                "severity",
                name="rulesubject",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        _text("value", 100),
        sa.Column("created_by_id", sa.Integer(), sa.ForeignKey("people.id")),
        _moment("created_at", nullable=False),
        sa.UniqueConstraint("subject", "value"),
    )
    op.create_table(
        "access_requests",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("people.id"), nullable=False, index=True),
        _text("path", 500),
        _text("reason", 1000),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "granted",
                "declined",
                name="requeststate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        _moment("created_at", nullable=False),
        sa.Column("answered_by_id", sa.Integer(), sa.ForeignKey("people.id")),
        _moment("answered_at"),
        _text("answer", 500),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_access_requests_state", "access_requests", ["state", "id"])
    op.create_table(
        "outbox_messages",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("delivery_id", sa.String(length=36), nullable=False, unique=True),
        _text("kind", 40),
        sa.Column("payload", sa.JSON(), nullable=False),
        _moment("created_at", nullable=False),
        _moment("due_at", nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _moment("claimed_until"),
        _text("last_error", 300),
        _moment("finished_at"),
        sa.Column("is_delivered", sa.Boolean(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_messages_due", "outbox_messages", ["finished_at", "due_at", "id"])


def downgrade() -> None:
    """What was deleted stays hidden: a deleted incident comes back restricted, a deleted write-up withdrawn."""
    for table in ("outbox_messages", "access_requests", "restriction_rules", "oidc_requests", "identities"):
        op.drop_table(table)
    op.drop_table("recovery_codes")
    op.drop_table("sign_in_attempts")
    op.execute("UPDATE writeups SET state = 'withdrawn', publication_number = NULL WHERE state = 'deleted'")
    with _changed("writeups", writeupstate=_one_of("state", STATES[:-1]), deleted_state=None) as batch:
        batch.drop_column("deleted_state")
        batch.drop_column("deleted_at")
    for table in LINKS:
        op.execute(f"UPDATE {table} SET visibility = 'restricted' WHERE visibility = 'deleted'")  # noqa: S608
        with _changed(table, visibility=_one_of("visibility", VISIBILITIES[:-1])):
            pass
    op.execute("UPDATE incidents SET visibility = 'restricted' WHERE visibility = 'deleted'")
    levels = {"visibility": _one_of("visibility", VISIBILITIES[:-1]), "deleted_visibility": None}
    with _changed("incidents", **levels) as batch:
        batch.drop_column("deleted_visibility")
        batch.drop_column("deleted_at")
    with _changed("sessions", signinmethod=None) as batch:
        for name in ("address", "method", "confirmed_at"):
            batch.drop_column(name)
    with _changed("people") as batch:
        batch.drop_constraint(op.f("fk_people_merged_into_id_people"), type_="foreignkey")
        for name in ("anonymised_at", "merged_into_id", "totp_last_step", "totp_confirmed_at", "totp_secret"):
            batch.drop_column(name)
