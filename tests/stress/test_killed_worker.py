"""The short form of stress/killed_worker.py."""

import os
import sys
from pathlib import Path

import pytest

from stress.kill_storm import place
from stress.killed_worker import storm

IS_POSTGRESQL = os.environ.get("POSTMORTEM_TEST_DATABASE") == "postgresql"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are killed")


def test_a_worker_killed_between_sending_and_marking_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("POSTMORTEM_")]:
        if not name.startswith("POSTMORTEM_TEST"):
            monkeypatch.delenv(name)
    with place(IS_POSTGRESQL) as (folder, url):
        assert storm(folder, 2, seed=1, database_url=url) == []
