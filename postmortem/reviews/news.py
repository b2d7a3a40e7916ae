"""What is told of reviews: that somebody, or a team, is asked for one, is asked again, or is reminded; and what waits."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.notifications.digest_contents import Entry, Section, register_section
from postmortem.notifications.enums import Event
from postmortem.notifications.stories import News, Story, register
from postmortem.reviews.models import ReviewRequest
from postmortem.reviews.queries import waiting_for
from postmortem.reviews.queries_asking import UNDER_REVIEW, has_answered
from postmortem.reviews.rules import visible_to
from postmortem.writeups.models import Writeup


class RequestNews:
    """Tells of requests."""

    def audience(self, session: Session, news: News) -> Collection[int]:
        """Nobody beside those who are asked."""
        return ()

    def story(self, session: Session, news: News, reader: Person | None) -> Story | None:
        """Who asks, for what; none where it was taken back or the reader answered, and for who does not see the working copy.

        Of a reminder also none where it is published or withdrawn meanwhile.
        """
        if reader is None or news.event is not Event.REVIEW_REQUESTED:
            return None
        wanted = (
            select(ReviewRequest, Writeup)
            .join(Writeup, Writeup.id == ReviewRequest.writeup_id)
            .where(
                ReviewRequest.id == news.subject_id,
                ReviewRequest.closed_at.is_(None),
                visible_to(reader),
                ~has_answered(reader.id),
            )
            .options(joinedload(ReviewRequest.team), joinedload(ReviewRequest.requested_by))
        )
        if news.facts.get("reminder"):
            wanted = wanted.where(Writeup.state.in_(UNDER_REVIEW))
        row = session.execute(wanted).one_or_none()
        if row is None:
            return None
        request, writeup = row
        return Story(
            headline=f"Please review “{writeup.title}”",
            sentence=_sentence(request, writeup.title, news),
            path=f"/writeups/{writeup.slug}/review",
            excerpt=request.note or writeup.tldr,
            team_ids=frozenset({request.team_id} if request.team_id else ()),
        )


def reviews_that_wait(
    session: Session, person: Person, _since: datetime, shown: Collection[str]
) -> Section | None:
    """What waits for this person's verdict, beside what is in the news already; first asked first."""
    rows = waiting_for(session, person)
    entries = [
        Entry(row.title, row.url, note=f"Asked on {row.asked_at.day} {row.asked_at:%B %Y}")
        for row in rows
        if row.url not in shown
    ]
    return Section("Reviews that wait for you", tuple(entries)) if entries else None


def _sentence(request: ReviewRequest, title: str, news: News) -> str:
    whom = f"{request.team.name}, and so you," if request.team else "you"
    if news.facts.get("reminder"):
        who = request.requested_by.name if request.requested_by else "Somebody"
        days = max(1, (clock.now() - request.created_at).days)
        when = "yesterday" if days == 1 else f"{days} days ago"
        return f"“{title}” still waits for a review: {who} asked {whom} {when}."
    who = news.actor_name or "Somebody"
    if news.facts.get("again"):
        return f"{who} asks {whom} to look at “{title}” again: it was changed since."
    return f"{who} asks {whom} to review “{title}”."


register("review_requests", RequestNews())
register_section(reviews_that_wait)
