"""The meeting of a review as a calendar file (RFC 5545) and as an invitation by mail (RFC 5546). Pure.

Times stand there in UTC: of one meeting that is the same moment for everybody, whatever clocks do on that day. The UID
stays, and SEQUENCE rises with each change, so that a calendar program moves the meeting and makes no second one.
Nothing is in it but the title, the place, the link and what is to be read; of the guests the one alone whose mail it is.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

PRODUCT = "-//Postmortem//Review meetings//EN"
ORGANIZER_NAME = "Postmortem"


class Method(StrEnum):
    """What the file asks of a calendar: keep it, come, or take it out."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True)
class Invitation:
    """What a calendar is told. Without a title nothing is said of what the meeting is about."""

    uid: str
    sequence: int
    starts_at: datetime
    minutes: int
    stamped_at: datetime
    title: str = ""
    place: str = ""
    url: str = ""
    to_read: str = ""
    # Whether nobody meets; taking one guest off cancels it for them alone.
    is_cancelled: bool = False

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


def icalendar_of(
    invitation: Invitation,
    method: Method = Method.PUBLISH,
    *,
    organizer: str = "",
    guest: tuple[str, str] | None = None,
) -> str:
    """The file. An invitation by mail says from which address it comes, and for whom (name, address) it is."""
    from icalendar import Calendar, vCalAddress

    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", method.value)
    event = _event(invitation, method)
    if organizer:
        sender = vCalAddress(f"mailto:{organizer}")
        sender.params["CN"] = ORGANIZER_NAME
        event.add("ORGANIZER", sender)
    if guest:
        name, address = guest
        invited = vCalAddress(f"mailto:{address}")
        invited.params["CN"] = name.replace('"', "'")
        invited.params["ROLE"] = "REQ-PARTICIPANT"
        invited.params["PARTSTAT"] = "NEEDS-ACTION"
        # Nobody reads what is sent to the site's address.
        invited.params["RSVP"] = "FALSE"
        event.add("ATTENDEE", invited)
    calendar.add_component(event)
    document: bytes = calendar.to_ical()
    return document.decode()


def _event(invitation: Invitation, method: Method) -> Any:
    from icalendar import Event

    event = Event()
    event.add("UID", invitation.uid)
    event.add("SEQUENCE", invitation.sequence)
    event.add("DTSTAMP", invitation.stamped_at)
    event.add("DTSTART", invitation.starts_at)
    event.add("DTEND", invitation.ends_at)
    event.add("SUMMARY", f"Review: {invitation.title}" if invitation.title else "Review meeting")
    if invitation.place:
        event.add("LOCATION", invitation.place)
    if invitation.to_read:
        event.add("DESCRIPTION", invitation.to_read)
    if invitation.url:
        event.add("URL", invitation.url)
    if invitation.is_cancelled:
        event.add("STATUS", "CANCELLED")
    elif method is not Method.CANCEL:
        event.add("STATUS", "CONFIRMED")
    return event
