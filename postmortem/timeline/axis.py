"""Round times on an axis: which marks, where, and in what words, in somebody's zone. Pure.

Marks fall on round local times, also across a clock change: an axis of hours then goes on in hours that
really passed, an axis of days in midnights that are 23 or 25 hours apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

# A label's width in the picture's units: a character of the axis, and air on both sides.
CHARACTER, AIR = 6.6, 36.0
_LAST_YEAR = 9998


@dataclass(frozen=True)
class Step:
    """The distance between marks: `count` of a unit; `widest` is the widest label it makes."""

    unit: str
    count: int
    seconds: int
    widest: str


_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_CLOCK, _SECONDS, _DATE, _MONTH, _YEAR = "30 Sep", "00:00:00", "30 Sep 2026", "Sep 2026", "2026"
STEPS = (
    *(Step("second", n, n, _SECONDS) for n in (1, 5, 15, 30)),
    *(Step("minute", n, n * _MINUTE, _CLOCK) for n in (1, 5, 15, 30)),
    *(Step("hour", n, n * _HOUR, _CLOCK) for n in (1, 3, 6, 12)),
    *(Step("day", n, n * _DAY, _DATE) for n in (1, 2, 7, 14)),
    *(Step("month", n, n * 30 * _DAY, _MONTH) for n in (1, 3, 6)),
    *(Step("year", n, n * 365 * _DAY, _YEAR) for n in (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500)),
)


@dataclass(frozen=True)
class Tick:
    """One mark: when it is, and its label."""

    at: datetime
    label: str


def step_for(seconds: float, width: float) -> Step:
    """The smallest step whose labels do not touch when `seconds` take `width` units."""
    for step in STEPS:
        if step.seconds / seconds * width >= len(step.widest) * CHARACTER + AIR:
            return step
    return STEPS[-1]


def ticks(start: datetime, end: datetime, width: float, zone: tzinfo) -> list[Tick]:
    """The marks from `start` to `end` (aware), in rising order; may be empty for an axis without a round time."""
    step = step_for((end - start).total_seconds(), width)
    found: list[Tick] = []
    previous: datetime | None = None
    for at, local in _marks(start, end, step, zone):
        if start <= at <= end and (not found or at > found[-1].at):
            found.append(Tick(at, _label(local, previous, step)))
            previous = local
    return found


def _marks(start: datetime, end: datetime, step: Step, zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
    """Each mark as a UTC moment and its naive local reading, from just before `start` to just behind `end`."""
    if step.seconds <= _HOUR:
        yield from _steady_marks(start, end, step, zone)
        return
    local = _floor(start.astimezone(zone).replace(tzinfo=None), step)
    last = end.astimezone(zone).replace(tzinfo=None)
    while local <= last and local.year <= _LAST_YEAR:
        at = local.replace(tzinfo=zone).astimezone(UTC)
        # A skipped hour has no mark; a day whose midnight was skipped keeps its own.
        if step.unit != "hour" or at.astimezone(zone).replace(tzinfo=None) == local:
            yield at, local
        local = _next(local, step)


def _steady_marks(
    start: datetime, end: datetime, step: Step, zone: tzinfo
) -> Iterator[tuple[datetime, datetime]]:
    """Marks up to an hour apart, counted in time that passed: clock changes neither skip nor double one."""
    local = start.astimezone(zone)
    into = (local.minute * 60 + local.second) % step.seconds
    at = start.astimezone(UTC) - timedelta(seconds=into, microseconds=local.microsecond)
    while at <= end:
        yield at, at.astimezone(zone).replace(tzinfo=None, fold=0)
        at += timedelta(seconds=step.seconds)


def _floor(local: datetime, step: Step) -> datetime:
    """The last local mark at or before this naive local time."""
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if step.unit == "hour":
        return day.replace(hour=local.hour // step.count * step.count)
    if step.unit == "day":
        # Weeks start on Mondays; days are counted from a Monday so that the same axis falls on the same days.
        return day - timedelta(days=(day.toordinal() - 1) % step.count)
    if step.unit == "month":
        return day.replace(month=(local.month - 1) // step.count * step.count + 1, day=1)
    return day.replace(year=max(local.year // step.count * step.count, 1), month=1, day=1)


def _next(local: datetime, step: Step) -> datetime:
    if step.unit == "hour":
        return local + timedelta(hours=step.count)
    if step.unit == "day":
        return local + timedelta(days=step.count)
    if step.unit == "month":
        years, month = divmod(local.month - 1 + step.count, 12)
        return local.replace(year=local.year + years, month=month + 1)
    return local.replace(year=min(local.year // step.count * step.count + step.count, _LAST_YEAR + 1))


def _label(local: datetime, previous: datetime | None, step: Step) -> str:
    """The shortest words that say when this is, knowing the mark before it."""
    if step.unit == "year":
        return f"{local.year}"
    if step.unit == "month":
        return f"{local:%b} {local.year}"
    if step.unit == "day":
        is_new_year = previous is None or previous.year != local.year
        return f"{local.day} {local:%b} {local.year}" if is_new_year else f"{local.day} {local:%b}"
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return f"{local.day} {local:%b}"
    return f"{local:%H:%M:%S}" if step.unit == "second" else f"{local:%H:%M}"
