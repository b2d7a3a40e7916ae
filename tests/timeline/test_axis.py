"""Marks on an axis: round local times, at any scale, in any zone."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortem.timeline.axis import AIR, CHARACTER, STEPS, step_for, ticks

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ZONES = st.sampled_from(
    ["UTC", "Europe/Stockholm", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
)
WIDTH = 928


def labels(start: datetime, length: timedelta, zone: ZoneInfo = STOCKHOLM) -> list[str]:
    return [tick.label for tick in ticks(start, start + length, WIDTH, zone)]


def at(text: str, zone: ZoneInfo = STOCKHOLM) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        ("2026-03-14T13:00:00", timedelta(seconds=39), ["13:00:00", "13:00:05", "13:00:10"]),
        ("2026-03-14T13:03:00", timedelta(minutes=40), ["13:05", "13:10", "13:15"]),
        ("2026-03-14T13:03:00", timedelta(hours=4), ["13:30", "14:00", "14:30"]),
        ("2026-03-14T21:30:00", timedelta(hours=8), ["22:00", "23:00", "15 Mar", "01:00"]),
        ("2026-03-14T13:00:00", timedelta(days=2), ["18:00", "15 Mar", "06:00"]),
        ("2026-12-29T13:00:00", timedelta(days=3), ["18:00", "30 Dec", "06:00"]),
        ("2026-12-30T13:00:00", timedelta(days=7), ["31 Dec 2026", "1 Jan 2027", "2 Jan"]),
        ("2026-03-14T13:00:00", timedelta(days=40), ["16 Mar 2026", "23 Mar", "30 Mar"]),
        ("2026-03-14T13:00:00", timedelta(days=200), ["Apr 2026", "May 2026", "Jun 2026"]),
        ("2026-03-14T13:00:00", timedelta(days=593), ["Apr 2026", "Jul 2026", "Oct 2026"]),
        ("2016-03-14T13:00:00", timedelta(days=3600), ["2017", "2018", "2019"]),
        ("1628-08-10T16:00:00", timedelta(days=365 * 390), ["1650", "1700", "1750"]),
    ],
)
def test_marks_are_round_at_every_scale(start: str, length: timedelta, expected: list[str]) -> None:
    assert labels(at(start), length)[: len(expected)] == expected


def test_weeks_start_on_mondays() -> None:
    found = ticks(at("2026-03-14T13:00:00"), at("2026-04-20T13:00:00"), WIDTH, STOCKHOLM)
    assert {tick.at.astimezone(STOCKHOLM).weekday() for tick in found} == {0}


def test_hours_across_a_clock_change_are_hours_that_passed() -> None:
    """In Stockholm the clocks went from 02:00 to 03:00 on 29 March 2026, and back at 03:00 on 25 October."""
    assert labels(at("2026-03-29T00:00:00"), timedelta(hours=4)) == ["29 Mar", "00:30", "01:00", "01:30", "03:00", "03:30", "04:00", "04:30", "05:00"]  # fmt: skip
    assert labels(at("2026-10-25T01:00:00"), timedelta(hours=4))[:6] == [
        "01:00",
        "01:30",
        "02:00",
        "02:30",
        "02:00",
        "02:30",
    ]


def test_days_across_a_clock_change_stay_midnights() -> None:
    found = ticks(at("2026-03-26T12:00:00"), at("2026-04-02T12:00:00"), WIDTH, STOCKHOLM)
    assert [tick.at.astimezone(STOCKHOLM).strftime("%d %H:%M") for tick in found] == [
        "27 00:00",
        "28 00:00",
        "29 00:00",
        "30 00:00",
        "31 00:00",
        "01 00:00",
        "02 00:00",
    ]


def test_a_skipped_midnight_keeps_its_day() -> None:
    """Cairo's clocks went from 00:00 to 01:00 on Friday 24 April 2026."""
    cairo = ZoneInfo("Africa/Cairo")
    found = ticks(at("2026-04-21T12:00:00", cairo), at("2026-04-28T12:00:00", cairo), WIDTH, cairo)
    assert [tick.label for tick in found] == [
        "22 Apr 2026",
        *(f"{day} Apr" for day in range(23, 29)),
    ]


@given(
    start=st.datetimes(datetime(1000, 1, 2), datetime(9700, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    seconds=st.integers(1, 80_000 * 86_400),
    zone=ZONES,
)
def test_marks_rise_lie_within_and_do_not_touch(start: datetime, seconds: int, zone: str) -> None:
    first, last = start, min(start + timedelta(seconds=seconds), datetime(9998, 1, 1, tzinfo=UTC))
    found = ticks(first, last, WIDTH, ZoneInfo(zone))
    moments = [tick.at for tick in found]
    assert moments == sorted(set(moments))
    assert all(first <= moment <= last for moment in moments)
    assert len(found) <= 16
    scale = WIDTH / (last - first).total_seconds()
    for left, right in pairwise(found):
        gap = (right.at - left.at).total_seconds() * scale
        assert gap >= (len(left.label) + len(right.label)) / 2 * CHARACTER, (left, right)


@given(seconds=st.integers(1, 3_000_000_000), width=st.integers(400, 2000))
def test_a_step_leaves_room_for_its_labels(seconds: int, width: int) -> None:
    step = step_for(seconds, width)
    room = step.seconds / seconds * width
    assert room >= len(step.widest) * CHARACTER + AIR or step == STEPS[-1]
