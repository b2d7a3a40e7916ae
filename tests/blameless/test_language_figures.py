"""The bar for the hints, on the half of the corpus that was kept aside. Reads real write-ups beside the checkout."""

import json
import re

import pytest

from postmortem.blameless.language_rules import BY_ID
from stress import blameless_language, blameless_sampling

HALVES = ("tuning", "aside")

needs_the_writeups = pytest.mark.skipif(
    not blameless_sampling.DATA.is_dir(), reason="the real write-ups (../shared/data) are not here"
)


@needs_the_writeups
def test_hints_keep_the_bar_on_the_half_kept_aside() -> None:
    found = blameless_language.counted("aside")
    total = blameless_language.overall(found)
    shown = "\n".join(blameless_language.table(found))
    assert total.precision >= blameless_language.PRECISION, shown
    assert total.recall >= blameless_language.RECALL, shown


@needs_the_writeups
@pytest.mark.parametrize("half", HALVES)
def test_labels_stand_on_the_sentences_that_were_read(half: str) -> None:
    changed = [row for row in blameless_language.rows(half) if not blameless_language.is_unchanged(row)]
    assert changed == []


@needs_the_writeups
def test_the_documentation_shows_these_figures() -> None:
    page = (blameless_language.CORPUS.parents[2] / "docs" / "blameless-language.md").read_text("utf-8")
    for line in blameless_language.table(blameless_language.counted("aside")):
        assert line in page


@pytest.mark.parametrize("half", HALVES)
def test_the_corpus_is_places_and_labels_without_text(half: str) -> None:
    rows = list(blameless_language.rows(half))
    assert len(rows) >= 400
    for row in rows:
        assert set(row) <= {"file", "record", "start", "end", "digest", "labels"}
        assert re.fullmatch(r"[0-9a-f]{16}", row["digest"])
        assert all(label["rule"] in BY_ID for label in row["labels"])
        assert all(row["start"] <= label["start"] < label["end"] <= row["end"] for label in row["labels"])


def test_no_report_is_in_both_halves() -> None:
    reports = [
        {(row["file"], row.get("record", "").split("/")[0]) for row in blameless_language.rows(half)}
        for half in HALVES
    ]
    assert not reports[0] & reports[1], json.dumps(sorted(reports[0] & reports[1]))


def test_every_rule_has_labels_in_both_halves() -> None:
    for half in HALVES:
        labels = [label["rule"] for row in blameless_language.rows(half) for label in row["labels"]]
        assert set(labels) == set(BY_ID), half
