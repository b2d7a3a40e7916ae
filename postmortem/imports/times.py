"""Times as front matter writes them, and how sure one may be of them. Pure.

What is written is taken as it is; a value that only looks exact is not called exact. A day alone is kept as
00:00 with confidence *unknown*. Midnight and the last second of a day are how a day ends up in a field for
times, and sometimes the truth: they keep their value with confidence *hours*. So does a time without a zone,
until somebody names the zone.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from postmortem.incidents.drafts import MomentDraft
from postmortem.incidents.enums import Confidence
from postmortem.web import zones

_SHORT_HOUR = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d):")
_EDGES_OF_A_DAY = (time(0, 0, 0), time(23, 59, 59))


@dataclass(frozen=True)
class When:
    """A moment read from a file: aware, with its confidence and what is to be said about the reading."""

    value: datetime
    confidence: Confidence
    doubt: str = ""


def read_time(value: Any, timezone: str | None = None) -> When | None:
    """A YAML timestamp, date or string as a moment; None when it is none that we can read with certainty.

    `timezone` names the zone of values that carry none; without it they are read as UTC and doubted.
    """
    found = _parsed(value)
    if found is None:
        return None
    local_zone = zones.zone(timezone or "UTC")
    try:
        if not isinstance(found, datetime):
            return _within(When(datetime.combine(found, time(), local_zone), Confidence.UNKNOWN))
        if found.tzinfo is not None:
            return _within(_as_written(found))
        return _within(_without_zone(found, timezone))
    except (ValueError, OverflowError):
        return None


def moment(value: Any, field: str, source: str, timezone: str | None = None) -> MomentDraft | None:
    """The same as one of an incident's five moments; its source says which field of which collection."""
    when = read_time(value, timezone)
    if when is None:
        return None
    words = f"{field} in {source}" + (f", {when.doubt}" if when.doubt else "")
    return MomentDraft(when.value, when.confidence, words[:200])


def _parsed(value: Any) -> datetime | date | None:
    if isinstance(value, datetime | date):
        return value
    if not isinstance(value, str):
        return None
    text = _SHORT_HOUR.sub(r"\1T0\2:", value.strip())
    text = re.sub(r"\s*(UTC|GMT)$", "Z", text)
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else _iso(text)
    except ValueError:
        return None


def _iso(text: str) -> datetime | None:
    # fromisoformat also reads weeks and bare years' digits, which somebody may mean otherwise.
    return datetime.fromisoformat(text) if re.match(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", text) else None


def _without_zone(local: datetime, timezone: str | None) -> When:
    if timezone is None:
        return When(local.replace(tzinfo=UTC), Confidence.HOURS, "written without a zone, read as UTC")
    there = zones.zone(timezone)
    if not zones.exists(local, there) or zones.is_ambiguous(local, there):
        return When(local.replace(tzinfo=there), Confidence.HOURS, "written in the hour when clocks changed")
    return _as_written(local.replace(tzinfo=there))


def _as_written(moment: datetime) -> When:
    if moment.time().replace(microsecond=0) in _EDGES_OF_A_DAY:
        return When(moment, Confidence.HOURS, "may stand for the day")
    return When(moment, Confidence.EXACT)


def _within(when: When) -> When | None:
    """None outside the years that the record can hold."""
    utc = when.value.astimezone(UTC)
    return When(utc, when.confidence, when.doubt) if zones.FIRST_YEAR <= utc.year <= zones.LAST_YEAR else None
