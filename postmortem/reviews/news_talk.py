"""What is told of what is said in a review: verdicts and comments to its authors, answers and decisions to who spoke.

Whoever may not see the working copy (any more) is told nothing, and nobody hears of a comment that was deleted.
"""

from collections.abc import Collection

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session, aliased

from postmortem.accounts.models import Person
from postmortem.notifications.enums import Event
from postmortem.notifications.stories import News, Story, register
from postmortem.reviews.enums import Verdict
from postmortem.reviews.models import Review, ReviewComment
from postmortem.reviews.rules import visible_to
from postmortem.text.reading import plain_text
from postmortem.writeups.models import Writeup, writeup_authors

EXCERPT = 400


class VerdictNews:
    """Tells its authors of verdicts."""

    def audience(self, session: Session, news: News) -> Collection[int]:
        review = session.get(Review, news.subject_id)
        return _writers(session, review.writeup_id) - {news.actor_id} if review else set()

    def story(self, session: Session, news: News, reader: Person | None) -> Story | None:
        """Nothing of a verdict that the same person replaced by a newer one."""
        newer = aliased(Review)
        is_replaced = exists(
            select(newer.id).where(
                newer.writeup_id == Review.writeup_id,
                newer.person_id == Review.person_id,
                newer.id > Review.id,
            )
        )
        review = session.scalar(select(Review).where(Review.id == news.subject_id, ~is_replaced))
        writeup = _seen(session, review.writeup_id, reader) if review else None
        if review is None or writeup is None or news.event is not Event.REVIEW_VERDICT:
            return None
        did = "approves" if review.verdict is Verdict.APPROVE else "asks for changes to"
        return _story(writeup, f"{_who(news)} {did} “{writeup.title}”.", "#state", review.text)


class CommentNews:
    """Tells of comments, answers and suggestions, and of what became of a suggestion."""

    def audience(self, session: Session, news: News) -> Collection[int]:
        """Of a comment its authors hear; of an answer also whoever spoke in the thread. A decision names whom it is for."""
        comment = session.get(ReviewComment, news.subject_id)
        if comment is None or news.facts.get("did") not in ("comment", "answer"):
            return set()
        return (_writers(session, comment.writeup_id) | _speakers(session, comment)) - {news.actor_id}

    def story(self, session: Session, news: News, reader: Person | None) -> Story | None:
        comment = session.get(ReviewComment, news.subject_id)
        if comment is None or comment.deleted_at is not None or news.event is not Event.REVIEW_TALK:
            return None
        writeup = _seen(session, comment.writeup_id, reader)
        did = _DID.get("suggestion" if _suggests(comment, news) else news.facts.get("did", ""))
        if writeup is None or did is None:
            return None
        said = comment.text or comment.suggestion or ""
        return _story(writeup, f"{_who(news)} {did} “{writeup.title}”.", f"#comment-{comment.id}", said)


_DID = {
    "comment": "commented on",
    "answer": "answered in the review of",
    "suggestion": "suggests other words for",
    "applied": "took over the words that you suggested for",
    "declined": "leaves the words as they are that you suggested to change in",
}


def _suggests(comment: ReviewComment, news: News) -> bool:
    return news.facts.get("did") == "comment" and comment.suggestion is not None


def _who(news: News) -> str:
    return news.actor_name or "Somebody"


def _story(writeup: Writeup, sentence: str, place: str, said: str) -> Story:
    return Story(
        headline=f"Review of “{writeup.title}”",
        sentence=sentence,
        path=f"/writeups/{writeup.slug}/review{place}",
        excerpt=plain_text(said, EXCERPT),
    )


def _seen(session: Session, writeup_id: int, reader: Person | None) -> Writeup | None:
    """The write-up, if this reader sees its review; nobody in particular sees any."""
    if reader is None:
        return None
    return session.scalar(select(Writeup).where(Writeup.id == writeup_id, visible_to(reader)))


def _writers(session: Session, writeup_id: int) -> set[int]:
    """Its authors, by id; whoever started it where it has none."""
    authors = select(writeup_authors.c.person_id).where(writeup_authors.c.writeup_id == writeup_id)
    started_by = select(Writeup.created_by_id).where(Writeup.id == writeup_id)
    return set(session.scalars(authors)) or {each for each in session.scalars(started_by) if each}


def _speakers(session: Session, comment: ReviewComment) -> set[int]:
    """Whoever said something in the thread in which this answers, by id."""
    if comment.parent_id is None:
        return set()
    in_thread = or_(ReviewComment.id == comment.parent_id, ReviewComment.parent_id == comment.parent_id)
    spoke = select(ReviewComment.author_id).where(in_thread, ReviewComment.deleted_at.is_(None))
    return set(session.scalars(spoke))


register("reviews", VerdictNews())
register("review_comments", CommentNews())
