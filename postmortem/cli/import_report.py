"""The report of an import, for people and for machines. The JSON's shape is described in docs/imports.md."""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from postmortem.imports.operations import Report

# A line for each file that came in would bury what matters.
MOST_NOTES = 20


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
    would = "would come" if report.is_dry_run else "came"
    if report.is_dry_run:
        yield "This is a dry run: nothing was written."
    yield (
        f"{counted(len(report.came), 'incident')} and {counted(report.writeups, 'write-up')} {would} in "
        f"from {report.source}."
    )
    if drafts := report.writeups - report.published:
        yield f"{counted(drafts, 'write-up')} marked as a draft {'is' if drafts == 1 else 'are'} not published."
    if report.new_services:
        made = "would be made" if report.is_dry_run else "were made"
        yield f"{counted(len(report.new_services), 'service')} that did not exist {made}."
    if report.here:
        yield f"{counted(len(report.here), 'incident')} {_was(len(report.here))} here already and stayed as they are."
    changed = [f"{here.file}: INC-{here.number}" for here in report.here if here.is_changed]
    if changed:
        yield f"{counted(len(changed), 'file')} changed since; edit the incident here if that matters:"
        yield from _indented(changed)
    if report.skips:
        yield f"{counted(len(report.skips), 'file')} {_was(len(report.skips))} skipped:"
        yield from _indented(f"{skip.file}: {skip.reason}" for skip in report.skips)
    if report.notes:
        yield "Of the files that came in, this was not used:" if not report.is_dry_run else "Not to be used:"
        yield from _indented(f"{file}: {note}" for file, note in report.notes[:MOST_NOTES])
        if (more := len(report.notes) - MOST_NOTES) > 0:
            yield f"  … and {more:,} more such notes; --json lists all."
    if report.other_files:
        yield f"{counted(report.other_files, 'other file')} {_was(report.other_files)} not looked at."


def counted(number: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield f"  {line}"
