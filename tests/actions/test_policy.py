"""The pure parts: proposed dates, the order of the list, dates in words."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from postmortem.actions.enums import ActionKind, ActionStatus
from postmortem.actions.order import overdue_below, sort_key
from postmortem.actions.policy import AS_SHIPPED, proposal_sentence, proposed_due_on, soaked_on
from postmortem.actions.words import due_words, redated_words
from postmortem.incidents.enums import Severity

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("severity", "kind", "due"),
    [
        (Severity.SEV1, None, date(2026, 3, 17)),
        (Severity.SEV2, None, date(2026, 4, 1)),
        (Severity.SEV3, None, date(2026, 4, 27)),
        (Severity.SEV4, ActionKind.PREVENT, date(2026, 4, 27)),
        (None, None, date(2026, 4, 1)),
        (Severity.SEV1, ActionKind.MITIGATE, date(2026, 3, 10)),
        (Severity.SEV2, ActionKind.INVESTIGATE, date(2026, 3, 17)),
        (Severity.SEV2, ActionKind.REPAIR, date(2026, 4, 1)),
    ],
)
def test_the_proposed_day_follows_severity_and_kind(
    severity: Severity | None, kind: ActionKind | None, due: date
) -> None:
    assert proposed_due_on(AS_SHIPPED, severity, kind, MONDAY) == due


@pytest.mark.parametrize("from_day", [date(2026, 3, 6), date(2026, 3, 7)])
def test_a_proposed_weekend_moves_to_monday(from_day: date) -> None:
    assert proposed_due_on(AS_SHIPPED, Severity.SEV1, None, from_day) == date(2026, 3, 23)


def test_the_hint_says_how_the_day_was_found() -> None:
    hint = proposal_sentence(AS_SHIPPED, Severity.SEV1, MONDAY)
    assert "Proposed: 15 days from today, usual after a SEV 1." in hint
    assert "Usual to investigate or to mitigate: 8 days, 10 March 2026." in hint
    assert "usual while the severity is not rated" in proposal_sentence(AS_SHIPPED, None, MONDAY)
    assert "the Monday after the weekend" in proposal_sentence(AS_SHIPPED, Severity.SEV1, date(2026, 3, 6))


def test_the_hint_names_what_differs_alone() -> None:
    same = replace(AS_SHIPPED, days={**AS_SHIPPED.days, None: {None: 1, ActionKind.PROCESS: 1}})
    assert proposal_sentence(same, None, MONDAY) == (
        "Proposed: 1 day from today, usual while the severity is not rated. Change it freely, or leave it blank."
    )


@pytest.mark.parametrize(
    ("added_at", "soak", "from_day"),
    [
        (datetime(2026, 3, 2, 9, tzinfo=UTC), 2, date(2026, 3, 4)),
        (datetime(2026, 3, 5, 23, 59, tzinfo=UTC), 2, date(2026, 3, 9)),
        (datetime(2026, 3, 6, 9, tzinfo=UTC), 2, date(2026, 3, 10)),
        (datetime(2026, 3, 7, 9, tzinfo=UTC), 2, date(2026, 3, 10)),
        (datetime(2026, 3, 8, 9, tzinfo=UTC), 1, date(2026, 3, 9)),
        (datetime(2026, 3, 7, 9, tzinfo=UTC), 0, date(2026, 3, 7)),
        (datetime(2026, 3, 2, 9, tzinfo=UTC), 5, date(2026, 3, 9)),
    ],
)
def test_an_idea_soaks_for_working_days(added_at: datetime, soak: int, from_day: date) -> None:
    assert soaked_on(replace(AS_SHIPPED, soak_working_days=soak), added_at) == from_day


def test_open_actions_come_first_by_due_date_and_closed_ones_newest_first() -> None:
    def closed(day: int) -> int:
        return sort_key(ActionStatus.DONE, date(2020, 1, 1), datetime(2026, 3, day, tzinfo=UTC))

    in_order = [
        sort_key(ActionStatus.PROPOSED, date.min, None),
        sort_key(ActionStatus.IN_PROGRESS, date(2026, 3, 1), None),
        sort_key(ActionStatus.ACCEPTED, date(2026, 3, 2), None),
        sort_key(ActionStatus.ACCEPTED, date.max, None),
        sort_key(ActionStatus.PROPOSED, None, None),
        closed(9),
        closed(8),
    ]
    assert in_order == sorted(set(in_order))


def test_an_action_is_overdue_from_the_day_after() -> None:
    assert sort_key(ActionStatus.ACCEPTED, date(2026, 3, 1), None) < overdue_below(MONDAY)
    assert sort_key(ActionStatus.ACCEPTED, MONDAY, None) >= overdue_below(MONDAY)


@pytest.mark.parametrize(
    ("due_on", "words"),
    [
        (date(2026, 3, 1), "yesterday"),
        (MONDAY, "today"),
        (date(2026, 3, 3), "tomorrow"),
        (date(2026, 2, 18), "12 days ago"),
        (date(2026, 5, 1), "in 60 days"),
        (date(2026, 7, 2), "in 4 months"),
        (date(1628, 8, 10), "398 years ago"),
    ],
)
def test_how_far_away_a_day_is(due_on: date, words: str) -> None:
    assert due_words(due_on, MONDAY) == words


def test_redating_is_counted_in_words() -> None:
    assert redated_words(0, MONDAY) == ""
    assert redated_words(1, MONDAY) == "re-dated once, first due 2 March 2026"
    assert redated_words(2, None) == "re-dated twice"
    assert redated_words(7, None) == "re-dated 7 times"
