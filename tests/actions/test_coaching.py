"""Titles that say what to do get no word; those that do not get the one that helps."""

import pytest

from postmortem.actions.coaching import (
    ASK_A_QUESTION,
    CHANGE_THE_WORK,
    SAY_WHAT,
    START_WITH_A_VERB,
    title_hint,
)
from tests.imports.test_samples_files import all_actions

GOOD = (
    "Add an alarm for the queue's oldest message",
    "Rehearse the failover with a stale replica",
    "Find out why the canary saw nothing",
    "Investigate why retries doubled between 14:00 and 14:10",
    "Analyse the slow queries of the search index",
    "Remove the six-hour answer from the edge",
    "Fix the off-by-one in the leap day report",
    "Improve monitoring of certificate expiry at the edge",
    "Document how to restore the vault without DNS",
    "Implement backoff in the mobile app",
    "Alert on replication lag above 30 s",
    "Test each release against a server that refuses everything",
    "Look for encoded secrets in build logs",
    "Check the served certificate from outside, per site",
    "Ping the standby before each failover",
    "Update the runbook for the resolver with the bridge number",
    "[PLAT] Roll configuration out region by region",
    "1. Limit what one supporter can be charged per day",
    "Ensure that two people approve a change of the resolver",
    "Быстрее замечать отказ реплики",
    "Alarm bei leerer Warteschlange einbauen",
    "ROLL BACK THE RESOLVER CHANGE IN THE LAB",
)
BAD = (
    ("Investigate further", ASK_A_QUESTION),
    ("investigate", ASK_A_QUESTION),
    ("Investigate the issue", ASK_A_QUESTION),
    ("Look into it", ASK_A_QUESTION),
    ("Look into the slow queries", ASK_A_QUESTION),
    ("Look into", ASK_A_QUESTION),
    ("Think about caching", ASK_A_QUESTION),
    ("Follow up", ASK_A_QUESTION),
    ("Understand root cause", ASK_A_QUESTION),
    ("Improve monitoring", SAY_WHAT),
    ("Improve our monitoring and alerting", SAY_WHAT),
    ("Fix bug", SAY_WHAT),
    ("Fix the bug.", SAY_WHAT),
    ("fix", SAY_WHAT),
    ("Add more tests", SAY_WHAT),
    ("Update documentation", SAY_WHAT),
    ("TODO: fix it", SAY_WHAT),
    ("…", SAY_WHAT),
    ("Better dashboards", START_WITH_A_VERB),
    ("Monitoring", START_WITH_A_VERB),
    ("The alarm should ring sooner", START_WITH_A_VERB),
    ("We need a second replica", START_WITH_A_VERB),
    ("Adding an alarm for the queue", START_WITH_A_VERB),
    ("Documentation of the restore", START_WITH_A_VERB),
    ("DNS for the vault", START_WITH_A_VERB),
    ("Runbook for the resolver", START_WITH_A_VERB),
    ("Be more careful with deploys", CHANGE_THE_WORK),
    ("Pay attention to the dashboard", CHANGE_THE_WORK),
    ("More careful reviews", CHANGE_THE_WORK),
)


@pytest.mark.parametrize("title", GOOD)
def test_a_title_that_says_what_to_do_gets_no_hint(title: str) -> None:
    assert title_hint(title) == ""


@pytest.mark.parametrize(("title", "hint"), BAD)
def test_a_title_that_does_not_gets_the_hint_that_helps(title: str, hint: str) -> None:
    assert title_hint(title) == hint


def test_the_sample_companys_titles_are_good_ones() -> None:
    assert [action["title"] for action in all_actions() if title_hint(action["title"])] == []


def test_any_text_is_read_in_no_time() -> None:
    for text in ("[" * 200, "a-" * 100, "'" * 200, " " * 200, "１．" * 60):
        assert isinstance(title_hint(text), str)
