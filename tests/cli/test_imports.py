"""`postmortem import markdown`: its report, its exit codes, and that nothing is left half done."""

import json
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import jsonschema
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.cli import progress
from postmortem.imports import operations
from postmortem.incidents.models import Incident
from postmortem.writeups.models import Writeup
from tests.cli.conftest import PROSE, Run

TEXT = {"type": "string"}
NUMBER = {"type": "integer", "minimum": 0}


def listed(**properties: object) -> dict[str, object]:
    item = {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }
    return {"type": "array", "items": item}


# The shape that docs/imports.md promises.
REPORT = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "source": TEXT,
        "dry_run": {"type": "boolean"},
        **dict.fromkeys(
            ("incidents", "writeups", "published", "already_here", "skipped_count", "other_files"), NUMBER
        ),
        "new_services": {"type": "array", "items": TEXT},
        "imported": listed(
            file=TEXT,
            title=TEXT,
            incident={"type": ["integer", "null"]},
            writeup={"type": ["string", "null"]},
        ),
        "here": listed(file=TEXT, incident=NUMBER, changed={"type": "boolean"}),
        "skipped": listed(file=TEXT, reason=TEXT, kind={"enum": ["not_an_incident", "unusable"]}),
        "notes": listed(file=TEXT, note=TEXT),
    },
}


def report(output: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(output)
    jsonschema.validate(found, {**REPORT, "required": [*REPORT["properties"]]})  # type: ignore[misc]
    return found


def incidents(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Incident)) or 0


def test_the_report_says_what_came_in_and_what_did_not(run: Run, session: Session, wiki: Path) -> None:
    shown = run("import", "markdown", str(wiki))
    assert shown.exit_code == 0, shown.output
    assert shown.stdout == (
        "2 incidents and 2 write-ups came in from our-wiki.\n"
        "1 new service: Example.\n"
        "1 file was skipped:\n"
        "  outline.md: Its title “Title” waits to be filled in: this is an outline.\n"
        "About the files that came in:\n"
        "  a.md: Not used: oncall.\n"
    )
    assert shown.stderr == "", "no progress bar where nobody watches"
    assert incidents(session) == 2


def test_a_second_run(run: Run, session: Session, wiki: Path) -> None:
    run("import", "markdown", str(wiki))
    (wiki / "b.md").write_text(f"# Disk\n\n{PROSE}And one more thing.\n")
    shown = run("import", "markdown", str(wiki))
    assert shown.exit_code == 0
    assert "2 incidents were here already and not touched." in shown.output
    assert "1 file changed since; to take a change over" in shown.output
    assert "  b.md: INC-2\n" in shown.output
    assert incidents(session) == 2


def test_a_dry_run_writes_nothing(run: Run, session: Session, wiki: Path) -> None:
    shown = run("import", "markdown", str(wiki), "--dry-run")
    assert shown.exit_code == 0
    assert "nothing was written" in shown.output
    assert "2 incidents and 2 write-ups would come in" in shown.output
    assert incidents(session) == 0


def test_the_report_for_machines(run: Run, wiki: Path) -> None:
    dry = report(run("import", "markdown", str(wiki), "--dry-run", "--json").stdout)
    assert dry["dry_run"] is True
    first = report(run("import", "markdown", str(wiki), "--json").stdout)
    assert first["incidents"] == dry["incidents"] == 2
    assert first["imported"] == [
        {"file": "a.md", "title": "Cache", "incident": 1, "writeup": "cache"},
        {"file": "b.md", "title": "Disk", "incident": 2, "writeup": "disk"},
    ]
    second = report(run("import", "markdown", str(wiki), "--json").stdout)
    assert second["already_here"] == 2
    assert second["here"][0] == {"file": "a.md", "incident": 1, "changed": False}  # type: ignore[index]


def test_a_file_that_cannot_be_used_is_no_success(run: Run, session: Session, wiki: Path) -> None:
    (wiki / "latin.md").write_bytes("Störung".encode("latin-1"))
    shown = run("import", "markdown", str(wiki))
    assert shown.exit_code == 3
    assert "latin.md: It is not UTF-8 (line 1)." in shown.output
    assert incidents(session) == 2, "the others came in"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("missing",), "There is no file or folder missing."),
        ((".", "--timezone", "Mars/Olympus"), "There is no time zone Mars/Olympus"),
        ((".", "--source", " "), "must not be blank"),
    ],
)
def test_what_cannot_be_imported(run: Run, arguments: tuple[str, ...], words: str) -> None:
    shown = run("import", "markdown", *arguments)
    assert shown.exit_code == 1
    assert words in shown.stderr


def test_a_folder_without_incidents(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    shown = run("import", "markdown", str(tmp_path / "empty"))
    assert shown.exit_code == 1
    assert "No incident was found" in shown.stderr


def test_one_file_and_a_name_for_its_collection(run: Run, session: Session, wiki: Path) -> None:
    shown = run("import", "markdown", str(wiki / "a.md"), "--source", "Our wiki")
    assert shown.exit_code == 0
    assert "came in from Our wiki" in shown.output
    assert session.scalars(select(Writeup.source_name)).all() == ["Our wiki"]


@pytest.mark.parametrize("at", ["Reading", "Bringing in"])
def test_stopping_half_way_leaves_nothing(
    run: Run, session: Session, wiki: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """Ctrl-C while it works, when some of it was written: exit code 130, a sentence, and not one row."""

    def stopped(things: Sequence[object], words: str, **_: object) -> Iterator[object]:
        for thing in things:
            yield thing
            if words == at:
                raise KeyboardInterrupt

    monkeypatch.setattr(operations, "CHUNK", 1)
    monkeypatch.setattr(progress, "track", stopped)
    shown = run("import", "markdown", str(wiki))
    assert shown.exit_code == 130
    assert shown.stderr == "Stopped. Nothing was brought in.\n"
    assert incidents(session) == 0


def test_a_process_of_its_own(
    process: Callable[..., subprocess.CompletedProcess[str]], session: Session, wiki: Path
) -> None:
    shown = process("import", "markdown", str(wiki))
    assert (shown.returncode, shown.stderr) == (0, "")
    assert incidents(session) == 2
    (wiki / "latin.md").write_bytes(b"\xe4")
    assert process("import", "markdown", str(wiki)).returncode == 3
    assert process("import", "markdown", str(wiki / "missing")).returncode == 1
