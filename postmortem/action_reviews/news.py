"""What is told of meetings: their minutes, to everybody who was there, each made for its reader."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from postmortem.accounts.models import Person
from postmortem.action_reviews.minutes import minutes_for
from postmortem.action_reviews.models import ActionReview
from postmortem.action_reviews.rules import visible_to
from postmortem.notifications.enums import Event
from postmortem.notifications.stories import News, Story, register


class ReviewNews:
    """Tells of action reviews."""

    def audience(self, session: Session, news: News) -> Collection[int]:
        """Nobody beside those who were there."""
        return ()

    def story(self, session: Session, news: News, reader: Person | None) -> Story | None:
        """The minutes; none for a channel without a reader, because no two readers need see the same."""
        if reader is None or news.event != Event.MINUTES:
            return None
        review = session.scalar(
            select(ActionReview)
            .where(ActionReview.id == news.subject_id, visible_to(reader))
            .options(joinedload(ActionReview.team), joinedload(ActionReview.started_by))
        )
        if review is None:
            return None
        minutes = minutes_for(session, review, reader)
        return Story(
            headline=f"Minutes: {review.title}",
            sentence=minutes.tldr,
            path=f"/actions/review/{review.id}/minutes",
            details=tuple(
                (label, f"{before} before, {after} after") for label, before, after in minutes.numbers
            ),
            body=minutes.markdown,
            team_ids=frozenset({review.team_id} if review.team_id else ()),
        )


register("action_reviews", ReviewNews())
