"""From any moment to the first at which somebody may be told, over nights, weekends and changed clocks."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from postmortem.notifications.digests import last_moment
from postmortem.notifications.enums import Pace
from postmortem.notifications.models import NotificationSettings
from postmortem.notifications.quiet import Quiet, at_local

STOCKHOLM = "Europe/Stockholm"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "start", "until", "weekends", "moment", "expected"),
    [
        # Off.
        (STOCKHOLM, None, None, False, "2026-03-10T02:00", "2026-03-10T02:00"),
        ("UTC", "09:00", "09:00", False, "2026-03-10T09:00", "2026-03-10T09:00"),
        # Over midnight, from both sides of it; the end itself is not quiet.
        (STOCKHOLM, "22:00", "07:00", False, "2026-03-10T21:30", "2026-03-11T06:00"),
        (STOCKHOLM, "22:00", "07:00", False, "2026-03-11T02:00", "2026-03-11T06:00"),
        (STOCKHOLM, "22:00", "07:00", False, "2026-03-11T06:00", "2026-03-11T06:00"),
        (STOCKHOLM, "22:00", "07:00", False, "2026-03-10T20:59", "2026-03-10T20:59"),
        # Within a day.
        ("UTC", "12:00", "13:30", False, "2026-03-10T12:00", "2026-03-10T13:30"),
        ("UTC", "12:00", "13:30", False, "2026-03-10T13:30", "2026-03-10T13:30"),
        # The night in which clocks go forward, and the one in which they go back.
        (STOCKHOLM, "22:00", "07:00", False, "2026-03-28T22:00", "2026-03-29T05:00"),
        (STOCKHOLM, "22:00", "07:00", False, "2026-10-24T21:00", "2026-10-25T06:00"),
        # An end that clocks skip: the moment after the gap. One that comes twice: never before the moment itself.
        (STOCKHOLM, "22:00", "02:30", False, "2026-03-29T00:10", "2026-03-29T01:30"),
        (STOCKHOLM, "22:00", "02:30", False, "2026-10-25T00:10", "2026-10-25T00:30"),
        (STOCKHOLM, "22:00", "02:30", False, "2026-10-25T01:10", "2026-10-25T01:30"),
        # Friday night, weekend and the night to Monday follow upon each other.
        (STOCKHOLM, "22:00", "07:00", True, "2026-03-13T21:30", "2026-03-16T06:00"),
        (STOCKHOLM, None, None, True, "2026-03-14T12:00", "2026-03-15T23:00"),
        (STOCKHOLM, None, None, True, "2026-03-13T22:59", "2026-03-13T22:59"),
        # Far zones: it is Saturday there already, or still Sunday.
        ("Pacific/Auckland", None, None, True, "2026-03-13T12:00", "2026-03-15T11:00"),
        ("America/Los_Angeles", None, None, True, "2026-03-16T05:00", "2026-03-16T07:00"),
    ],
)
def test_news_waits_for_the_end_of_quiet_hours(
    zone: str, start: str | None, until: str | None, weekends: bool, moment: str, expected: str
) -> None:
    hours = [time.fromisoformat(each) if each else None for each in (start, until)]
    quiet = Quiet(ZoneInfo(zone), *hours, is_on_weekends=weekends)
    assert quiet.end_of(utc(moment)) == utc(expected)


def test_what_comes_out_is_never_quiet_and_never_earlier() -> None:
    quiet = Quiet(ZoneInfo(STOCKHOLM), time(22), time(7), is_on_weekends=True)
    start = utc("2026-03-20T00:00").timestamp()
    for step in range(0, 14 * 24 * 60, 17):
        moment = datetime.fromtimestamp(start + step * 60, UTC)
        end = quiet.end_of(moment)
        assert end >= moment
        assert quiet.end_of(end) == end
        local = end.astimezone(quiet.zone)
        assert 7 <= local.hour < 22
        assert local.weekday() < 5


@pytest.mark.parametrize(
    ("zone", "values", "pace", "now", "expected"),
    [
        ("UTC", {}, Pace.DAILY, "2026-03-10T08:00", ("2026-03-10", "2026-03-10T08:00")),
        ("UTC", {}, Pace.DAILY, "2026-03-10T07:59", ("2026-03-09", "2026-03-09T08:00")),
        ("UTC", {}, Pace.WEEKLY, "2026-03-15T23:00", ("2026-03-09", "2026-03-09T08:00")),
        (
            STOCKHOLM,
            {"digest_at": "16:30", "digest_weekday": 4},
            Pace.WEEKLY,
            "2026-04-03T14:30",
            ("2026-04-03", "2026-04-03T14:30"),
        ),
        (
            "UTC",
            {"is_quiet_on_weekends": True},
            Pace.DAILY,
            "2026-03-15T12:00",
            ("2026-03-13", "2026-03-13T08:00"),
        ),
        ("Pacific/Auckland", {}, Pace.DAILY, "2026-03-09T20:00", ("2026-03-10", "2026-03-09T19:00")),
    ],
)
def test_a_digest_comes_at_its_readers_own_hour(
    zone: str, values: dict[str, object], pace: Pace, now: str, expected: tuple[str, str]
) -> None:
    usual = {"digest_at": "08:00", "digest_weekday": 0, "is_quiet_on_weekends": False}
    chosen = NotificationSettings(**{**usual, **values}) if values else None
    assert last_moment(zone, chosen, pace, utc(now)) == (date.fromisoformat(expected[0]), utc(expected[1]))


def test_a_time_that_clocks_skip_is_after_the_gap() -> None:
    assert at_local(date(2026, 3, 29), time(2, 30), ZoneInfo(STOCKHOLM)) == utc("2026-03-29T01:30")
