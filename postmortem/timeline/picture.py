"""The picture of an incident's time, to scale: bars from the start of impact, events as points. Pure.

The axis is never broken. What lies so far from the rest that everything else would shrink to a line (the
certificate renewed a month before) is left out of the drawing and named in words beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Protocol

from postmortem import clock
from postmortem.incidents.durations import DURATIONS, Timed, durations_of
from postmortem.text.durations import human_duration
from postmortem.text.reading import plain_text
from postmortem.timeline import axis
from postmortem.timeline.rows import LABEL_MAX, rows_of

WIDTH, MARGIN = 960, 16
BAR_ROW, POINT_ROW = 32, 26
# A time joins the picture while the picture then stays within this many times its length without it.
STRETCH = 5
# "So far" is drawn up to now for an incident that is this young; an older open one has lost its end.
ONGOING = timedelta(days=60)

# In the order of DURATIONS.
_BARS = (
    ("Detect", "detected", "detect"),
    ("Mitigate", "mitigated", "mitigate"),
    ("Resolve", "resolved", "resolve"),
)
_MOMENT_POINTS = (
    ("impact_started_at", "Impact began", "impact"),
    ("detected_at", "Detected", "detection"),
    ("declared_at", "Declared", "communication"),
    ("mitigated_at", "Mitigated", "repair"),
    ("resolved_at", "Resolved", "repair"),
)


class Incident(Timed, Protocol):
    """What the picture needs to know of an incident, live or frozen; the five moments besides, by name."""

    @property
    def id(self) -> int: ...
    @property
    def impact_started_at(self) -> datetime | None: ...


class Event(Protocol):
    """What the picture needs to know of an event, live or frozen."""

    @property
    def occurred_at(self) -> datetime | None: ...
    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class Picture:
    """What `timeline_picture` draws; docs/design.md says what each part is. `left_out` is a sentence or ""."""

    title: str
    description: str
    left_out: str
    height: int
    ticks: list[tuple[float, str]]
    bars: list[tuple[float, float, str, str]]
    points: list[tuple[float, float, str, str, str]]
    width: int = WIDTH


@dataclass(frozen=True)
class _Point:
    at: datetime
    label: str
    kind: str
    title: str


@dataclass(frozen=True)
class _Bar:
    start: datetime
    end: datetime | None
    label: str
    kind: str
    words: str


def picture_of(
    incident: Incident, events: Iterable[Event], zone: tzinfo, *, now: datetime | None = None
) -> Picture | None:
    """The picture of what is known, with times in `zone`; None where no time is known at all."""
    now = now or clock.now()
    bars = _bars(incident, now)
    moments = _moment_points(incident, bars, zone)
    timed = [_event_point(event, event.occurred_at, zone) for event in events if event.occurred_at]
    known = (
        [bar.start for bar in bars] + [bar.end for bar in bars if bar.end] + [point.at for point in moments]
    )
    if not known and not timed:
        return None
    start, end = _span(known, [point.at for point in timed])
    drawn = sorted(
        (point for point in (*moments, *timed) if start <= point.at <= end), key=lambda point: point.at
    )
    scale = _Scale(start, end)
    rows = rows_of([(scale.x(point.at), point.label) for point in drawn], WIDTH)
    first_row = BAR_ROW * len(bars) + POINT_ROW
    return Picture(
        title=f"Timeline of INC-{incident.id} to scale",
        description=_description(start, end, bars, len([p for p in timed if start <= p.at <= end]), zone),
        left_out=_left_out([point.at for point in timed], start, end),
        height=BAR_ROW * len(bars) + POINT_ROW * (max((row for row, _ in rows), default=-1) + 1) + 48,
        ticks=[
            (scale.x(tick.at), tick.label) for tick in axis.ticks(scale.start, scale.end, scale.room, zone)
        ],
        bars=[
            (scale.x(bar.start), scale.x(bar.end or scale.end) - scale.x(bar.start), bar.label, bar.kind)
            for bar in bars
        ],
        points=[
            (scale.x(point.at), first_row + POINT_ROW * row, label, point.kind, point.title)
            for point, (row, label) in zip(drawn, rows, strict=True)
        ],
    )


class _Scale:
    """Moments to units. A picture of one moment shows half an hour on both sides of it."""

    room = WIDTH - 2 * MARGIN

    def __init__(self, start: datetime, end: datetime) -> None:
        if start == end:
            start, end = start - timedelta(minutes=30), end + timedelta(minutes=30)
        self.start, self.end = start, end

    def x(self, moment: datetime) -> float:
        share = (moment - self.start) / (self.end - self.start)
        return round(MARGIN + share * self.room, 1)


def _bars(incident: Incident, now: datetime) -> list[_Bar]:
    start = incident.impact_started_at
    if start is None:
        return []
    bars = []
    for duration, (_, _, moment), (name, done, kind) in zip(
        durations_of(incident), DURATIONS, _BARS, strict=True
    ):
        end: datetime | None = getattr(incident, moment)
        if end is None or duration.seconds is None:
            continue
        took = ("about " if duration.is_rough else "") + human_duration(abs(duration.seconds))
        if duration.seconds >= 0:
            bars.append(_Bar(start, end, f"{name} {took}", kind, f"{done} after {took}"))
        else:
            bars.append(
                _Bar(end, start, f"{name}: end before start", "invalid", f"{done} {took} before it began")
            )
    is_over = any(bar.kind in ("mitigate", "resolve", "invalid") for bar in bars)
    if incident.status == "open" and not is_over:
        bars.append(_open_bar(start, now))
    return bars


def _open_bar(start: datetime, now: datetime) -> _Bar:
    if timedelta() <= now - start <= ONGOING:
        lasted = human_duration(int((now - start).total_seconds()))
        return _Bar(start, now, f"Impact so far {lasted}", "resolve", f"not over after {lasted}")
    return _Bar(start, None, "Impact: no end recorded", "resolve", "no end is recorded")


def _moment_points(incident: Incident, bars: Sequence[_Bar], zone: tzinfo) -> list[_Point]:
    """The moments that no bar shows."""
    shown = {moment for bar in bars for moment in (bar.start, bar.end)}
    points = []
    for name, label, kind in _MOMENT_POINTS:
        at = getattr(incident, name)
        if at is not None and at not in shown:
            points.append(_Point(at, label, kind, f"{_clock(at, zone)} {label}"))
    return points


def _event_point(event: Event, at: datetime, zone: tzinfo) -> _Point:
    kind = str(event.kind)
    return _Point(
        at,
        plain_text(event.text, LABEL_MAX),
        kind,
        f"{_clock(at, zone)} {kind.capitalize()}: {plain_text(event.text, 200)}",
    )


def _span(known: Sequence[datetime], others: Sequence[datetime]) -> tuple[datetime, datetime]:
    """From when to when the picture goes: all of `known`, and of the others what is not far away."""
    ordered = sorted(others)
    core = known or ordered[len(ordered) // 2 : len(ordered) // 2 + 1]
    start, end = min(core), max(core)
    earlier = [moment for moment in ordered if moment < start]
    later = [moment for moment in ordered[::-1] if moment > end]
    while earlier or later:
        before = start - earlier[-1] if earlier else timedelta.max
        after = later[-1] - end if later else timedelta.max
        step = min(before, after)
        if end > start and end - start + step > STRETCH * (end - start):
            break
        if before <= after:
            start = earlier.pop()
        else:
            end = later.pop()
    return start, end


def _description(start: datetime, end: datetime, bars: Sequence[_Bar], drawn: int, zone: tzinfo) -> str:
    """The picture in sentences, for those who do not see it."""
    span = (
        f"From {_clock(start, zone)} to {_clock(end, zone)}." if end > start else f"At {_clock(start, zone)}."
    )
    impact = f" Impact: {', '.join(bar.words for bar in bars)}." if bars else ""
    counted = f" {drawn} {'event is' if drawn == 1 else 'events are'} drawn." if drawn else ""
    return span + impact + counted


def _left_out(moments: Sequence[datetime], start: datetime, end: datetime) -> str:
    earlier = [start - moment for moment in moments if moment < start]
    later = [moment - end for moment in moments if moment > end]
    parts = [
        f"{len(gaps)} {'event' if len(gaps) == 1 else 'events'} {human_duration(int(min(gaps).total_seconds()))}"
        f"{' or more' if len(gaps) > 1 else ''} {word}"
        for gaps, word in ((earlier, "earlier"), (later, "later"))
        if gaps
    ]
    return f"Too far away to draw to scale: {' and '.join(parts)}." if parts else ""


def _clock(moment: datetime, zone: tzinfo) -> str:
    local = moment.astimezone(zone)
    seconds = f":{local:%S}" if local.second else ""
    return f"{local.day} {local:%B} {local.year}, {local:%H:%M}{seconds}"
