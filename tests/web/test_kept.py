"""Reads that are not repeated while nobody writes, and parts of pages that are drawn once."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from jinja2 import DictLoader, UndefinedError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person, Team
from postmortem.db import Database
from postmortem.web.kept import READS, _Kept, kept, kept_parts, remembered
from tests.factories.accounts import make_team


@pytest.fixture
def reading(database: Database) -> Iterator[Callable[[], int]]:
    """Counts the teams as a page does: in a transaction of its own, through `remembered`."""
    asked: list[int] = []

    def ask() -> int:
        with database.session(writes=False) as session:

            def count() -> int:
                asked.append(1)
                return session.scalar(select(func.count()).select_from(Team)) or 0

            return remembered(session, "teams", count)

    ask.asked = asked  # type: ignore[attr-defined]
    yield ask


def test_a_read_is_repeated_only_after_somebody_wrote(session: Session, reading: Any) -> None:
    assert [reading(), reading()] == [0, 0]
    assert len(reading.asked) == 1
    make_team(session, "Playback")
    assert [reading(), reading()] == [1, 1]
    assert len(reading.asked) == 2


def test_writing_anything_at_all_counts(session: Session, author: Person, reading: Any) -> None:
    reading()
    author.name = "Somebody Else"
    session.merge(author)
    session.commit()
    reading()
    assert len(reading.asked) == 2


def test_what_was_not_committed_is_not_remembered(database: Database, reading: Any) -> None:
    with database.session(writes=True) as writing:
        writing.add(Team(slug="gone", name="Gone"))
        writing.flush()
        assert reading() == 0
        writing.rollback()
    assert reading() == 0


def test_a_session_that_writes_sees_its_own_changes(database: Database) -> None:
    with database.session(writes=True) as writing:

        def count() -> int:
            return writing.scalar(select(func.count()).select_from(Team)) or 0

        assert remembered(writing, "teams", count) == 0
        writing.add(Team(slug="new", name="New"))
        writing.flush()
        assert remembered(writing, "teams", count) == 1


def test_questions_are_told_apart_and_bounded(database: Database) -> None:
    for number in range(READS + 50):
        with database.session(writes=False) as session:
            assert remembered(session, ("number", number), lambda number=number: number) == number
            assert len(session.connection().info["remembered_reads"]) <= READS + 2


def test_the_least_recently_used_drawing_goes_first() -> None:
    few: _Kept = _Kept(2)
    assert [few.get("a", lambda: 1), few.get("b", lambda: 2), few.get("a", lambda: 3)] == [1, 2, 1]
    few.get("c", lambda: 4)
    assert few.get("a", lambda: 5) == 1
    assert few.get("b", lambda: 6) == 6


def test_nothing_drawn_is_kept_while_developing(make_app: Callable[..., Flask]) -> None:
    with make_app(development=True).app_context():
        assert [kept("developing", lambda: 1), kept("developing", lambda: 2)] == [1, 2]
    with make_app().app_context():
        assert [kept("serving", lambda: 1), kept("serving", lambda: 2)] == [1, 1]


def test_a_kept_part_gets_nothing_of_the_request(app: Flask) -> None:
    app.jinja_env.loader = DictLoader({"part.html": "{% set part %}{{ current_person.name }}{% endset %}"})
    with app.test_request_context(), pytest.raises(UndefinedError, match="current_person"):
        kept_parts(("a key",), "part.html", dict)
