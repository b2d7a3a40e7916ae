"""What stands between double braces in a text and is no Markdown: a time, an action's state, a notice. Pure.

`{{time: 2026-11-20 14:03 Europe/Stockholm}}` is for everybody who writes. `{{state: 7}}` and `{{notice: …}}` are
made by the blocks of write-ups: the place where a page shows an action's state today, and a sentence for writers.
In stored HTML a time is a `time` element that knows its moment, so that each reader sees it in their own zone.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from html import escape
from zoneinfo import ZoneInfo

MARK = r"\{\{[ \t]*(time|state|notice):([^{}\n]{0,300})\}\}"
EXAMPLE = "2026-11-20 14:03 Europe/Stockholm"
_MARK = re.compile(r"(?<!\\)" + MARK)
_WRITTEN = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]+(\d{1,2}:\d{2}(?::\d{2})?)[ \t]*(\S.*)?$")
_OFFSET = re.compile(r"(?:UTC|GMT)([+\-−])(\d{1,2})(?::?(\d{2}))?$")
_TIME = re.compile(
    r'<time class="when" datetime="([^"]{1,40})">[^<]*(?:<span class="when__utc">[^<]*</span>)?</time>'
)
_STATE = re.compile(r'<span class="action-state" data-action="(\d{1,10})"></span>')


class WrongTime(ValueError):
    """A time that says no moment; the sentence says what is wrong."""


def moment_of(written: str) -> datetime:
    """The moment that `2026-11-20 14:03 Europe/Stockholm` names, in its zone. Raises WrongTime."""
    found = _WRITTEN.match(written.strip())
    if found is None:
        raise WrongTime(f"This is no time. Write day, time and zone, for example {EXAMPLE}.")
    day, clock, name = found[1], found[2].zfill(5 if found[2].count(":") == 1 else 8), found[3]
    try:
        local = datetime.fromisoformat(f"{day}T{clock}")
    except ValueError as error:
        raise WrongTime(f"There is no {day} {clock} in the calendar.") from error
    if not 1000 <= local.year <= 9998:
        raise WrongTime("Enter a year from 1000 to 9998.")
    if not name:
        raise WrongTime("The zone is missing. Write it behind, for example Europe/Stockholm or UTC.")
    return _sure(local, _zone(name.strip()))


def shown_as_written(at: datetime) -> tuple[str, str]:
    """A moment in the zone in which it was written, and in UTC where that is another."""
    name = at.tzname() or ""
    name = name if name.isalpha() and name != "LMT" else offset_name(at)
    local = f"{at.day} {at:%b} {at.year}, {at:%H:%M}{f':{at:%S}' if at.second else ''} {name}"
    there = at.astimezone(UTC)
    if not at.utcoffset():
        return local, ""
    day = f"{there.day} {there:%b}, " if there.date() != at.date() else ""
    return local, f"{day}{there:%H:%M} UTC"


def offset_name(at: datetime) -> str:
    """`UTC+2`, `UTC−3:30` or `UTC`."""
    minutes = int((at.utcoffset() or timedelta()).total_seconds() // 60)
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}{f':{rest:02}' if rest else ''}"


def utc_text(at: datetime) -> str:
    """What the `datetime` of a time element holds."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def in_zone(html: str, shown: Callable[[datetime], tuple[str, str]]) -> str:
    """Rendered HTML with its times as `shown` says them: the local time, and UTC beside it or nothing."""
    if '<time class="when"' not in html:
        return html

    def replace(found: re.Match[str]) -> str:
        local, utc = shown(datetime.fromisoformat(found[1]))
        beside = f' <span class="when__utc">{escape(utc)}</span>' if utc else ""
        return f'<time class="when" datetime="{found[1]}">{escape(local)}{beside}</time>'

    return _TIME.sub(replace, html)


def with_states(html: str, states: Mapping[int, str], labels: Mapping[str, str]) -> str:
    """Rendered HTML with the state that each action has today; nothing where that is not for the reader."""
    if "data-action=" not in html:
        return html

    def replace(found: re.Match[str]) -> str:
        state = states.get(int(found[1]), "")
        if not state:
            return ""
        dot = '<span class="status__dot" aria-hidden="true"></span>'
        return f'<span class="status status--{escape(state)}">{dot}{escape(labels[state])}</span>'

    return _STATE.sub(replace, html)


def without_marks(text: str) -> str:
    """A text for where nothing fills its marks in: times as they were written, nothing else."""
    if "{{" not in text:
        return text

    def replace(found: re.Match[str]) -> str:
        if found[1] != "time":
            return ""
        try:
            local, utc = shown_as_written(moment_of(found[2]))
        except WrongTime:
            return found[2].strip()
        return f"{local} ({utc})" if utc else local

    return _MARK.sub(replace, text)


def _zone(name: str) -> tzinfo:
    if name in ("UTC", "Z", "GMT"):
        return UTC
    if offset := _OFFSET.match(name):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        if minutes < 24 * 60:
            return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    try:
        if "/" in name and not name.startswith(("posix", "right")):
            return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        pass
    raise WrongTime(f"There is no zone {name[:60]}. Write one such as Europe/Stockholm, or UTC.")


def _sure(local: datetime, zone: tzinfo) -> datetime:
    """The one moment at which clocks there showed this. Raises WrongTime where there was none, or two."""
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0)
    if back != local:
        raise WrongTime(f"Clocks there never showed {local:%H:%M} on that day: they were set forward.")
    raise WrongTime(
        f"Clocks there showed {local:%H:%M} twice on that day. "
        f"Write {offset_name(first)} or {offset_name(second)} instead of the zone."
    )
