"""What was published in this very week of earlier years, for the front page and the newsletter.

It goes by the day on which a write-up was first published: all its readers may know that day, while the day of an
incident may be restricted. A week is Monday to Sunday by the reader's calendar. What was published on 29 February
comes back on the 28th where there is no 29th.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.web import zones
from postmortem.web.kept import remembered
from postmortem.writeups.entries import current_publication
from postmortem.writeups.models import Publication, Writeup
from postmortem.writeups.queries import years_of
from postmortem.writeups.rules import IS_PUBLIC, IS_PUBLISHED

# So far back, and so many to choose from.
MOST_YEARS, READ = 30, 40
SHOWN = 3


@dataclass(frozen=True)
class Anniversary:
    """A write-up that was first published so many years ago, today or in this week."""

    years: int
    is_today: bool
    id: int
    slug: str
    title: str
    published_at: datetime

    @property
    def url(self) -> str:
        return f"/writeups/{self.slug}"

    @property
    def label(self) -> str:
        """`A year ago today`, `3 years ago this week`."""
        ago = "A year ago" if self.years == 1 else f"{self.years} years ago"
        return f"{ago} {'today' if self.is_today else 'this week'}"


def years_before(day: date, years: int) -> date:
    """The day so many years earlier on which a span begins or ends: 1 March where there was no 29 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)


def anniversaries_of_today(session: Session, person: Person | None) -> list[Anniversary]:
    """Those that this reader may read, what was published on this very day first, then the youngest.

    While nobody writes anything, and the day is the same, nothing is asked of the database.
    """
    zone = zones.zone(person.timezone if person else "UTC")
    today = clock.now().astimezone(zone).date()
    return anniversaries(session, person, today, zone)


def anniversaries(session: Session, person: Person | None, today: date, zone: ZoneInfo) -> list[Anniversary]:
    """The same as of a certain day."""
    signed_in = person is not None
    spans = _spans(today, (year for year, _ in years_of(session, person)))
    if not spans or (person is not None and not person.is_active):
        return []
    key = ("anniversaries", today, zone.key, signed_in)
    return remembered(session, key, lambda: _read(session, signed_in, spans, today, zone))


def _spans(today: date, published: Iterable[int]) -> dict[int, tuple[date, date]]:
    """For each number of years ago from which there may be anything: this week then, its end excluded."""
    monday = today - timedelta(days=today.weekday())
    sunday = monday + timedelta(days=6)
    ago = {end.year - year for year in published for end in (monday, sunday)}
    return {
        years: (years_before(monday, years), years_before(sunday + timedelta(days=1), years))
        for years in sorted(ago)
        if 0 < years <= MOST_YEARS
    }


def _read(
    session: Session, signed_in: bool, spans: dict[int, tuple[date, date]], today: date, zone: ZoneInfo
) -> list[Anniversary]:
    values: dict[str, Any] = {}
    for number, (start, end) in enumerate(spans.values()):
        values |= {f"start_{number}": _midnight(start, zone), f"end_{number}": _midnight(end, zone)}
    tomorrow = today + timedelta(days=1)
    found = []
    for row in session.execute(_statement(signed_in, len(spans)), values):
        day = row.published_at.astimezone(zone).date()
        years = next(years for years, (start, end) in spans.items() if start <= day < end)
        is_today = years_before(today, years) <= day < years_before(tomorrow, years)
        found.append(Anniversary(years, is_today, row.id, row.slug, row.title, row.published_at))
    return sorted(found, key=lambda each: (not each.is_today, each.years))


@cache
def _statement(signed_in: bool, spans: int) -> Select[*tuple[Any, ...]]:
    at = Writeup.published_at
    within = (
        and_(at >= bindparam(f"start_{n}", type_=at.type), at < bindparam(f"end_{n}", type_=at.type))
        for n in range(spans)
    )
    return (
        select(Writeup.id, Writeup.slug, Publication.title, at)
        .join(Publication, current_publication())
        .where(IS_PUBLISHED if signed_in else IS_PUBLIC, or_(*within))
        .order_by(at.desc(), Writeup.id.desc())
        .limit(READ)
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(UTC)
