"""When a newsletter comes: on its weekday and hour by each reader's own clock. Pure.

One number goes to everybody. It is closed when that hour comes for the first of its readers, wherever they are, and
goes out to each at their own.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from postmortem.config_parts import WeeklyTime
from postmortem.notifications.quiet import at_local

WEEK = timedelta(days=7)


def begun(slot: WeeklyTime, zones: Collection[ZoneInfo], now: datetime) -> tuple[date, datetime]:
    """The newest day whose newsletter is due for anybody in these zones, and since when."""
    day = max(_last_day(slot, zone, now) for zone in zones)
    return day, min(at_local(day, slot.at, zone) for zone in zones)


def next_moment(slot: WeeklyTime, zone: ZoneInfo, now: datetime) -> datetime:
    """When the next one comes to a reader in this zone."""
    return at_local(_last_day(slot, zone, now) + WEEK, slot.at, zone)


def _last_day(slot: WeeklyTime, zone: ZoneInfo, now: datetime) -> date:
    today = now.astimezone(zone).date()
    day = today - timedelta(days=(today.weekday() - slot.weekday) % 7)
    return day if at_local(day, slot.at, zone) <= now else day - WEEK


def week_of(day: date) -> str:
    """`2026-W48`: the week of a day by ISO 8601, what a newsletter is called by."""
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def day_in(week: str, slot: WeeklyTime) -> date:
    """The day in this week on which the newsletter comes."""
    year, _, number = week.partition("-W")
    return date.fromisocalendar(int(year), int(number), slot.weekday + 1)
