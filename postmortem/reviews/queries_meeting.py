"""The meetings of a review: which is planned, which is over, who is a guest and who would be one now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select, union
from sqlalchemy.orm import Session, selectinload

from postmortem import clock
from postmortem.accounts.models import Person, team_members
from postmortem.reviews.meeting_calendar import Invitation
from postmortem.reviews.models import ReviewMeeting, ReviewRequest
from postmortem.text.markdown import reading_minutes
from postmortem.writeups.models import Writeup, writeup_authors
from postmortem.writeups.rules import people_who_could_see


@dataclass(frozen=True)
class Meetings:
    """The one that is planned or going on, and the last one that is over; `uninvited` would be guests by now."""

    planned: ReviewMeeting | None = None
    past: ReviewMeeting | None = None
    uninvited: Sequence[Person] = ()

    @property
    def newest(self) -> ReviewMeeting | None:
        return self.planned or self.past


def ends_at(meeting: ReviewMeeting) -> datetime:
    return meeting.starts_at + timedelta(minutes=meeting.minutes)


def is_over(meeting: ReviewMeeting) -> bool:
    return ends_at(meeting) <= clock.now()


def meetings_of(session: Session, writeup: Writeup) -> Meetings:
    """What the page of a review shows."""
    found = session.scalars(_standing(writeup.id).options(selectinload(ReviewMeeting.guests))).all()
    planned = next((each for each in found if not is_over(each)), None)
    past = next((each for each in found if is_over(each)), None)
    if planned is None:
        return Meetings(past=past)
    invited = {person.id for person in planned.guests}
    return Meetings(
        planned, past, [person for person in guests_of(session, writeup) if person.id not in invited]
    )


def planned_meeting(session: Session, writeup: Writeup) -> ReviewMeeting | None:
    """The one that is planned or going on."""
    return next((each for each in session.scalars(_standing(writeup.id)) if not is_over(each)), None)


def newest_meeting(session: Session, writeup: Writeup) -> ReviewMeeting | None:
    """The one that is planned, else the last one that was held."""
    return session.scalars(_standing(writeup.id).limit(1)).first()


def _standing(writeup_id: int) -> Select[ReviewMeeting]:
    """Those that nobody cancelled, the latest first."""
    return (
        select(ReviewMeeting)
        .where(ReviewMeeting.writeup_id == writeup_id, ReviewMeeting.cancelled_at.is_(None))
        .order_by(ReviewMeeting.starts_at.desc(), ReviewMeeting.id.desc())
    )


def asked_people(writeup_id: int) -> Sequence[Select[Any]]:
    """Who is asked now, themselves or as members of a team; one column of ids each."""
    is_open = (ReviewRequest.writeup_id == writeup_id, ReviewRequest.closed_at.is_(None))
    return (
        select(ReviewRequest.person_id).where(*is_open, ReviewRequest.person_id.is_not(None)),
        select(team_members.c.person_id)
        .join(ReviewRequest, ReviewRequest.team_id == team_members.c.team_id)
        .where(*is_open),
    )


def writing_people(writeup_id: int) -> Sequence[Select[Any]]:
    """Its authors and whoever leads the review; one column of ids each."""
    return (
        select(writeup_authors.c.person_id).where(writeup_authors.c.writeup_id == writeup_id),
        select(Writeup.facilitator_id).where(Writeup.id == writeup_id, Writeup.facilitator_id.is_not(None)),
    )


def guests_of(session: Session, writeup: Writeup) -> Sequence[Person]:
    """Whom an invitation would go to now: who is asked, the authors, who leads it; nobody who does not see its incidents."""
    everybody = union(*asked_people(writeup.id), *writing_people(writeup.id)).subquery()
    return session.scalars(
        select(Person)
        .where(Person.id.in_(select(everybody.c[0])), people_who_could_see(writeup))
        .order_by(Person.name, Person.id)
    ).all()


def invitation_to(
    meeting: ReviewMeeting, writeup: Writeup, base_url: str, *, stamped_at: datetime
) -> Invitation:
    """What a calendar is told of the meeting, for somebody who sees the working copy."""
    minutes = reading_minutes(f"{writeup.tldr}\n\n{writeup.body}")
    url = f"{base_url}/writeups/{writeup.slug}/review"
    return Invitation(
        uid=meeting.uid,
        sequence=meeting.sequence,
        starts_at=meeting.starts_at,
        minutes=meeting.minutes,
        stamped_at=stamped_at,
        title=writeup.title,
        place=meeting.place,
        url=url,
        to_read=f"To be read before ({minutes} min): {url}",
        is_cancelled=meeting.cancelled_at is not None,
    )
