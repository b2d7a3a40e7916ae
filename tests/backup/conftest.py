"""A site with something in it, and commands run on it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.enums import SignInMethod
from postmortem.accounts.models import Person, SignIn
from postmortem.config import Config
from postmortem.db import Database
from tests.cli.conftest import Run, environment, run  # noqa: F401


@pytest.fixture
def filled(config: Config) -> Config:
    """Ada who is signed in, some incidents and actions; every connection closed."""
    from postmortem.accounts.enums import Role
    from postmortem.accounts.operations import add_person
    from postmortem.history.operations import CLI
    from tests.factories.actions import make_action
    from tests.factories.follow_up import furnish_with_news
    from tests.factories.incidents import make_incident

    database = Database(config.database_url, secret_key=config.secret_key)
    with database.session(writes=True) as session:
        ada = add_person(
            session,
            email="ada@example.com",
            name="Ada",
            role=Role.ADMIN,
            password="a good long password",
            actor=CLI,
        )
        for number in range(6):
            incident = make_incident(session, ada, f"The disk filled up, time {number}")
            action = make_action(session, incident, f"Add an alarm {number}")
        sign_in(session, ada)
        furnish_with_news(session, ada, action)
        session.commit()
    database.dispose()
    return config


def sign_in(session: Session, person: Person) -> None:
    now = clock.now()
    session.add(
        SignIn(
            token_hash="0" * 64,
            person_id=person.id,
            created_at=now,
            last_seen_at=now,
            confirmed_at=now,
            method=SignInMethod.PASSWORD,
            address="",
            user_agent="",
        )
    )


@pytest.fixture
def backed_up(filled: Config, run: Run, tmp_path: Path) -> Path:  # noqa: F811
    """A backup of it."""
    made = tmp_path / "made.tar.gz"
    result = run("backup", str(made))
    assert result.exit_code == 0, result.output
    return made


@pytest.fixture
def titles(config: Config) -> Callable[[], list[str]]:
    """The titles of all incidents as they are stored now."""
    from sqlalchemy import text

    def read() -> list[str]:
        database = Database(config.database_url)
        with database.reading.connect() as connection:
            found = [
                str(row.title) for row in connection.execute(text("SELECT title FROM incidents ORDER BY id"))
            ]
        database.dispose()
        return found

    return read
