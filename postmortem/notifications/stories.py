"""What is told: news as it was owed, and the story that its noun tells one reader of it.

Each noun registers a teller for the table its news are about (`register`), in a module named `news`, which cli/worker.py
and app.py import. A teller is asked at the time of delivery, in a session that only reads.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.notifications.enums import Event


@dataclass(frozen=True, kw_only=True)
class News:
    """Something that happened to a record. `to` are the ids of people it is for; others may come on top (`audience`).

    `facts` are plain values of that moment which cannot be read later: who it was before, the text of a change.
    """

    event: Event
    subject_type: str
    subject_id: int
    actor_id: int | None = None
    actor_name: str = ""
    to: tuple[int, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Story:
    """News told to one reader. `sentence` is whole and ends with a full stop; `path` is where it leads on this site.

    `details` are pairs of label and value, `excerpt` is plain text, `body` is Markdown for a mail of its own (minutes).
    `team_ids` are the teams it belongs to.
    """

    headline: str
    sentence: str
    path: str
    details: tuple[tuple[str, str], ...] = ()
    excerpt: str = ""
    body: str = ""
    team_ids: frozenset[int] = frozenset()


class Teller(Protocol):
    """Tells the news of one table."""

    def audience(self, session: Session, news: News) -> Collection[int]:
        """Who is told beside `news.to`, by id: watchers, followers, never the actor. Visibility is asked later."""

    def story(self, session: Session, news: News, reader: Person | None) -> Story | None:
        """The story for this reader; None where they may not see it (any more) or there is nothing to tell.

        Without a reader it is for everybody who may sign in: None for whatever is not open to all of them.
        """


_TELLERS: dict[str, Teller] = {}


def register(subject_type: str, teller: Teller) -> None:
    _TELLERS[subject_type] = teller


def teller_of(subject_type: str) -> Teller | None:
    return _TELLERS.get(subject_type)
