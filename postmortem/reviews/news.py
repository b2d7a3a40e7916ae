"""What is told of reviews: that somebody, or a team, is asked for one."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from postmortem.accounts.models import Person
from postmortem.notifications.enums import Event
from postmortem.notifications.stories import News, Story, register
from postmortem.reviews.models import ReviewRequest
from postmortem.reviews.rules import visible_to
from postmortem.writeups.models import Writeup


class RequestNews:
    """Tells of requests."""

    def audience(self, session: Session, news: News) -> Collection[int]:
        """Nobody beside those who are asked."""
        return ()

    def story(self, session: Session, news: News, reader: Person | None) -> Story | None:
        """Who asks, for what; none where it was taken back, and for whoever does not see the working copy."""
        if reader is None or news.event is not Event.REVIEW_REQUESTED:
            return None
        row = session.execute(
            select(ReviewRequest, Writeup)
            .join(Writeup, Writeup.id == ReviewRequest.writeup_id)
            .where(
                ReviewRequest.id == news.subject_id,
                ReviewRequest.closed_at.is_(None),
                visible_to(reader),
            )
            .options(joinedload(ReviewRequest.team))
        ).one_or_none()
        if row is None:
            return None
        request, writeup = row
        whom = f"{request.team.name}, and so you," if request.team else "you"
        return Story(
            headline=f"Please review “{writeup.title}”",
            sentence=f"{news.actor_name or 'Somebody'} asks {whom} to review “{writeup.title}”.",
            path=f"/writeups/{writeup.slug}/review",
            excerpt=request.note or writeup.tldr,
            team_ids=frozenset({request.team_id} if request.team_id else ()),
        )


register("review_requests", RequestNews())
