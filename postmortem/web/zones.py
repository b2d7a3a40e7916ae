"""Local times and zones: which local times do not exist, and which exist twice. Pure."""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

FIRST_YEAR, LAST_YEAR = 1000, 9998


@cache
def zone_names() -> tuple[str, ...]:
    """Every zone name that people may choose, sorted; without the aliases that only machines use."""
    return tuple(
        sorted(
            name
            for name in available_timezones()
            if ("/" in name and not name.startswith(("Etc/", "posix", "right"))) or name == "UTC"
        )
    )


def is_zone(name: str) -> bool:
    """Whether this names a zone that means the same on every machine."""
    if name in ("localtime", "posixrules", "Factory") or name.startswith(("posix/", "right/")):
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@lru_cache(maxsize=1000)
def zone(name: str) -> ZoneInfo:
    """The zone of this name, UTC where there is none (a name stored years ago may have been retired)."""
    return ZoneInfo(name if is_zone(name) else "UTC")


def exists(local: datetime, tz: ZoneInfo) -> bool:
    """Whether clocks in `tz` ever showed this naive local time (they skip an hour in spring)."""
    there = local.replace(tzinfo=tz)
    return there.astimezone(UTC).astimezone(tz).replace(tzinfo=None, fold=0) == local.replace(fold=0)


def is_ambiguous(local: datetime, tz: ZoneInfo) -> bool:
    """Whether clocks in `tz` showed this naive local time twice (they repeat an hour in autumn)."""
    first = local.replace(tzinfo=tz, fold=0)
    second = local.replace(tzinfo=tz, fold=1)
    return exists(local, tz) and first.utcoffset() != second.utcoffset()


def around_gap(local: datetime, tz: ZoneInfo) -> tuple[datetime, datetime]:
    """For a local time that was skipped: the same reading by the old offset and by the new one, naive local.

    02:30 in a gap from 02:00 to 03:00 gives 01:30 and 03:30.
    """
    before = (local.replace(tzinfo=tz, fold=1)).astimezone(UTC).astimezone(tz).replace(tzinfo=None, fold=0)
    after = (local.replace(tzinfo=tz, fold=0)).astimezone(UTC).astimezone(tz).replace(tzinfo=None, fold=0)
    return (before, after) if before < after else (after, before)


def offset_name(moment: datetime) -> str:
    """`UTC+2`, `UTC−3:30` or `UTC` for an aware moment; seconds of old local mean times are dropped."""
    minutes = int((moment.utcoffset() or timedelta()).total_seconds() // 60)
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}{f':{rest:02}' if rest else ''}"


def in_words(moment: datetime, tz: tzinfo) -> str:
    """`Tuesday 24 November 2026, 09:00 CET`, by the clocks of that zone (`UTC+2` where it has no letters)."""
    local = moment.astimezone(tz)
    name = local.tzname() or ""
    name = name if name.isalpha() and name != "LMT" else offset_name(local)
    return f"{local:%A} {local.day} {local:%B} {local.year}, {local:%H:%M} {name}"
