"""The three durations of an incident, derived from its moments and never stored. Pure.

All count from the start of impact. Each has a status:

- `recorded`: both times are there, the end not before the start.
- `invalid`: the end is before the start. It is kept and shown, and left out of statistics.
- `pending`: a time is missing that may still come: the incident is open, mitigated or resolved.
- `not_applicable`: a time is missing and none is expected: the incident is closed, or it is a near miss
  (which may have had no impact at all).

A moment known by its day alone (kept as 00:00 with confidence *unknown*) gives a duration in whole days, and
none when start and end fall on the same day: that is a missing time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Protocol

from postmortem.incidents.enums import Confidence, DurationStatus, IncidentKind, IncidentStatus
from postmortem.web import zones

# name, label, the moment that ends it
DURATIONS = (
    ("time_to_detect_seconds", "Time to detect", "detected_at"),
    ("time_to_mitigate_seconds", "Time to mitigate", "mitigated_at"),
    ("time_to_resolve_seconds", "Time to resolve", "resolved_at"),
)


class Timed(Protocol):
    """What durations are made from; an Incident, or any row with its moments and their confidences."""

    @property
    def kind(self) -> IncidentKind: ...
    @property
    def status(self) -> IncidentStatus: ...
    @property
    def timezone(self) -> str: ...


@dataclass(frozen=True)
class Duration:
    """`seconds` is negative for an invalid one, None where a time is missing. `is_rough`: not to the minute."""

    name: str
    label: str
    seconds: int | None
    status: DurationStatus
    is_rough: bool = False


def durations_of(incident: Timed) -> Sequence[Duration]:
    """Time to detect, to mitigate and to resolve, in this order."""
    return [_duration(incident, name, label, end) for name, label, end in DURATIONS]


def time_to_resolve(incident: Timed) -> Duration:
    """The last of the three alone, for lists."""
    return _duration(incident, *DURATIONS[-1])


def day_alone(value: datetime | None, confidence: Confidence, timezone: str) -> date | None:
    """The local day of a moment that is known by its day alone, else None."""
    if value is None or confidence != Confidence.UNKNOWN:
        return None
    tz = zones.zone(timezone)
    day = value.astimezone(tz).date()
    # Compared as moments, because some clocks skip midnight: their day starts at 01:00.
    return day if datetime.combine(day, time(), tz).astimezone(UTC) == value else None


def _duration(incident: Timed, name: str, label: str, ended: str) -> Duration:
    start: datetime | None = getattr(incident, "impact_started_at")  # noqa: B009
    end: datetime | None = getattr(incident, ended)
    if start is None or end is None:
        return Duration(name, label, None, _missing(incident))
    sure = {getattr(incident, f"{moment}_confidence") for moment in ("impact_started_at", ended)}
    days = {
        day_alone(moment, getattr(incident, f"{moment_name}_confidence"), incident.timezone)
        for moment_name, moment in (("impact_started_at", start), (ended, end))
    } - {None}
    tz = zones.zone(incident.timezone)
    if days and start.astimezone(tz).date() == end.astimezone(tz).date():
        return Duration(name, label, None, _missing(incident))
    seconds = int((end - start).total_seconds())
    status = DurationStatus.RECORDED if seconds >= 0 else DurationStatus.INVALID
    return Duration(
        name, label, seconds, status, is_rough=not sure.isdisjoint({Confidence.HOURS, Confidence.UNKNOWN})
    )


def _missing(incident: Timed) -> DurationStatus:
    if incident.kind == IncidentKind.NEAR_MISS or incident.status == IncidentStatus.CLOSED:
        return DurationStatus.NOT_APPLICABLE
    return DurationStatus.PENDING
