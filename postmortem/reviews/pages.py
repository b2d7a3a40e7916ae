"""What the page of a review shows: the working copy paragraph by paragraph, and what is said about each."""

import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from postmortem.reviews.enums import SuggestionState
from postmortem.reviews.models import ReviewComment
from postmortem.reviews.paragraphs import WHOLE, Found, Paragraph, find, paragraphs_of
from postmortem.reviews.queries import comments_of
from postmortem.text.diff import Hunk, diff_texts, with_context
from postmortem.writeups.models import Revision, Writeup


@dataclass(frozen=True)
class Thread:
    """A comment with its answers, and whether its paragraph reads as it did."""

    comment: ReviewComment
    answers: Sequence[ReviewComment]
    stands: bool

    @property
    def is_resolved(self) -> bool:
        return self.comment.resolved_at is not None

    @property
    def can_be_applied(self) -> bool:
        return self.stands and self.comment.suggestion_state is SuggestionState.OPEN

    @property
    def changes(self) -> list[Hunk]:
        """The suggestion beside the words it would replace."""
        if self.comment.suggestion is None:
            return []
        return with_context(diff_texts(self.comment.quote, self.comment.suggestion))


@dataclass(frozen=True)
class Shown:
    """A paragraph as it is shown; `html` is None where it stands there as it was written."""

    paragraph: Paragraph
    html: str | None
    threads: list[Thread] = field(default_factory=list)


@dataclass(frozen=True)
class Talk:
    """The whole text with what is said: about all of it, paragraph by paragraph, and about paragraphs that are gone."""

    about_all: list[Thread]
    shown: list[Shown]
    gone: list[Thread]

    @property
    def open_count(self) -> int:
        threads = [*self.about_all, *self.gone, *(each for shown in self.shown for each in shown.threads)]
        return sum(not each.is_resolved for each in threads)


def talk_of(session: Session, writeup: Writeup, text: Revision, render: Callable[[str], str]) -> Talk:
    """What the page shows of this text; `render` makes safe HTML of Markdown."""
    now = paragraphs_of(text.tldr, text.body)
    threads = _threads(comments_of(session, writeup))
    places = find([comment.quote for comment, _ in threads], now)
    by_number: dict[int, list[Thread]] = defaultdict(list)
    gone: list[Thread] = []
    for comment, answers in threads:
        place = places[comment.quote]
        thread = Thread(comment, answers, stands=_stands(place, comment.quote, now))
        (by_number[place.number] if place else gone).append(thread)
    html = _html_of([each.text for each in now], render)
    shown = [Shown(each, html.get(at), by_number.get(each.number, [])) for at, each in enumerate(now)]
    return Talk(by_number.get(WHOLE, []), shown, gone)


def _threads(
    comments: Sequence[ReviewComment],
) -> list[tuple[ReviewComment, list[ReviewComment]]]:
    """Comments with their answers; a deleted one stays as long as an answer to it does."""
    answers: dict[int, list[ReviewComment]] = defaultdict(list)
    for comment in comments:
        if comment.parent_id is not None and comment.deleted_at is None:
            answers[comment.parent_id].append(comment)
    return [
        (comment, answers[comment.id])
        for comment in comments
        if comment.parent_id is None and (comment.deleted_at is None or answers[comment.id])
    ]


def _stands(place: Found | None, quote: str, now: Sequence[Paragraph]) -> bool:
    return place is not None and place.is_exact and sum(each.text == quote for each in now) <= 1


def _html_of(texts: Sequence[str], render: Callable[[str], str]) -> Mapping[int, str]:
    """Each paragraph's HTML. The text is rendered once, with marks between, so that links defined elsewhere work."""
    mark = f"PM{secrets.token_hex(12)}"
    html = render(f"\n\n{mark}\n\n".join(texts))
    parts = html.split(f"<p>{mark}</p>")
    if len(parts) != len(texts) or mark in "".join(parts):
        # A list or a fence of another kind swallowed one of the marks.
        return {}
    return dict(enumerate(parts))
