"""What stands in a digest, worked out when it is sent: news by what they are about, then the sections of the nouns.

A noun above registers a section in its module that the worker imports. Whoever may not see something any more does not
find it in the digest either: each story is asked of its teller, and sections ask their noun's `visible_to`.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.notifications import queries
from postmortem.notifications.enums import Pace
from postmortem.notifications.models import NewsItem
from postmortem.notifications.sharing import UnknownNews, news_of, story_of

MOST_ENTRIES = 25
MOST_LINES = 6


@dataclass(frozen=True)
class Entry:
    """One thing: what it is called, where it leads, and what there is to say of it."""

    headline: str
    path: str
    lines: tuple[str, ...] = ()
    note: str = ""
    is_late: bool = False


@dataclass(frozen=True)
class Section:
    """A titled part; `is_more`: there are others beyond those shown, and `more_path` has all of them."""

    title: str
    entries: tuple[Entry, ...]
    is_more: bool = False
    more_path: str = ""


@dataclass
class Contents:
    """A digest as its mail shows it."""

    news_count: int = 0
    sections: list[Section] = field(default_factory=list)


# Asked with the reader, since when to look back, and the paths that are in the news already.
SectionOf = Callable[[Session, Person, datetime, Collection[str]], Section | None]
_SECTIONS: list[SectionOf] = []


def register_section(section_of: SectionOf) -> None:
    """Add a part to every digest."""
    if section_of not in _SECTIONS:
        _SECTIONS.append(section_of)


def contents_of(
    session: Session, person: Person, items: Sequence[NewsItem], *, since: datetime
) -> Contents | None:
    """What this person is told; None where nothing is left to tell, whatever else there would be."""
    choices = queries.choices_of(session, person.id)
    told: dict[str, tuple[str, list[str]]] = {}
    count = 0
    for item in items:
        try:
            news = news_of(item.payload)
            is_wanted = queries.pace_of(choices, news.event) is not Pace.NEVER
            story = story_of(session, news, person) if is_wanted else None
        except UnknownNews:
            continue
        if story is None:
            continue
        count += 1
        # A comment is news of what it stands on.
        _, lines = told.setdefault(story.path.partition("#")[0], (story.headline, []))
        if story.sentence not in lines:
            lines.append(story.sentence)
    if not told:
        return None
    others = (section_of(session, person, since, told.keys()) for section_of in _SECTIONS)
    return Contents(count, [_news_section(told), *filter(None, others)])


def _news_section(told: dict[str, tuple[str, list[str]]]) -> Section:
    entries = [Entry(headline, path, _few(lines)) for path, (headline, lines) in told.items()]
    return Section("What is new", tuple(entries[:MOST_ENTRIES]), is_more=len(entries) > MOST_ENTRIES)


def _few(lines: list[str]) -> tuple[str, ...]:
    """The newest few of many."""
    if len(lines) <= MOST_LINES:
        return tuple(lines)
    return (f"{len(lines) - MOST_LINES} earlier changes, and then:", *lines[-MOST_LINES:])
