"""Names in real reports become roles: how many are left, how many other words are damaged.

    python -m stress.roles_reports [--long]

Without `--long`: the shared Markdown reports as they are. With it also the updates of the status history, and every
text with sentences about known people planted in it.
"""

import argparse
import json
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from tests.blameless.reports import NAMED, SHAPES, Tally, look_at, planted
from tests.text.samples import DATA


def main(arguments_given: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--long", action="store_true", help="also the updates, and what is planted")
    is_long = parser.parse_args(arguments_given).long
    if not DATA.is_dir():
        print(f"There are no reports at {DATA}.")
        return 2
    started = time.monotonic()
    tallies = {"reports as they are": _look_at(reports())}
    if is_long:
        tallies["updates of the status history"] = _look_at(updates())
        tallies["reports with planted sentences"] = _look_at(with_planted())
    for what, tally in tallies.items():
        print(
            f"{what}: {tally.texts:,} texts, {tally.words:,} words, {tally.mentions:,} mentions replaced; "
            f"{len(tally.left)} names left, {len(tally.damaged)} other words damaged"
        )
        for found in (*tally.left[:20], *tally.damaged[:20]):
            print("   ", found)
    print(f"{time.monotonic() - started:.0f} s")
    return 1 if any(tally.left or tally.damaged for tally in tallies.values()) else 0


def reports() -> Iterator[tuple[str, str]]:
    """Every Markdown file of the shared reports."""
    for path in sorted(DATA.rglob("*.md")):
        if path.name not in ("README.md", "SOURCE.md"):
            yield str(path.relative_to(DATA)), path.read_text(encoding="utf-8")


def updates() -> Iterator[tuple[str, str]]:
    path = DATA / "github-status-history" / "incidents.jsonl"
    found = path if path.exists() else next(Path(DATA).rglob("incidents.jsonl"))
    for number, line in enumerate(found.read_text(encoding="utf-8").splitlines()):
        incident = json.loads(line)
        texts = [incident.get("title", ""), *(each["message"] for each in incident.get("updates", ()))]
        yield f"status {number}", "\n\n".join(texts)


def with_planted() -> Iterator[tuple[str, str]]:
    people = cycle(NAMED[:6])
    for name, text in reports():
        yield name, planted(text, islice(people, len(SHAPES)), SHAPES)


def _look_at(texts: Iterator[tuple[str, str]]) -> Tally:
    tally = Tally()
    for name, text in texts:
        look_at(name, text, tally)
    return tally


if __name__ == "__main__":
    raise SystemExit(main())
