"""`postmortem history`: checked, exported, signed; and `doctor` says the same."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from postmortem.history.checks import chain_problems
from postmortem.history.models import HistoryEntry
from tests.cli.conftest import Run
from tests.factories.accounts import make_team
from tests.support.changes import differences, snapshot


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


def test_what_commands_change_is_told_as_what_forms_change(run: Run, session: Session, wiki: Path) -> None:
    make_team(session, "Before")
    for command, actors in (
        (("people", "add", "ada@example.com", "--name", "Ada", "--role", "admin"), {"cli"}),
        (("people", "link", "ada@example.com"), {"cli"}),
        (("import", "markdown", str(wiki)), {"import"}),
        (("import", "markdown", str(wiki)), set()),
        (("demo", "load"), None),
    ):
        before = snapshot(session)
        last = session.scalar(select(func.max(HistoryEntry.id))) or 0
        assert run(*command).exit_code == 0, command
        found = select(HistoryEntry).where(HistoryEntry.id > last).order_by(HistoryEntry.id)
        entries = list(session.scalars(found))
        session.expunge_all()
        assert actors in (None, {entry.actor_name for entry in entries})
        # Records with a past have more than one; each of these has made what it is about.
        made = [entry for entry in entries if entry.verb in ("added", "reported", "started")]
        assert bool(made) == (command[1] != "link" and actors != set()), command
        if command[0] != "demo":
            assert not list(differences(before, snapshot(session), _by_record(entries))), command
    assert list(chain_problems(session)) == []


def _by_record(entries: list[HistoryEntry]) -> list[HistoryEntry]:
    """One for each record; what was started and published in one go is told by two."""
    found: dict[tuple[str, int], HistoryEntry] = {}
    for entry in entries:
        first = found.setdefault((entry.subject_type, entry.subject_id), entry)
        first.changes = {**entry.changes, **first.changes}
    return list(found.values())


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
