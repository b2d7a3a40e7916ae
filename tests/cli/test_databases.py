"""A database that is not this program's: every command that needs one says what to do, and touches nothing."""

import os
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run

NEEDING = (
    ("serve", "--port", "1"),
    ("import", "markdown", "."),
    ("demo", "load"),
    ("people", "add", "a@example.com", "--name", "A"),
    ("render",),
)
each_command = pytest.mark.parametrize("command", NEEDING, ids=lambda command: command[0])


@pytest.fixture
def elsewhere(tmp_path: Path, run: Run) -> Callable[..., dict[str, str]]:
    """The environment of a SQLite database that is made by these statements, after the migrations or instead."""

    def make(*statements: str, migrated: bool = True) -> dict[str, str]:
        file = tmp_path / "elsewhere.db"
        env = {"POSTMORTEM_DATABASE_URL": f"sqlite:///{file}"}
        if migrated:
            assert run("db", "upgrade", env=env).exit_code == 0
        connection = sqlite3.connect(file)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return env

    return make


@pytest.fixture(autouse=True)
def _free_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """`serve` looks at its port first; here it is the database that matters."""
    monkeypatch.setattr("postmortem.cli.serve._refuse_taken_port", lambda host, port: None)


@each_command
def test_an_empty_database(
    run: Run, elsewhere: Callable[..., dict[str, str]], command: tuple[str, ...]
) -> None:
    shown = run(*command, env=elsewhere(migrated=False))
    assert shown.exit_code == 1
    assert "postmortem db upgrade" in shown.stderr


@each_command
def test_a_newer_database(
    run: Run, elsewhere: Callable[..., dict[str, str]], command: tuple[str, ...]
) -> None:
    shown = run(*command, env=elsewhere("UPDATE alembic_version SET version_num = 'from_the_future'"))
    assert shown.exit_code == 1
    assert "newer than this program" in shown.stderr
    assert "Install that version" in shown.stderr


@each_command
def test_somebody_elses_database(
    run: Run, elsewhere: Callable[..., dict[str, str]], command: tuple[str, ...]
) -> None:
    shown = run(*command, env=elsewhere("CREATE TABLE theirs (id INTEGER)", migrated=False))
    assert shown.exit_code == 1
    assert "tables that are not ours" in shown.stderr


@pytest.mark.parametrize("command", [*NEEDING, ("db", "upgrade")], ids=lambda command: command[0])
def test_a_file_that_is_no_database(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Not a database, but many words. " * 200)
    shown = run(*command, env={"POSTMORTEM_DATABASE_URL": f"sqlite:///{file}"})
    assert shown.exit_code == 1
    assert "cannot be opened" in shown.stderr
    assert file.read_text().startswith("Not a database")


@each_command
def test_a_server_that_is_not_there(run: Run, command: tuple[str, ...]) -> None:
    shown = run(*command, env={"POSTMORTEM_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"})
    assert shown.exit_code == 1
    assert "cannot be opened" in shown.stderr


def test_upgrading_refuses_what_is_newer_or_not_ours(
    run: Run, elsewhere: Callable[..., dict[str, str]]
) -> None:
    env = elsewhere("UPDATE alembic_version SET version_num = 'from_the_future'")
    assert "newer" in run("db", "upgrade", env=env).stderr


def test_upgrading_twice(run: Run, elsewhere: Callable[..., dict[str, str]], tmp_path: Path) -> None:
    env = elsewhere()
    again = run("db", "upgrade", env=env)
    assert (again.exit_code, again.output) == (0, "The database is up to date.\n")
    assert (tmp_path / "elsewhere.db").stat().st_mode & 0o777 == 0o600


def test_doctor_says_what_is_wrong(run: Run, elsewhere: Callable[..., dict[str, str]]) -> None:
    well = run("doctor", env=elsewhere())
    assert well.exit_code == 0
    assert "POSTMORTEM_DATA_DIR" in well.output
    ill = run("doctor", env=elsewhere("UPDATE alembic_version SET version_num = 'from_the_future'"))
    assert ill.exit_code == 1
    assert "wrong: The database is newer" in ill.output


def test_settings_that_cannot_be(run: Run) -> None:
    shown = run("db", "upgrade", env={"POSTMORTEM_PUBLIC_READING": "perhaps"})
    assert shown.exit_code == 1
    assert "must be yes or no" in shown.stderr


@pytest.mark.skipif(os.name != "posix", reason="sockets")
def test_a_taken_port(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        shown = run("serve", "--port", str(port))
    assert shown.exit_code == 1
    assert f"Port {port} on 127.0.0.1" in shown.stderr
    assert f"PORT={port + 1}" in shown.stderr
