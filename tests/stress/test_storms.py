"""The short forms of the long runs in `stress/`: they work, and hold, and would say when something did not."""

import os
import sys
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from postmortem.actions.models import Action
from postmortem.config import Config
from postmortem.db import Database
from postmortem.incidents.models import Incident
from stress import run
from stress.backup_under_load import backups
from stress.kill_storm import place, storm
from stress.ledger import problems_of
from stress.server import Site
from stress.writers import Write
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident

IS_POSTGRESQL = os.environ.get("POSTMORTEM_TEST_DATABASE") == "postgresql"
# Seconds are measured by the long form, on a machine that has nothing else to do.
PATIENT = 50.0

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")


@pytest.fixture(autouse=True)
def _not_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("POSTMORTEM_") and not name.startswith("POSTMORTEM_TEST"):
            monkeypatch.delenv(name)


def test_killing_everything_and_the_server_alone(tmp_path: Path) -> None:
    with place(IS_POSTGRESQL) as (folder, url):
        assert storm(folder, 2, up_within=PATIENT, seed=1, people=2, database_url=url) == []


def test_backups_under_load_are_complete(tmp_path: Path) -> None:
    with place(IS_POSTGRESQL) as (folder, url):
        assert backups(folder, 1, people=1, database_url=url) == []


def test_the_ledger_notices_what_is_lost_doubled_or_half_written(
    config: Config, session: Session, tmp_path: Path
) -> None:
    """A check that cannot fail shows nothing."""
    database = Database(config.database_url, secret_key=config.secret_key)
    with database.session(writes=True) as writing:
        first = make_incident(writing, None, "A writes 1.", summary="A writes 2.")
        make_action(writing, first, "A writes 3.")
    database.dispose()
    site = Site(config.data_dir, POSTMORTEM_DATABASE_URL=config.database_url)
    writes = [
        Write("incident", "A writes 1.", 0),
        Write("edit", "A writes 2.", 0),
        Write("action", "A writes 3.", 0),
    ]
    assert problems_of(site, writes) == []
    [lost] = problems_of(site, [*writes, Write("incident", "A writes 4.", 0)])
    assert lost == "lost: incident “A writes 4.”"
    [more] = problems_of(site, writes[:2])
    assert more == "never acknowledged: action “A writes 3.”"
    assert problems_of(site, writes[:2], may_have_more=True) == []
    session.execute(update(Incident).values(summary="half"))
    assert problems_of(site, writes) == ["the text of incident 1 is not that of its newest history entry"]
    session.execute(update(Incident).values(summary="A writes 2."))
    with database.session(writes=True) as writing:
        make_action(writing, writing.get_one(Incident, 1), "A writes 3.")
    database.dispose()
    assert "doubled: action “A writes 3.”" in problems_of(site, writes)
    session.execute(delete(Action).where(Action.id == 1))
    assert "doubled: action “A writes 3.”" not in problems_of(site, writes)


def test_every_run_is_listed_and_described() -> None:
    documented = Path("docs/testing.md").read_text(encoding="utf-8")
    for name in run.runs():
        assert f"stress.{name}" in documented, f"{name} is not in docs/testing.md"


@pytest.mark.parametrize("name", run.runs())
def test_every_run_has_a_long_form(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make stress` runs them all with `--long`."""
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as ended:
        import_module(f"stress.{name}").main()
    assert ended.value.code == 0
    assert "--long" in capsys.readouterr().out
