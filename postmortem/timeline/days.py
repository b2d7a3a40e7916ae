"""Events under the days on which they happened, in somebody's zone. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from itertools import groupby
from typing import Protocol, TypeVar


class Dated(Protocol):
    """An event, live or frozen."""

    @property
    def occurred_at(self) -> datetime | None: ...


Event = TypeVar("Event", bound=Dated)


def by_day(events: Iterable[Event], zone: tzinfo) -> list[tuple[date | None, list[Event]]]:
    """The events of each local day, in the order given; those without a time under None."""

    def day(event: Dated) -> date | None:
        return event.occurred_at.astimezone(zone).date() if event.occurred_at else None

    return [(found, list(same)) for found, same in groupby(events, key=day)]
