"""Planning the meeting of a review, changing it, calling it off. Each guest is mailed by the worker."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import created, record, set_fields
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.operations import owe
from postmortem.reviews.meeting_calendar import Method
from postmortem.reviews.models import ReviewMeeting
from postmortem.reviews.queries_meeting import guests_of, planned_meeting
from postmortem.text.clean import clean_source
from postmortem.web import zones
from postmortem.writeups.models import Writeup

SHORTEST, LONGEST = 5, 480
PLACE_MAX = 300
# What stands in place of a version where no meeting is planned.
NONE_PLANNED = 0


@dataclass(frozen=True)
class Plan:
    """When and where. `timezone` is the one it was entered in; guests see it in their own."""

    starts_at: datetime
    minutes: int
    timezone: str
    place: str = ""


def plan_meeting(
    session: Session, writeup: Writeup, plan: Plan, *, version: int, actor: Person
) -> ReviewMeeting:
    """Plan the meeting, or change the one that is planned, and invite everybody who is to come as of now.

    `version` is that of the meeting that was looked at, NONE_PLANNED for none: raises Conflict where it is another by
    now. Where nothing changes, also of the guests, nobody is mailed.
    """
    _one_at_a_time(session, writeup)
    meeting = planned_meeting(session, writeup)
    if (meeting.version if meeting else NONE_PLANNED) != version:
        raise Conflict
    values = _checked(plan, meeting)
    guests = list(guests_of(session, writeup))
    if meeting is None:
        return _planned(session, writeup, values, guests, actor)
    before = {person.id for person in meeting.guests}
    changes = set_fields(meeting, {**values, "guests": guests})
    if changes:
        meeting.sequence += 1
        session.flush()
        record(session, "changed", meeting, actor=actor, changes=changes)
        now = {person.id for person in guests}
        _mail(session, meeting, Method.REQUEST, now)
        _mail(session, meeting, Method.CANCEL, before - now)
    return meeting


def cancel_meeting(
    session: Session, writeup: Writeup, *, version: int, actor: Person
) -> ReviewMeeting | None:
    """Call it off and say so to everybody who was invited. None where none is planned any more; raises Conflict."""
    _one_at_a_time(session, writeup)
    meeting = planned_meeting(session, writeup)
    if meeting is None:
        return None
    if meeting.version != version:
        raise Conflict
    changes = set_fields(meeting, {"cancelled_at": clock.now()})
    meeting.sequence += 1
    session.flush()
    record(session, "cancelled", meeting, actor=actor, changes=changes)
    _mail(session, meeting, Method.CANCEL, {person.id for person in meeting.guests})
    return meeting


def _one_at_a_time(session: Session, writeup: Writeup) -> None:
    """Whoever plans at the same moment waits here, and then sees what was planned."""
    session.execute(select(Writeup.id).where(Writeup.id == writeup.id).with_for_update())


def _planned(
    session: Session, writeup: Writeup, values: dict[str, object], guests: list[Person], actor: Person
) -> ReviewMeeting:
    meeting = ReviewMeeting(
        **values,
        writeup_id=writeup.id,
        uid=str(uuid.uuid4()),
        planned_by_id=actor.id,
        created_at=clock.now(),
        guests=guests,
    )
    session.add(meeting)
    session.flush()
    fields = ("writeup_id", "starts_at", "minutes", "timezone", "place", "guests")
    record(session, "planned", meeting, actor=actor, changes=created(meeting, fields))
    _mail(session, meeting, Method.REQUEST, {person.id for person in guests})
    return meeting


def _checked(plan: Plan, meeting: ReviewMeeting | None) -> dict[str, object]:
    if not SHORTEST <= plan.minutes <= LONGEST:
        raise Refused(f"Plan between {SHORTEST} and {LONGEST} minutes.", field="minutes")
    if not zones.is_zone(plan.timezone):
        raise Refused("Enter a time zone by its name.", field="timezone")
    is_other = meeting is None or meeting.starts_at != plan.starts_at
    if is_other and plan.starts_at <= clock.now():
        raise Refused("This time is past. Choose one that people can still come to.", field="starts_at")
    place = " ".join(clean_source(plan.place).split())
    if len(place) > PLACE_MAX:
        raise Refused(f"Shorten this to {PLACE_MAX} characters.", field="place")
    return {
        "starts_at": plan.starts_at,
        "minutes": plan.minutes,
        "timezone": plan.timezone,
        "place": place,
    }


def _mail(session: Session, meeting: ReviewMeeting, method: Method, people: Iterable[int]) -> None:
    for person_id in sorted(people):
        payload = {
            "meeting_id": meeting.id,
            "person_id": person_id,
            "method": method.value,
            "sequence": meeting.sequence,
        }
        owe(session, DeliveryKind.REVIEW_MEETING, payload)
