"""`postmortem doctor`: each wrong thing has its sentence, and says what to do."""

import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from postmortem.backup import postgresql
from postmortem.cli import checks
from postmortem.config import Config
from postmortem.db import Database
from tests.cli.conftest import Run


@pytest.fixture
def own(run: Run, tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A database file of one's own, and the environment that leads there."""
    file = tmp_path / "own.db"
    env = {"POSTMORTEM_DATABASE_URL": f"sqlite:///{file}"}
    assert run("db", "upgrade", env=env).exit_code == 0
    assert run("doctor", env=env).output.endswith("Everything looks right.\n")
    return file, env


def wrong(run: Run, env: dict[str, str] | None = None) -> list[str]:
    result = run("doctor", env=env)
    found = [
        line.removeprefix("wrong: ") for line in result.output.splitlines() if line.startswith("wrong: ")
    ]
    assert (result.exit_code == 1) is bool(found)
    return found


def test_files_that_others_can_read(run: Run, own: tuple[Path, dict[str, str]], config: Config) -> None:
    file, env = own
    file.chmod(0o644)
    config.data_dir.chmod(0o755)
    (config.data_dir / "attachments").mkdir(mode=0o755)
    found = wrong(run, env)
    assert f"Others on this machine can read {file} (mode 644). Run: chmod 600 {file}" in found
    assert f"Run: chmod 700 {config.data_dir}" in found[0]
    assert f"Run: chmod 700 {config.data_dir / 'attachments'}" in found[1]
    assert len(found) == 3


def test_a_damaged_file(run: Run, own: tuple[Path, dict[str, str]]) -> None:
    file, env = own
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("PRAGMA journal_mode=WAL")
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'people'").fetchone()[0]
    with file.open("r+b") as opened:
        opened.seek((page - 1) * 4096)
        opened.write(b"\xff" * 200)
    [sentence] = wrong(run, env)
    assert "damaged" in sentence or "malformed" in sentence


def test_rows_that_point_nowhere(run: Run, own: tuple[Path, dict[str, str]]) -> None:
    file, env = own
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("INSERT INTO team_members VALUES (98, 99)")
        connection.commit()
    [sentence] = wrong(run, env)
    assert sentence.startswith("Rows of team_members point at rows of")


def test_a_file_that_is_not_in_wal_mode(run: Run, own: tuple[Path, dict[str, str]]) -> None:
    file, env = own
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    [sentence] = wrong(run, env)
    assert "is in delete mode" in sentence
    assert "Start the server once" in sentence


def test_a_disk_that_is_nearly_full(
    run: Run, own: tuple[Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=3 * 1024**2))
    found = wrong(run, own[1])
    assert all("has 3 MB left. Make room" in sentence for sentence in found)
    assert found


def test_what_an_interrupted_restore_left(run: Run, own: tuple[Path, dict[str, str]], config: Config) -> None:
    left = config.data_dir / ".postmortem-restore-x"
    left.mkdir(mode=0o700)
    assert wrong(run, own[1]) == []
    os.utime(left, (time.time() - 2 * 24 * 3600,) * 2)
    assert wrong(run, own[1]) == [f"{left} is what an interrupted backup or restore left behind. Remove it."]


def test_a_server_that_is_not_there(run: Run) -> None:
    [sentence] = wrong(run, {"POSTMORTEM_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"})
    assert sentence.startswith("The database cannot be opened")
    assert "\n" not in sentence
    assert sentence.endswith("Check POSTMORTEM_DATABASE_URL, and that it is running.")


def test_a_postgresql_server_that_does_not_wait_for_the_disk(
    run: Run, config: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As the server of these tests; and where its client programs are missing."""
    if Database(config.database_url).is_sqlite:
        pytest.skip("PostgreSQL only")
    found = wrong(run)
    assert [sentence.split()[3] for sentence in found] == list(checks.DURABLE)
    monkeypatch.setattr(postgresql, "INSTALLED", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "No backup can be made or restored here. pg_dump is not installed here." in wrong(run)[-1]
