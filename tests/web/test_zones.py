"""Local times that clocks skipped or showed twice, in zones with an hour, half an hour and odd history."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from postmortem.web import zones

STOCKHOLM, NEW_YORK, LORD_HOWE = (
    ZoneInfo(name) for name in ("Europe/Stockholm", "America/New_York", "Australia/Lord_Howe")
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("zone", "local", "before", "after"),
    [
        (STOCKHOLM, "2026-03-29T02:00", "2026-03-29T01:00", "2026-03-29T03:00"),
        (STOCKHOLM, "2026-03-29T02:59", "2026-03-29T01:59", "2026-03-29T03:59"),
        (NEW_YORK, "2026-03-08T02:30", "2026-03-08T01:30", "2026-03-08T03:30"),
        (LORD_HOWE, "2026-10-04T02:15", "2026-10-04T01:45", "2026-10-04T02:45"),
    ],
)
def test_a_skipped_time_stands_between_two_readings(zone, local, before, after) -> None:
    assert not zones.exists(at(local), zone)
    assert not zones.is_ambiguous(at(local), zone)
    assert zones.around_gap(at(local), zone) == (at(before), at(after))
    assert zones.exists(at(before), zone)
    assert zones.exists(at(after), zone)


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        (STOCKHOLM, "2026-10-25T02:00"),
        (STOCKHOLM, "2026-10-25T02:59"),
        (NEW_YORK, "2026-11-01T01:30"),
        (LORD_HOWE, "2026-04-05T01:45"),
    ],
)
def test_a_repeated_time_is_ambiguous(zone, local) -> None:
    assert zones.exists(at(local), zone)
    assert zones.is_ambiguous(at(local), zone)


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        (STOCKHOLM, "2026-03-29T01:59"),
        (STOCKHOLM, "2026-03-29T03:00"),
        (STOCKHOLM, "2026-10-25T01:59"),
        (STOCKHOLM, "2026-10-25T03:00"),
        (LORD_HOWE, "2026-10-04T02:30"),
        (LORD_HOWE, "2026-04-05T01:29"),
        (STOCKHOLM, "1628-08-10T16:00"),
        (ZoneInfo("UTC"), "2026-03-29T02:30"),
    ],
)
def test_ordinary_times_exist_once(zone, local) -> None:
    assert zones.exists(at(local), zone)
    assert not zones.is_ambiguous(at(local), zone)


@pytest.mark.parametrize(
    ("zone", "moment", "name"),
    [
        ("UTC", "2026-07-01T12:00", "UTC"),
        ("Europe/Stockholm", "2026-07-01T12:00", "UTC+2"),
        ("America/St_Johns", "2026-01-01T12:00", "UTC−3:30"),
        ("Asia/Kathmandu", "2026-01-01T12:00", "UTC+5:45"),
        ("Europe/Stockholm", "1628-08-10T12:00", "UTC+1:12"),
    ],
)
def test_an_offset_has_a_name(zone, moment, name) -> None:
    assert zones.offset_name(at(moment).replace(tzinfo=ZoneInfo(zone))) == name
    assert zones.offset_name(datetime(2026, 1, 1, tzinfo=UTC)) == "UTC"


@pytest.mark.parametrize("name", ["UTC", "Europe/Stockholm", "America/Argentina/Ushuaia", "EST"])
def test_zones_that_are(name: str) -> None:
    assert zones.is_zone(name)
    assert zones.zone(name).key == name


@pytest.mark.parametrize(
    "name",
    ["", "Europe", "Europe/", "Mars/Olympus", "../../etc/passwd", "/etc/localtime", "localtime", "Factory",
     "posix/UTC", "zone.tab", "\0", "\ud800", "x" * 5000, "UTC\n"],
)  # fmt: skip
def test_zones_that_are_not_are_read_as_utc(name: str) -> None:
    assert not zones.is_zone(name)
    assert zones.zone(name).key == "UTC"


def test_the_names_to_choose_from_are_names_of_places() -> None:
    names = zones.zone_names()
    assert {"UTC", "Europe/Stockholm", "Asia/Tokyo"} <= set(names)
    assert list(names) == sorted(names)
    assert all(zones.is_zone(name) for name in names)
    assert not [name for name in names if name.startswith(("Etc/", "posix/", "right/"))]
