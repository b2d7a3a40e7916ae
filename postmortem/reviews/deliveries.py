"""Mailing invitations to the meeting of a review, changes of it, and that it is cancelled. Runs in the worker."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.mail.message import CalendarPart
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.mailing import mail_to
from postmortem.outbox.workplace import Delivery, Handler, Workplace
from postmortem.reviews.meeting_calendar import Invitation, Method, icalendar_of
from postmortem.reviews.models import ReviewMeeting
from postmortem.reviews.queries_meeting import ends_at, invitation_to
from postmortem.reviews.rules import visible_to
from postmortem.web import zones
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import Writeup
from postmortem.writeups.rules import people_who_could_see


@dataclass(frozen=True)
class Letter:
    """What one guest is mailed."""

    name: str
    address: str
    method: Method
    invitation: Invitation
    # When, in the guest's own zone.
    when: str
    is_change: bool


def review_meeting(delivery: Delivery, workplace: Workplace) -> None:
    """Mail one guest what became of the meeting; nothing where there is newer news of it, or they may not see it any more."""
    smtp = workplace.config.smtp
    if smtp is None:
        return
    with workplace.reading() as session:
        letter = _letter(session, delivery, workplace.config.base_url)
    if letter is None:
        return
    guest = (letter.name, letter.address)
    document = icalendar_of(letter.invitation, letter.method, organizer=smtp.sender, guest=guest)
    mail_to(
        delivery,
        workplace,
        name=letter.name,
        address=letter.address,
        letter="review_meeting",
        calendar=CalendarPart(letter.method.value, document),
        invitation=letter.invitation,
        is_cancelled=letter.method is Method.CANCEL,
        is_change=letter.is_change,
        when=letter.when,
    )


def _letter(session: Session, delivery: Delivery, base_url: str) -> Letter | None:
    payload = delivery.payload
    meeting = session.get(ReviewMeeting, payload["meeting_id"])
    if meeting is None or ends_at(meeting) <= delivery.created_at:
        return None
    writeup, person = meeting.writeup, session.get_one(Person, payload["person_id"])
    method = Method(payload["method"])
    is_guest, is_off = person in meeting.guests, meeting.cancelled_at is not None
    is_overtaken = meeting.sequence != payload["sequence"] and (method is Method.REQUEST or is_guest)
    if is_overtaken or (method is Method.REQUEST and (not is_guest or is_off)):
        return None
    invitation = invitation_to(meeting, writeup, base_url, stamped_at=delivery.created_at)
    if not _sees(session, person, writeup):
        if method is Method.REQUEST or not _could_see(session, person, writeup):
            return None
        # Whoever was asked and is not any more: that they need not come, and nothing else.
        invitation = Invitation(
            uid=meeting.uid,
            sequence=meeting.sequence,
            starts_at=meeting.starts_at,
            minutes=meeting.minutes,
            stamped_at=delivery.created_at,
            is_cancelled=is_off,
        )
    return Letter(
        name=person.name,
        address=person.email,
        method=method,
        invitation=invitation,
        when=_in_words(meeting.starts_at, person),
        is_change=payload["sequence"] > 0,
    )


def _sees(session: Session, person: Person, writeup: Writeup) -> bool:
    """Whether the working copy is there for them now."""
    seen: Any = select(Writeup.id).where(Writeup.id == writeup.id, visible_to(person))
    return session.scalar(seen) is not None


def _could_see(session: Session, person: Person, writeup: Writeup) -> bool:
    """Whether nothing in it is hidden from them."""
    could = select(Person.id).where(Person.id == person.id, people_who_could_see(writeup))
    return writeup.state != WriteupState.DELETED and session.scalar(could) is not None


def _in_words(moment: datetime, person: Person) -> str:
    """`Monday, 23 November 2026, 19:03 UTC+1` in the person's own zone."""
    local = moment.astimezone(zones.zone(person.timezone))
    return f"{local:%A}, {local.day} {local:%B} {local.year}, {local:%H:%M} {zones.offset_name(local)}"


HANDLERS: dict[str, Handler] = {DeliveryKind.REVIEW_MEETING: review_meeting}
