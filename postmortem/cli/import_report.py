"""The report of an import, for people and for machines. The JSON's shape is described in docs/imports.md."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from postmortem.imports.operations import Report

# A line for each file that came in would bury what matters.
MOST_NOTES, MOST_NAMES = 20, 5


def as_text(report: "Report") -> str:
    """What came in, what was here, and each file that was left out with the reason."""
    return "\n".join(_lines(report))


def as_json_text(report: "Report") -> str:
    """The same and more as one JSON object."""
    found: dict[str, Any] = {
        "source": report.source,
        "dry_run": report.is_dry_run,
        "incidents": len(report.came),
        "writeups": report.writeups,
        "published": report.published,
        "already_here": len(report.here),
        "skipped_count": len(report.skips),
        "other_files": report.other_files,
        "new_services": report.new_services,
        "imported": [
            {"file": came.file, "title": came.title, "incident": came.number, "writeup": came.slug}
            for came in report.came
        ],
        "here": [
            {"file": here.file, "incident": here.number, "changed": here.is_changed} for here in report.here
        ],
        "skipped": [
            {"file": skip.file, "reason": skip.reason, "kind": skip.kind.value} for skip in report.skips
        ],
        "notes": [{"file": file, "note": note} for file, note in report.notes],
    }
    return json.dumps(found, indent=2, ensure_ascii=False)


def _lines(report: "Report") -> Iterator[str]:
    if report.is_dry_run:
        yield "This is a dry run: nothing was written."
    yield _what_came(report)
    if drafts := report.writeups - report.published:
        yield f"{_were(drafts, 'write-up')} marked as a draft and not published."
    if made := report.new_services:
        yield f"{counted(len(made), 'new service')}: {', '.join(made[:MOST_NAMES])}{_more(made)}."
    if report.here:
        yield f"{_were(len(report.here), 'incident')} here already and not touched."
    if changed := [f"{here.file}: INC-{here.number}" for here in report.here if here.is_changed]:
        yield f"{counted(len(changed), 'file')} changed since; to take a change over, edit the incident here:"
        yield from _indented(changed)
    if report.skips:
        yield f"{_were(len(report.skips), 'file')} skipped:"
        yield from _indented(f"{skip.file}: {skip.reason}" for skip in report.skips)
    if report.notes:
        yield (
            "About the files that came in:"
            if not report.is_dry_run
            else "About the files that would come in:"
        )
        yield from _indented(f"{file}: {note}" for file, note in report.notes[:MOST_NOTES])
        if (more := len(report.notes) - MOST_NOTES) > 0:
            yield f"  … and {more:,} more such notes; --json lists all."
    if report.other_files:
        yield f"{_were(report.other_files, 'other file')} not looked at."


def _what_came(report: "Report") -> str:
    if not report.came:
        return f"Nothing new {'would come' if report.is_dry_run else 'came'} in from {report.source}."
    both = f"{counted(len(report.came), 'incident')} and {counted(report.writeups, 'write-up')}"
    return f"{both} {'would come' if report.is_dry_run else 'came'} in from {report.source}."


def _more(names: Sequence[str]) -> str:
    return f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""


def counted(number: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _were(number: int, word: str) -> str:
    """`1 file was`, `2 files were`."""
    return f"{counted(number, word)} {'was' if number == 1 else 'were'}"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield f"  {line}"
