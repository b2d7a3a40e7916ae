"""Who was asked and has not answered, and whose answer is about an earlier text.

Somebody is asked in person, or as a member of a team that is asked. Only a verdict that was given since then answers.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from postmortem.accounts.models import Person, team_members
from postmortem.reviews.models import Review, ReviewRequest
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import Revision, Writeup, writeup_authors

# While it is neither published nor withdrawn there is something to say before others read it.
UNDER_REVIEW = (WriteupState.DRAFT, WriteupState.IN_REVIEW)
_Newer, _Other = aliased(Review), aliased(ReviewRequest)


def is_meant(person_id: Any) -> ColumnElement[bool]:
    """A clause: the request asks this person (a column), alone or with a team of theirs."""
    in_team = exists(
        select(team_members.c.team_id)
        .where(team_members.c.team_id == ReviewRequest.team_id, team_members.c.person_id == person_id)
        .correlate_except(team_members)
    )
    return or_(ReviewRequest.person_id == person_id, in_team)


def has_answered(person_id: Any) -> ColumnElement[bool]:
    """A clause: this person (a column) gave a verdict since the request was made."""
    return exists(
        select(Review.id)
        .where(
            Review.writeup_id == ReviewRequest.writeup_id,
            Review.person_id == person_id,
            Review.created_at >= ReviewRequest.created_at,
        )
        .correlate_except(Review)
    )


def knows_newest(person_id: Any) -> ColumnElement[bool]:
    """A clause: this person (a column) gave a verdict on the newest text, whenever they were asked."""
    return exists(
        select(_Newer.id)
        .where(
            _Newer.writeup_id == ReviewRequest.writeup_id,
            _Newer.person_id == person_id,
            _Newer.revision_number >= _newest_number(),
        )
        .correlate_except(_Newer)
    )


def _newest_number() -> ScalarSelect[int]:
    newest = select(func.max(Revision.number)).where(Revision.writeup_id == ReviewRequest.writeup_id)
    return newest.correlate(ReviewRequest).scalar_subquery()


def is_asked_alone(person_id: Any) -> ColumnElement[bool]:
    """A clause: of a request to a team, that this person (a column) is also asked by name, which is enough."""
    return and_(
        ReviewRequest.team_id.is_not(None),
        exists(
            select(_Other.id)
            .where(
                _Other.writeup_id == ReviewRequest.writeup_id,
                _Other.person_id == person_id,
                _Other.closed_at.is_(None),
            )
            .correlate_except(_Other)
        ),
    )


def writes(person_id: Any) -> ColumnElement[bool]:
    """A clause: this person (a column) wrote or started what is to be reviewed. Joined with the write-up."""
    is_author = exists(
        select(writeup_authors.c.writeup_id)
        .where(writeup_authors.c.writeup_id == Writeup.id, writeup_authors.c.person_id == person_id)
        .correlate_except(writeup_authors)
    )
    return or_(func.coalesce(Writeup.created_by_id, 0) == person_id, is_author)


def who_know_newest(session: Session, request_id: int) -> Collection[int]:
    """Of those who are asked, by id: who gave a verdict on the newest text."""
    asked = select(Person.id).join(ReviewRequest, is_meant(Person.id))
    return set(session.scalars(asked.where(ReviewRequest.id == request_id, knows_newest(Person.id))))


def to_ask_anew(session: Session, writeup_id: int) -> Collection[int]:
    """The open requests, by id, of which somebody answered with a verdict on a text that was changed since."""
    return set(session.scalars(_TO_ASK_ANEW, {"writeup_id": writeup_id}))


def _to_ask_anew() -> Select[int]:
    return (
        select(ReviewRequest.id)
        .join(
            Review,
            and_(
                Review.writeup_id == ReviewRequest.writeup_id,
                Review.created_at >= ReviewRequest.created_at,
                is_meant(Review.person_id),
            ),
        )
        .join(Person, Person.id == Review.person_id)
        .where(
            ReviewRequest.writeup_id == bindparam("writeup_id"),
            ReviewRequest.closed_at.is_(None),
            Review.revision_number < _newest_number(),
            Person.is_active,
            ~knows_newest(Review.person_id),
        )
        .distinct()
    )


_TO_ASK_ANEW = _to_ask_anew()
