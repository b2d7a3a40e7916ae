"""The migration that chains the history, on databases that hold some; and the triggers that it leaves."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from postmortem import schema
from postmortem.db import Database
from postmortem.history.appending import sign_head
from postmortem.history.checks import chain_problems
from postmortem.history.operations import CLI, SITE, record
from tests.support.databases import postgresql_server
from tests.support.tampering import TRIGGERS, guards

BEFORE, CHAINED = "20261123_trust", "20261123_history_chain"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of the revision before, with 2,500 entries about two incidents that one person made."""
    if request.param == "sqlite":
        yield from _filled(f"sqlite:///{tmp_path / 'x.db'}")
        return
    with postgresql_server(tmp_path) as url:
        yield from _filled(url)


def _filled(url: str) -> Iterator[Database]:
    database = Database(url, secret_key="k" * 40)
    schema.upgrade(database, BEFORE)
    with database.writing.begin() as connection:
        at = datetime(2026, 3, 9, 14, 5, 7, 123456, tzinfo=UTC)
        moment = at if not database.is_sqlite else at.replace(tzinfo=None).isoformat(" ")
        connection.execute(
            text(
                "INSERT INTO people (id, email, name, role, timezone, is_active, created_at, version) "
                "VALUES (1, 'a@example.com', 'Aino', 'admin', 'UTC', :yes, :at, 1)"
            ),
            {"yes": True, "at": moment},
        )
        connection.execute(
            text(
                "INSERT INTO history_entries (at, actor_id, actor_name, verb, subject_type, subject_id, "
                "subject_label, incident_id, changes) "
                "VALUES (:at, :actor, 'Aino', 'edited', 'people', 1, 'Åse “x”', NULL, :changes)"
            ),
            [
                {"at": moment, "actor": number % 2 or None, "changes": json.dumps({"n": [None, number, "ü"]})}
                for number in range(2500)
            ],
        )
    yield database
    database.dispose()


def test_what_was_there_is_chained_and_stays(filled: Database) -> None:
    def rows() -> list[tuple[object, ...]]:
        with filled.reading.connect() as connection:
            return [
                tuple(row)
                for row in connection.execute(
                    text("SELECT id, at, actor_id, subject_label, changes FROM history_entries ORDER BY id")
                )
            ]

    before = rows()
    schema.upgrade(filled, CHAINED)
    assert rows() == before
    with filled.session(writes=True) as session:
        (unsigned,) = chain_problems(session)
        assert "signature" in unsigned
        sign_head(session)
        record(session, "went on", SITE, actor=CLI)
        session.commit()
        assert list(chain_problems(session)) == []
        assert session.scalar(text("SELECT position FROM history_head")) == 2501
        assert len(guards(session)) == len(TRIGGERS)


def test_down_and_up_again(filled: Database) -> None:
    before = _columns(filled)
    schema.upgrade(filled, CHAINED)
    with filled.session(writes=True) as session:
        # Of an incident that is gone: the earlier revision knows it by a foreign key.
        record(session, "deleted for good", SITE, actor=CLI, incident_id=77)
        session.commit()
    schema.downgrade(filled, BEFORE)
    assert _columns(filled) == before
    with filled.reading.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM history_entries")).scalar() == 2501
        assert not inspect(connection).has_table("history_head")
    with filled.writing.begin() as connection:
        connection.execute(text("DELETE FROM history_entries WHERE id = 1"))
    schema.upgrade(filled, CHAINED)
    with filled.session(writes=True) as session:
        sign_head(session)
        assert list(chain_problems(session)) == []


def _columns(database: Database) -> set[str]:
    with database.reading.connect() as connection:
        found = {column["name"] for column in inspect(connection).get_columns("history_entries")}
        return found | {str(key["name"]) for key in inspect(connection).get_foreign_keys("history_entries")}


def test_the_newest_revision_guards_the_history(filled: Database) -> None:
    """A later migration that makes the table anew would lose the triggers without a word."""
    schema.upgrade(filled)
    with filled.session(writes=False) as session:
        found = " ".join(guards(session))
    assert all(name in found for name in TRIGGERS)
