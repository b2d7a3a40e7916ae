"""`postmortem history`: checked, exported, signed; and `doctor` says the same."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.cli.conftest import Run
from tests.factories.accounts import make_team


def test_a_whole_history_is_said_to_be_whole(run: Run, session: Session) -> None:
    make_team(session, "One")
    make_team(session, "Two")
    result = run("history", "verify")
    assert result.exit_code == 0
    assert "All 2 entries are what was written." in result.output
    (head,) = [line.split()[-1] for line in result.output.splitlines() if "ends with" in line]
    assert head.startswith("2:")
    assert f"The history ends with {head}" in run("doctor").output
    make_team(session, "Three")
    assert run("history", "verify", "--head", head).exit_code == 0
    other = run("history", "verify", "--head", f"2:{'0' * 64}")
    assert other.exit_code == 1
    assert "written anew or cut off" in other.output


def test_a_changed_history_is_found_by_both_commands(run: Run, session: Session) -> None:
    make_team(session, "One")
    session.execute(text("UPDATE history_head SET signature = 'x'"))
    for command in (("history", "verify"), ("doctor",)):
        result = run(*command)
        assert result.exit_code == 1
        assert "wrong: The end of the history does not bear this site's signature" in result.output
    assert run("history", "sign").output == "The end of the history is signed.\n"
    assert run("history", "sign").output == "The end of the history is signed already.\n"
    assert run("history", "verify").exit_code == 0


def test_a_broken_chain_is_not_signed(run: Run, session: Session) -> None:
    make_team(session, "One")
    session.execute(text("UPDATE history_head SET signature = 'x', chain = 'y'"))
    result = run("history", "sign")
    assert result.exit_code == 1
    assert "Not signed." in result.output
    assert session.scalar(text("SELECT signature FROM history_head")) == "x"


def test_an_export_is_ours_alone_and_has_the_end_of_the_chain(
    run: Run, session: Session, tmp_path: Path, frozen
) -> None:
    for day in (9, 10, 11):
        frozen(datetime(2026, 3, day, 23, 59, tzinfo=UTC))
        make_team(session, f"Day {day}")
    dest = tmp_path / "history.jsonl"
    assert run("history", "export", str(dest)).output == f"3 entries are in {dest}.\n"
    assert dest.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in dest.read_text().splitlines()]
    assert [line["subject_label"] for line in lines[:-1]] == ["team Day 9", "team Day 10", "team Day 11"]
    assert lines[-1]["head"]["chain"] == lines[-2]["chain"]
    part = tmp_path / "part.jsonl"
    run("history", "export", str(part), "--since", "2026-03-10", "--until", "2026-03-10")
    assert [json.loads(line).get("subject_label") for line in part.read_text().splitlines()] == [
        "team Day 10",
        None,
    ]


@pytest.mark.parametrize("dest", ["there.jsonl", "no/such/folder.jsonl"])
def test_an_export_replaces_nothing(run: Run, tmp_path: Path, dest: str) -> None:
    (tmp_path / "there.jsonl").write_text("mine")
    result = run("history", "export", str(tmp_path / dest))
    assert result.exit_code == 1
    assert "cannot be written" in result.output
    assert (tmp_path / "there.jsonl").read_text() == "mine"
