"""When somebody wants to be left alone: from a moment to the first one at which they may be told. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5


@dataclass(frozen=True)
class Quiet:
    """Somebody's quiet hours as clocks show them in their zone; over midnight where `start` is later than `until`."""

    zone: ZoneInfo
    start: time | None = None
    until: time | None = None
    is_on_weekends: bool = False

    def end_of(self, moment: datetime) -> datetime:
        """This moment, or the end of the quiet time that it falls into; in UTC."""
        # Night, weekend and the night after it may follow upon each other.
        for _ in range(4):
            later = self._one_step(moment)
            if later <= moment:
                break
            moment = later
        return moment.astimezone(UTC)

    def _one_step(self, moment: datetime) -> datetime:
        local = moment.astimezone(self.zone)
        if self.is_on_weekends and local.weekday() >= SATURDAY:
            monday = local.date() + timedelta(days=7 - local.weekday())
            return at_local(monday, time(0), self.zone, after=moment)
        start, until, now = self.start, self.until, local.time()
        if start is None or until is None or start == until:
            return moment
        is_over_midnight = start > until
        is_quiet = (now >= start or now < until) if is_over_midnight else start <= now < until
        if not is_quiet:
            return moment
        ends_tomorrow = is_over_midnight and now >= start
        return at_local(local.date() + timedelta(days=ends_tomorrow), until, self.zone, after=moment)


def at_local(day: date, clock_time: time, zone: ZoneInfo, *, after: datetime | None = None) -> datetime:
    """When clocks in this zone show this time of this day, in UTC.

    A time that is skipped in spring is the moment after the gap; of one that comes twice in autumn the first, or the
    second where the first is not later than `after`.
    """
    local = datetime.combine(day, clock_time, zone)
    first = local.astimezone(UTC)
    return local.replace(fold=1).astimezone(UTC) if after is not None and first <= after else first


def time_of(text: str | None) -> time | None:
    """`08:30` as a time; None where nothing is set."""
    return time.fromisoformat(text) if text else None
