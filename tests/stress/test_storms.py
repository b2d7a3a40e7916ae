"""The short forms of the long runs in `stress/`: they work, and hold, and would say when something did not."""

import os
import sys
from pathlib import Path

import pytest

from stress import run
from stress.kill_storm import place, storm

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
        assert storm(folder, 2, up_within=PATIENT, seed=1, database_url=url) == []


def test_every_run_is_listed_and_described() -> None:
    documented = Path("docs/testing.md").read_text(encoding="utf-8")
    for name in run.runs():
        assert f"stress.{name}" in documented, f"{name} is not in docs/testing.md"
