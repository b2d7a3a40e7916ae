"""Due dates as a calendar (RFC 5545): one whole-day event for each open action. Pure.

An event keeps its UID whatever becomes of the action's title and date or the site's address, so that a calendar program
moves it and makes no second one.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

PRODUCT = "-//Postmortem//Due dates//EN"
REFRESH = timedelta(hours=1)


@dataclass(frozen=True)
class Entry:
    """What the calendar needs to know of an action. `owner` is blank in one's own calendar."""

    id: int
    title: str
    due_on: date
    status: str
    end_state: str
    incident: str
    owner: str
    version: int
    created_at: datetime
    touched_at: datetime


def icalendar_of(name: str, entries: Iterable[Entry], base_url: str) -> bytes:
    """The calendar as a file. Nothing in it depends on when it is asked for."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    # The older name is the one that most programs read.
    calendar.add("NAME", name)
    calendar.add("X-WR-CALNAME", name)
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", "PT1H")
    for entry in entries:
        calendar.add_component(_event(entry, base_url))
    document: bytes = calendar.to_ical()
    return document


def uid_of(entry: Entry) -> str:
    """Made of what never changes; nobody else's action of the same number was added in the same microsecond."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"postmortem action {entry.id} {entry.created_at.isoformat()}"))


def _event(entry: Entry, base_url: str) -> Any:
    from icalendar import Event

    event = Event()
    event.add("UID", uid_of(entry))
    event.add("DTSTAMP", entry.touched_at)
    event.add("LAST-MODIFIED", entry.touched_at)
    event.add("CREATED", entry.created_at)
    event.add("SEQUENCE", entry.version)
    event.add("DTSTART", entry.due_on)
    if entry.due_on < date.max:
        event.add("DTEND", entry.due_on + timedelta(days=1))
    event.add("SUMMARY", f"Due: {entry.title} (ACT-{entry.id})")
    event.add("DESCRIPTION", _description(entry))
    event.add("URL", f"{base_url}/actions/{entry.id}")
    # A due date takes nobody's day.
    event.add("TRANSP", "TRANSPARENT")
    return event


def _description(entry: Entry) -> str:
    lines = [f"After {entry.incident}", f"Status: {entry.status}"]
    if entry.owner:
        lines.append(f"Owner: {entry.owner}")
    if entry.end_state:
        lines.append(f"Done when: {entry.end_state}")
    return "\n".join(lines)
