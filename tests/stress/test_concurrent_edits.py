"""The short form of `python -m stress.concurrent_edits`: it holds, and would say when an edit was lost."""

import os
import sys

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from postmortem.config import Config
from postmortem.db import Database
from postmortem.history.operations import CLI
from postmortem.incidents.models import Incident
from postmortem.incidents.operations import edit_incident
from stress.concurrent_edits import Text, compared, edits
from stress.kill_storm import place
from stress.server import Site
from tests.factories.incidents import make_incident

IS_POSTGRESQL = os.environ.get("POSTMORTEM_TEST_DATABASE") == "postgresql"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")


@pytest.fixture(autouse=True)
def _not_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("POSTMORTEM_") and not name.startswith("POSTMORTEM_TEST"):
            monkeypatch.delenv(name)


def test_many_who_edit_the_same_texts_lose_nothing() -> None:
    with place(IS_POSTGRESQL) as (folder, url):
        assert edits(folder, 60, seed=20261123, database_url=url) == []


def test_what_is_lost_doubled_or_overwritten_is_noticed(config: Config, session: Session) -> None:
    """A check that cannot fail shows nothing."""
    database = Database(config.database_url, secret_key=config.secret_key)

    def edit(summary: str) -> None:
        with database.session(writes=True) as writing:
            found = writing.get_one(Incident, 1)
            edit_incident(writing, found, {"summary": summary}, version=found.version, actor=CLI)
            writing.commit()

    with database.session(writes=True) as writing:
        make_incident(writing, None, "Everybody writes")
    edit("one")
    site = Site(config.data_dir, POSTMORTEM_DATABASE_URL=config.database_url)
    text = Text(Incident, 1, "/incidents/1/edit", "summary")
    first, second = (text, "one"), (text, "two")
    assert list(compared(site, [first])) == []
    assert list(compared(site, [first, second])) == [
        "two is 0 times in /incidents/1/edit, summary",
        "incidents 1: 2 answers that it is saved, 1 entries of history",
    ]
    edit("one two one")
    assert "one is 2 times in /incidents/1/edit, summary" in list(compared(site, [first, second]))
    session.execute(update(Incident).values(summary="three"))
    edit("one two")
    database.dispose()
    assert "incidents 1: summary was overwritten unseen before entry 4" in list(
        compared(site, [first, second])
    )
