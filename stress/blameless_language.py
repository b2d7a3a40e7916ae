"""How good the hints about language are, counted on the half of the labelled corpus that was kept aside.

    python -m stress.blameless_language           the figures per rule, and 1 below the bar
    python -m stress.blameless_language --tuning  the other half instead, with what was missed and marked wrongly

Needs the real write-ups beside the checkout (`../shared/data`); the repository holds places and labels only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from postmortem.blameless.language import Hint, hints
from postmortem.blameless.language_rules import RULES
from stress.blameless_sampling import DATA, updates

CORPUS = Path(__file__).resolve().parents[1] / "tests" / "blameless" / "corpus"
PRECISION, RECALL = 0.85, 0.70


@dataclass
class Count:
    """One rule on one half. Hints and labels match when they are of one rule and share words."""

    marked: int = 0
    right: int = 0
    labelled: int = 0
    found: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / self.marked if self.marked else 1.0

    @property
    def recall(self) -> float:
        return self.found / self.labelled if self.labelled else 1.0

    def add(self, other: Count) -> None:
        self.marked += other.marked
        self.right += other.right
        self.labelled += other.labelled
        self.found += other.found


def rows(half: str) -> Iterator[dict[str, Any]]:
    """The sentences of one half: file (and record in it), start, end, digest, labels."""
    lines = (CORPUS / f"{half}.jsonl").read_text(encoding="utf-8").splitlines()
    yield from map(json.loads, lines)


@cache
def text_of(file: str, record: str) -> str:
    return updates()[record] if record else (DATA / file).read_text(encoding="utf-8")


@cache
def hints_of(file: str, record: str) -> list[Hint]:
    """Hints of the whole text: sentences are judged where they stand."""
    return hints(text_of(file, record))


def is_unchanged(row: dict[str, Any]) -> bool:
    sentence = text_of(row["file"], row.get("record", ""))[row["start"] : row["end"]]
    return bool(hashlib.sha256(sentence.encode()).hexdigest().startswith(row["digest"]))


def counted(half: str) -> dict[str, Count]:
    found: dict[str, Count] = {rule.id: Count() for rule in RULES}
    for row in rows(half):
        text = text_of(row["file"], row.get("record", ""))
        sentence = text[row["start"] : row["end"]]
        by_rule: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for label in row["labels"]:
            by_rule[label["rule"]].append((label["start"], label["end"]))
        marks: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for hint in hints_of(row["file"], row.get("record", "")):
            if row["start"] <= hint.start < row["end"]:
                marks[hint.rule].append((hint.start, hint.end))
        for rule, count in found.items():
            _count(count, marks[rule], by_rule[rule], text, sentence)
    return found


def _count(
    count: Count, marks: list[tuple[int, int]], labels: list[tuple[int, int]], text: str, sentence: str
) -> None:
    wrong = [one for one in marks if not any(_share(one, each) for each in labels)]
    missed = [one for one in labels if not any(_share(one, each) for each in marks)]
    count.marked += len(marks)
    count.right += len(marks) - len(wrong)
    count.labelled += len(labels)
    count.found += len(labels) - len(missed)
    count.wrong += [f"[{text[a:b]}] {sentence}" for a, b in wrong]
    count.missed += [f"[{text[a:b]}] {sentence}" for a, b in missed]


def _share(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def overall(found: dict[str, Count]) -> Count:
    total = Count()
    for count in found.values():
        total.add(count)
    return total


def table(found: dict[str, Count]) -> list[str]:
    """The figures as the documentation shows them."""
    lines = ["| rule | precision | of hints | recall | of labels |", "|---|---|---|---|---|"]
    for name, count in [*found.items(), ("**all**", overall(found))]:
        lines.append(
            f"| {name} | {count.precision:.2f} | {count.right} of {count.marked}"
            f" | {count.recall:.2f} | {count.found} of {count.labelled} |"
        )
    return lines


def main(arguments_given: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--long", action="store_true", help="the same: it has one form")
    parser.add_argument("--tuning", action="store_true", help="the other half, with what was missed")
    is_tuning = parser.parse_args(arguments_given).tuning
    if not DATA.is_dir():
        print(f"The write-ups are not there: {DATA}")
        return 1
    found = counted("tuning" if is_tuning else "aside")
    print("\n".join(table(found)))
    if is_tuning:
        for rule, count in found.items():
            print(f"\n{rule}", *[f"  wrong  {each}" for each in count.wrong], sep="\n")
            print(*[f"  missed {each}" for each in count.missed], sep="\n")
    total = overall(found)
    return 0 if total.precision >= PRECISION and total.recall >= RECALL else 1


if __name__ == "__main__":
    sys.exit(main())
