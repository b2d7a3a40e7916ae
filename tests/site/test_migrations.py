"""Migrations: one head, up and down and up again, and no drift between models and migrations."""

from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from postmortem import schema
from postmortem.db import Database
from tests.support.databases import TestDatabase


def test_there_is_one_head() -> None:
    script = ScriptDirectory(str(schema.shipped("migrations")))
    assert len(script.get_heads()) == 1
    # `serve` reads the files itself, to do without Alembic.
    revisions, head = schema.shipped_revisions()
    assert head == script.get_current_head()
    assert revisions == {each.revision for each in script.walk_revisions()}


def test_up_down_up_leaves_the_tables_there(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    schema.upgrade(database)
    tables = set(inspect(database.reading).get_table_names())
    schema.downgrade(database, "base")
    assert set(inspect(database.reading).get_table_names()) <= {"alembic_version", "sqlite_sequence"}
    schema.upgrade(database)
    assert set(inspect(database.reading).get_table_names()) == tables
    database.dispose()


def test_models_and_migrations_agree(the_database: TestDatabase) -> None:
    """Alembic's own check raises when it would generate anything."""
    the_database.empty()
    database = Database(the_database.url)
    with database.writing.connect() as connection:
        command.check(schema.alembic_config(connection))
    database.dispose()
    assert schema.schema_state(database) is schema.SchemaState.CURRENT
    database.dispose()


def test_a_newer_database_is_recognised(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    schema.upgrade(database)
    with database.writing.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '29990101_future'")
    assert schema.schema_state(database) is schema.SchemaState.NEWER
    database.dispose()


def test_a_migration_that_would_orphan_rows_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check runs inside the transaction: with a broken reference the version stays what it was."""
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    schema.upgrade(database)
    with database.writing.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql(
            "INSERT INTO services (slug, name, team_id, is_active, version) VALUES ('x', 'x', 99, 1, 1)"
        )
        connection.commit()
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        connection.exec_driver_sql("BEGIN")
    database.dispose()
    with pytest.raises(schema.ForeignKeysBroken):
        schema.upgrade(database)
    database.dispose()
