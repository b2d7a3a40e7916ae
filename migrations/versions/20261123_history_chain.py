"""History as a chain of hashes, with triggers that let nothing but blanking change a row."""

import hashlib
import json
import secrets
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "20261123_history_chain"
down_revision = "20261123_trust"
branch_labels = None
depends_on = None

TABLE = "history_entries"
STAYS = ("actor_id", "verb", "subject_type", "subject_id", "incident_id")
CONTENTS = ("actor_name", "subject_label", "changes")
AT_ONCE = 1000
INDEXES = {
    "ix_history_entries_at": ["at", "id"],
    "ix_history_entries_actor": ["actor_id", "at", "id"],
    "ix_history_entries_verb": ["verb", "at", "id"],
    "ix_history_entries_noun": ["subject_type", "at", "id"],
    "ix_history_entries_blanked_by_id": ["blanked_by_id"],
}
FK_INCIDENT = "fk_history_entries_incident_id_incidents"
FK_BLANKED = "fk_history_entries_blanked_by_id_history_entries"
UNIQUE = "uq_history_entries_position"


def upgrade() -> None:
    op.create_table(
        "history_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_head")),
    )
    with _changed() as batch:
        # The number stays when the incident is deleted for good.
        batch.drop_constraint(op.f(FK_INCIDENT), type_="foreignkey")
        for name, length in (("salt", 32), ("digest", 64), ("chain", 64), ("redacted_digest", 64)):
            batch.add_column(sa.Column(name, sa.String(length=length)))
        batch.add_column(sa.Column("covers", sa.Text()))
        batch.add_column(sa.Column("position", sa.Integer()))
        batch.add_column(sa.Column("blanked_by_id", sa.Integer()))
    _chain_what_there_is()
    with _changed() as batch:
        batch.alter_column("digest", existing_type=sa.String(length=64), nullable=False)
        batch.create_unique_constraint(op.f(UNIQUE), ["position"])
        batch.create_foreign_key(op.f(FK_BLANKED), TABLE, ["blanked_by_id"], ["id"])
    for name, columns in INDEXES.items():
        op.create_index(op.f(name), TABLE, columns)
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for event in ("update", "delete"):
        on = "" if is_sqlite else f" ON {TABLE}"
        op.execute(f"DROP TRIGGER {TABLE}_refuse_{event}{on}")
    if not is_sqlite:
        op.execute("DROP FUNCTION refuse_to_change_history()")
    for name in INDEXES:
        op.drop_index(op.f(name), TABLE)
    op.execute(
        "UPDATE history_entries SET incident_id = NULL WHERE incident_id NOT IN (SELECT id FROM incidents)"
    )
    with _changed() as batch:
        batch.drop_constraint(op.f(FK_BLANKED), type_="foreignkey")
        batch.drop_constraint(op.f(UNIQUE), type_="unique")
        for name in ("salt", "digest", "chain", "redacted_digest", "covers", "position", "blanked_by_id"):
            batch.drop_column(name)
        batch.create_foreign_key(op.f(FK_INCIDENT), "incidents", ["incident_id"], ["id"])
    op.drop_table("history_head")


def _changed() -> Any:
    # On SQLite the table is made anew, and Alembic does not read AUTOINCREMENT from the database.
    return op.batch_alter_table(TABLE, table_kwargs={"sqlite_autoincrement": True})


def _chain_what_there_is() -> None:
    """Give every row its place, oldest first; the head is not signed, because no key is known here."""
    connection = op.get_bind()
    # What this revision reads and writes, whatever the models say later.
    table = sa.table(
        TABLE,
        *(sa.column(name) for name in ("id", *STAYS, "actor_name", "subject_label", "salt", "digest")),
        *(sa.column(name) for name in ("position", "chain")),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("changes", sa.JSON()),
    )
    place = (
        table.update()
        .where(table.c.id == sa.bindparam("entry_id"))
        .values({name: sa.bindparam(f"new_{name}") for name in ("salt", "digest", "position", "chain")})
    )
    position, chain, last = 0, "0" * 64, 0
    batch_after = table.select().order_by(table.c.id).limit(AT_ONCE)
    while batch := connection.execute(batch_after.where(table.c.id > last)).all():
        last = batch[-1].id
        rows = []
        for entry in batch:
            position += 1
            salt = secrets.token_hex(16)
            at = _moment(entry.at)
            contents = {name: getattr(entry, name) for name in (*STAYS, *CONTENTS)}
            digest = _sha256({**contents, "salt": salt, "at": at})
            stays = [getattr(entry, name) for name in STAYS]
            chain = _sha256([chain, position, entry.id, at, *stays, digest, None])
            new = {"new_salt": salt, "new_digest": digest, "new_position": position, "new_chain": chain}
            rows.append({"entry_id": entry.id, **new})
        connection.execute(place, rows)
    head = sa.table("history_head", *(sa.column(name) for name in ("id", "position", "chain", "signature")))
    connection.execute(head.insert().values(id=1, position=position, chain=chain, signature=""))


def _moment(at: datetime) -> str:
    return (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)).isoformat()


def _sha256(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _guards(dialect: str) -> list[str]:
    """A row may take its place once, and may be blanked or redacted with the entry named that says why."""
    same = "IS" if dialect == "sqlite" else "IS NOT DISTINCT FROM"
    cast = "" if dialect == "sqlite" else "::text"

    def unchanged(*names: str) -> str:
        casts = {"changes": cast}
        return " AND ".join(
            f"NEW.{name}{casts.get(name, '')} {same} OLD.{name}{casts.get(name, '')}" for name in names
        )

    stays = unchanged("id", "at", *STAYS, "digest")
    takes_place = (
        f"OLD.position IS NULL AND {unchanged(*CONTENTS, 'salt', 'redacted_digest', 'blanked_by_id')}"
    )
    is_blanked = (
        f"OLD.position IS NOT NULL AND {unchanged('position', 'chain', 'covers')} "
        f"AND NEW.blanked_by_id IS NOT NULL AND NOT (NEW.salt {same} OLD.salt)"
    )
    allowed = f"({stays}) AND (({takes_place}) OR ({is_blanked}))"
    if dialect == "sqlite":
        refuse = "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
        return [
            f"CREATE TRIGGER {TABLE}_refuse_update BEFORE UPDATE ON {TABLE} WHEN NOT ({allowed}) {refuse}",
            f"CREATE TRIGGER {TABLE}_refuse_delete BEFORE DELETE ON {TABLE} {refuse}",
        ]
    run = "EXECUTE FUNCTION refuse_to_change_history()"
    return [
        "CREATE FUNCTION refuse_to_change_history() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$",
        f"CREATE TRIGGER {TABLE}_refuse_update BEFORE UPDATE ON {TABLE} "
        f"FOR EACH ROW WHEN (NOT ({allowed})) {run}",
        f"CREATE TRIGGER {TABLE}_refuse_delete BEFORE DELETE ON {TABLE} FOR EACH ROW {run}",
    ]
