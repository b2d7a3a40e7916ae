"""Times of one sample incident: its file counts from a start, which counts from the moment of loading. Pure."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from postmortem.web import zones

MORNING, AFTERNOON = time(9, 40), time(16, 10)


class Calendar:
    """`start` and `now` are aware, in UTC; days are those of the incident's own zone."""

    def __init__(self, record: Mapping[str, Any], now: datetime) -> None:
        self._zone = zones.zone(record["timezone"])
        self.now = now.astimezone(UTC)
        self.start = self._start(record["starts"])

    def _start(self, starts: Mapping[str, Any]) -> datetime:
        if "hours_ago" in starts:
            return (self.now - timedelta(hours=starts["hours_ago"])).replace(second=0, microsecond=0)
        return self.at_day(self.day_ago(starts["days_ago"]), time.fromisoformat(starts["at"]))

    def minutes(self, count: int) -> datetime:
        """That many minutes from the start; negative is before it."""
        return self.start + timedelta(minutes=count)

    def day_ago(self, days: int) -> date:
        """The day that many days before today; negative is in the future."""
        return self.now.astimezone(self._zone).date() - timedelta(days=days)

    def at_day(self, day: date, at: time) -> datetime:
        """That local time of a day."""
        return datetime.combine(day, at, self._zone).astimezone(UTC)

    def day_after_start(self, days: int) -> datetime:
        """The morning that many days after the start."""
        return self.at_day(self.start.astimezone(self._zone).date() + timedelta(days=days), MORNING)
