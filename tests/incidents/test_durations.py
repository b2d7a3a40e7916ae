"""Durations: derived from the moments, with a status for what is missing or impossible."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from postmortem.incidents.durations import day_alone, durations_of
from postmortem.incidents.enums import MOMENTS, Confidence, DurationStatus, IncidentKind, IncidentStatus

EXACT, UNKNOWN = Confidence.EXACT, Confidence.UNKNOWN


@dataclass
class Case:
    """Just enough of an incident."""

    impact_started_at: datetime | None = None
    detected_at: datetime | None = None
    declared_at: datetime | None = None
    mitigated_at: datetime | None = None
    resolved_at: datetime | None = None
    kind: IncidentKind = IncidentKind.INCIDENT
    status: IncidentStatus = IncidentStatus.OPEN
    timezone: str = "UTC"
    sure: Confidence = EXACT

    def __getattr__(self, name: str) -> Confidence:
        if name.removesuffix("_confidence") in MOMENTS:
            return self.sure
        raise AttributeError(name)


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def results(case: Case) -> list[tuple[int | None, DurationStatus]]:
    return [(duration.seconds, duration.status) for duration in durations_of(case)]


def test_all_three_count_from_the_start_of_impact() -> None:
    case = Case(at(9, 12), at(9, 12, 20), at(9, 13), at(9, 14), at(9, 14, 23))
    assert [duration.name for duration in durations_of(case)] == [
        "time_to_detect_seconds",
        "time_to_mitigate_seconds",
        "time_to_resolve_seconds",
    ]
    assert results(case) == [
        (1200, DurationStatus.RECORDED),
        (7200, DurationStatus.RECORDED),
        (8580, DurationStatus.RECORDED),
    ]


def test_an_end_before_the_start_is_kept_and_invalid() -> None:
    assert results(Case(impact_started_at=at(9, 12), detected_at=at(9, 11)))[0] == (
        -3600,
        DurationStatus.INVALID,
    )


@pytest.mark.parametrize("status", list(IncidentStatus))
@pytest.mark.parametrize("kind", list(IncidentKind))
@pytest.mark.parametrize("start", [None, at(9, 12)])
def test_a_missing_time_may_still_come_unless_closed_or_a_near_miss(
    status: IncidentStatus, kind: IncidentKind, start: datetime | None
) -> None:
    expected = (
        DurationStatus.NOT_APPLICABLE
        if status == IncidentStatus.CLOSED or kind == IncidentKind.NEAR_MISS
        else DurationStatus.PENDING
    )
    assert results(Case(impact_started_at=start, kind=kind, status=status)) == [(None, expected)] * 3


def test_a_near_miss_with_times_has_durations() -> None:
    case = Case(at(9, 12), at(9, 13), kind=IncidentKind.NEAR_MISS)
    assert results(case)[0] == (3600, DurationStatus.RECORDED)


def test_days_alone_on_one_day_say_nothing_about_the_time_between() -> None:
    case = Case(impact_started_at=at(9), detected_at=at(9), resolved_at=at(12), sure=UNKNOWN)
    detected, _, resolved = durations_of(case)
    assert (detected.seconds, detected.status) == (None, DurationStatus.PENDING)
    assert (resolved.seconds, resolved.status, resolved.is_rough) == (
        3 * 86400,
        DurationStatus.RECORDED,
        True,
    )


def test_a_start_in_1628_counts_like_any_other() -> None:
    case = Case(
        impact_started_at=datetime(1628, 8, 10, 16, tzinfo=UTC),
        resolved_at=datetime(1961, 4, 24, 9, tzinfo=UTC),
    )
    assert durations_of(case)[2].status == DurationStatus.RECORDED


@pytest.mark.parametrize(
    ("value", "sure", "zone", "day"),
    [
        (datetime(2026, 3, 8, 23, tzinfo=UTC), UNKNOWN, "Europe/Stockholm", date(2026, 3, 9)),
        (datetime(2026, 3, 8, 23, tzinfo=UTC), EXACT, "Europe/Stockholm", None),
        (datetime(2026, 3, 9, tzinfo=UTC), UNKNOWN, "Europe/Stockholm", None),
        (None, UNKNOWN, "UTC", None),
        # Lebanon's clocks skip midnight: that day begins at 01:00.
        (datetime(2022, 3, 26, 22, tzinfo=UTC), UNKNOWN, "Asia/Beirut", date(2022, 3, 27)),
    ],
)
def test_a_day_alone_is_a_midnight_of_unknown_exactness_in_the_incidents_zone(
    value: datetime | None, sure: Confidence, zone: str, day: date | None
) -> None:
    assert day_alone(value, sure, zone) == day
