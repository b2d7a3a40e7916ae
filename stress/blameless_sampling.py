"""Which sentences the labelled corpus of blameless language holds; prints them for reading.

    python -m stress.blameless_sampling tuning > tuning.txt

Sentences come from three sources: whole reports (every sentence, in order), sentences of the other reports
that hold one of many broad cues, and updates of a status page. What a cue finds is only read more often;
whether it is labelled was decided by reading. The choice is by digests of names and so always the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
WHOLE_SUMMARIES = 30
CUED_PER_STRATUM = 32
STATUS_UPDATES = 90
MOST_OF_ONE_REPORT = 60
SKIPPED_LINE = re.compile(r"^(\||!\[|<|\[[^\]]+\]:|---|===)")
SENTENCE_END = re.compile(r"(?<=[.!?])[\"”')*]*\s+(?=[\"“'(*A-Z0-9@`])")
MARKER = re.compile(r"^\s*(?:[-*+]|\d+\.|#+)\s+")

# Broad on purpose: each stratum also finds much that is no hint at all.
STRATA = {
    "other pasts": r"\b(should|could|would|ought|had to|supposed|expected|otherwise|if)\b",
    "judging": r"\b(fail\w*|wrong\w*|incorrect\w*|improper\w*|proper\w*|poor\w*|bad\w*|mis\w+|lack\w*|in(?:sufficient|adequate)\w*|neglect\w*|care\w*)\b",
    "people": r"\b(engineers?|operators?|developers?|employees?|administrators?|admins?|contractors?|technicians?|human\w*|person\w*|staff|he|she|manual\w*|someone|author)\b|@\w+",
    "knowing": r"\b(hindsight|retrospect\w*|obvious\w*|clear\w*|warn\w*|ignor\w*|miss\w*|overlook\w*|notic\w*|aware|realiz\w*|unfortunate\w*|known|predict\w*)\b",
    "causes": r"\b(caus\w+|reason\w*|root|due to|because|result\w* (?:of|from)|trigger\w*|blame\w*|responsib\w+)\b",
    "small": r"\b(just|simpl\w+|only|mere\w*|minor|small\w*|slight\w*|brief\w*|limited|minimal\w*|trivial\w*|eas\w+|few|little|short)\b",
    "sweeping": r"\b(all|always|never|every\w*|none|nobody|no one|any\w*|complete\w*|entire\w*|total\w*|impossible|guarant\w+|ensur\w+|full\w*|absolute\w*)\b",
}

# What is rare is looked for again, so that no rule is judged on a handful.
RARE_PER_STRATUM = 26
RARE = {
    "error of people": r"\b(human|operator|user|manual|clerical) \w*error|\bmistak\w*|\btypo\w*|\bhuman\b",
    "knowing": r"\b(hindsight|retrospect\w*|obvious\w*|overlook\w*|ignored|missed|warnings?|realiz\w*|foresee\w*|oversight)\b",
    "other pasts": r"\b(should|could|would|might|must) (not )?have\b|\bhad \w+ (not )?(been|noticed|known)\b|\bsupposed to\b",
    "sweeping": r"\b(never|always|nobody|no one|everyone|everybody|impossible|guarante\w+|zero|again)\b",
    "small": r"\b(just|simply|merely|easily|minor|trivial|small (?:number|percentage|fraction|subset|portion)|brief|limited)\b",
    "one person": r"\b(an?|the|one|single) (\w+ )?(engineer|operator|employee|technician|developer|administrator|contractor|worker|author)\b|\b(he|she|his|her)\b",
    "judging": r"\b(fail\w*|neglect\w*|inadequate\w*|insufficient\w*|improper\w*|poor\w*|careless\w*|incorrectly|wrongly|mismanag\w*)\b",
}

# Promises and other sweeping words are so rare in these reports that all of these are read.
PROMISES = (
    r"\b(never|always|nobody|no one|everyone|everybody|impossible|guarant\w+|anyone|whatsoever|absolutely)\b"
    r"|(ensure|sure)\b.*\bagain|completely|fully prevent|no (doubt|possib)|not possible|any (future|further)"
)


@dataclass(frozen=True)
class Sentence:
    """One sentence: where it stands, and its text, which is never kept."""

    file: str
    record: str
    start: int
    end: int
    text: str

    @property
    def incident(self) -> str:
        """Of the status page; a report is one file otherwise."""
        return self.record.partition("/")[0]

    @property
    def half(self) -> str:
        return half_of(self.record or self.file)


def digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


def half_of(report: str) -> str:
    """Whole reports go to one half, so that no half knows the other's writers' habits."""
    return "tuning" if int(digest("split:" + report)[:4], 16) % 2 else "aside"


def split(text: str) -> Iterator[tuple[int, int]]:
    """Sentences of prose lines; front matter, code, tables, images and link targets are no prose."""
    position, fenced, front = 0, False, text.startswith("---\n")
    for number, line in enumerate(text.splitlines(keepends=True)):
        start, position = position, position + len(line)
        if front:
            front = not (number and line.startswith("---"))
            continue
        if line.lstrip().startswith("```"):
            fenced = not fenced
            continue
        if fenced or SKIPPED_LINE.match(line.strip()):
            continue
        marker = MARKER.match(line)
        begin = marker.end() if marker else len(line) - len(line.lstrip())
        body = line.rstrip()
        while begin < len(body):
            found = SENTENCE_END.search(body, begin)
            end = found.start() if found else len(body)
            if found:
                end = found.end() - len(found.group()) + len(found.group().rstrip())
            if len(body[begin:end].split()) >= 3:
                yield start + begin, start + end
            begin = found.end() if found else len(body)


def of_file(name: str) -> list[Sentence]:
    text = (DATA / name).read_text(encoding="utf-8")
    return [Sentence(name, "", a, b, text[a:b]) for a, b in split(text)]


@cache
def updates() -> dict[str, str]:
    """The texts of the status page, by incident and place in it."""
    lines = (DATA / "github-status-history/incidents.jsonl").read_text(encoding="utf-8").splitlines()
    return {
        f"{row['id']}/{place}": update["message"]
        for row in map(json.loads, lines)
        for place, update in enumerate(row["updates"])
    }


def of_updates() -> list[Sentence]:
    name = "github-status-history/incidents.jsonl"
    return [
        Sentence(name, record, a, b, text[a:b])
        for record, text in updates().items()
        if len(text) > 250
        for a, b in split(text)
    ]


def some_of(sentences: list[Sentence]) -> list[Sentence]:
    """Long reports would outweigh all others; of them a part is read, spread over the report."""
    return sorted(sentences, key=lambda one: digest(f"{one.file}:{one.start}"))[:MOST_OF_ONE_REPORT]


def chosen() -> list[Sentence]:
    """Every sentence of the corpus, in the order of their reports."""
    names = sorted(path.relative_to(DATA).as_posix() for path in DATA.glob("icco-postmortems/data/*.md"))
    names.sort(key=digest)
    whole = [
        path.relative_to(DATA).as_posix()
        for pattern in ("posthog-postmortems/2*.md", "univaf-incidents/2*.md")
        for path in sorted(DATA.glob(pattern))
    ]
    taken = [one for name in whole + names[:WHOLE_SUMMARIES] for one in some_of(of_file(name))]
    rest = sorted(
        (one for name in names[WHOLE_SUMMARIES:] for one in of_file(name)),
        key=lambda one: digest(f"{one.file}:{one.start}"),
    )
    seen = set()
    for cue in STRATA.values():
        matching = [one for one in rest if one not in seen and re.search(cue, one.text, re.IGNORECASE)]
        seen.update(matching[:CUED_PER_STRATUM])
    status = sorted(of_updates(), key=lambda one: digest(f"{one.record}:{one.start}"))
    for cue in RARE.values():
        for source, share in ((rest, 2), (status, 5)):
            matching = [one for one in source if one not in seen and re.search(cue, one.text, re.IGNORECASE)]
            seen.update(matching[: RARE_PER_STRATUM * 2 // share])
    seen.update(one for one in [*rest, *of_updates()] if re.search(PROMISES, one.text, re.IGNORECASE))
    found = {*taken, *seen, *status[:STATUS_UPDATES]}
    # Updates of one incident that fell into both halves count in the tuning half alone.
    known = {one.incident for one in found if one.half == "tuning"} - {""}
    kept = (one for one in found if one.half == "tuning" or one.incident not in known)
    return sorted(kept, key=lambda one: (one.file, one.record, one.start))


def main(arguments_given: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("half", nargs="?", default="tuning", help="tuning or aside")
    parser.add_argument("--long", action="store_true", help="only how many there are in each half")
    given = parser.parse_args(arguments_given)
    if not DATA.is_dir():
        print(f"The write-ups are not there: {DATA}")
        return 1
    found = list(chosen())
    if given.long:
        for half, count in sorted(Counter(one.half for one in found).items()):
            print(f"   {half}: {count:,} sentences")
        return 0
    for place, one in enumerate(found):
        if one.half == given.half:
            print(f"{place} {one.text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
