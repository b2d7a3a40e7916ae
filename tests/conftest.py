"""Fixtures for the whole suite. Real rows, real requests, one database built by the migrations.

The suite runs on SQLite, or on PostgreSQL when POSTMORTEM_TEST_DATABASE=postgresql. Each test finds the
tables empty: on SQLite a copy of a migrated template file, on PostgreSQL emptied tables.
"""

import gc
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ["POSTMORTEM_TESTING_CHEAP_PASSWORDS"] = "yes"

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.app import create_app
from postmortem.config import Config, load_config
from postmortem.db import Database
from tests.factories.accounts import make_person
from tests.support.client import Browser
from tests.support.databases import TestDatabase, arranging_engine, in_memory, test_database
from tests.support.second_run import chosen
from tests.support.warm import keep_what_is_compiled

keep_what_is_compiled()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The dearest first; the second run, on PostgreSQL, leaves out what passed on SQLite and would pass again."""
    items[:], left = chosen(items)
    if left:
        config.hook.pytest_deselected(items=left)


def pytest_collection_finish() -> None:
    """What is there by now stays: looking through it again and again for rubbish takes a third of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True)
def _push_request_context() -> Iterator[None]:
    """Replaces pytest-flask's fixture of this name, which makes all requests of a test share one context.

    With it, `g` survives between requests and one client is taken for another.
    """
    yield


@pytest.fixture(scope="session")
def the_database() -> Iterator[TestDatabase]:
    """The migrated database of this test process."""
    with TemporaryDirectory(dir=in_memory()) as folder, test_database(Path(folder)) as found:
        yield found


@pytest.fixture
def config(the_database: TestDatabase, tmp_path: Path) -> Config:
    """Settings of a site on loopback with an empty, migrated database."""
    the_database.empty()
    return load_config(
        {
            "POSTMORTEM_DATA_DIR": str(tmp_path / "data"),
            "POSTMORTEM_DATABASE_URL": the_database.url,
            "POSTMORTEM_BASE_URL": "http://localhost",
        }
    )


@pytest.fixture
def make_app(config: Config) -> Iterator[Callable[..., Flask]]:
    """Make an application; keyword arguments replace settings (`public_reading=True`)."""
    made: list[Flask] = []

    def make(**replaced: Any) -> Flask:
        from dataclasses import replace

        app = create_app(replace(config, **replaced))
        app.testing = True
        made.append(app)
        return app

    yield make
    for app in made:
        app.extensions["database"].dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["database"]
    return found


@pytest.fixture
def session(config: Config) -> Iterator[Session]:
    """For arranging rows and reading them again; every statement is committed at once.

    After a request, `session.expire_all()` before looking at objects you already have.
    """
    engine = arranging_engine(config.database_url)
    info = {"secret_key": config.secret_key}
    with Session(engine, expire_on_commit=False, info=info) as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def anonymous(app: Flask) -> Browser:
    """A browser in which nobody is signed in."""
    return Browser(app)


@pytest.fixture
def sign_in(app: Flask) -> Callable[[Person], Browser]:
    """A browser in which this person is signed in."""

    def do(person: Person) -> Browser:
        browser = Browser(app)
        browser.sign_in(person)
        return browser

    return do


# The cast. Everyone is committed before the test starts.


@pytest.fixture
def admin(session: Session) -> Person:
    return make_person(session, "Ada Admin", role="admin")


@pytest.fixture
def facilitator(session: Session) -> Person:
    return make_person(session, "Fay Facilitator", role="facilitator")


@pytest.fixture
def author(session: Session) -> Person:
    """A contributor, in Stockholm."""
    return make_person(session, "Aino Author", role="contributor", timezone="Europe/Stockholm")


@pytest.fixture
def outsider(session: Session) -> Person:
    """A contributor who is in no team and took part in nothing."""
    return make_person(session, "Otto Outsider", role="contributor")


@pytest.fixture
def reader(session: Session) -> Person:
    return make_person(session, "Rita Reader", role="reader")


@pytest.fixture
def frozen() -> Iterator[Callable[[datetime], None]]:
    """Freeze the clock at a moment, for the rest of the test."""
    travelling: list[time_machine.travel] = []

    def freeze(moment: datetime) -> None:
        traveller = time_machine.travel(moment, tick=False)
        traveller.start()
        travelling.append(traveller)

    yield freeze
    for traveller in reversed(travelling):
        traveller.stop()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real incident data beside the checkout; skips where it is absent."""
    folder = Path(__file__).parent.parent.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder of real incident data (../shared/data) is not here")
    return folder
