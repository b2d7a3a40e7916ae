"""The end of an action's story for the meeting's screen, in the words of the action's own page."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.action_reviews.queries import STORY_LENGTH, story_of
from postmortem.actions.models import Action
from postmortem.actions.queries_story import names_in
from postmortem.actions.story import told
from postmortem.history.models import HistoryEntry
from postmortem.incidents.queries import hide_mentions
from postmortem.text.reading import plain_text

LINE_LENGTH = 160


@dataclass(frozen=True)
class StoryLine:
    """One change or comment: when, by whom, what."""

    at: datetime
    who: str
    words: str
    is_comment: bool = False


def story_lines(session: Session, person: Person, action: Action) -> list[StoryLine]:
    """The last few changes and comments, the newest first, as this reader may read them."""
    entries, comments = story_of(session, action)
    if any("questioned_by" in each.changes for each in entries):
        hide_mentions(session, person, entries, "questioned_by")
    names = names_in(session, [each.changes for each in entries])
    done = [StoryLine(each.at, each.actor_name or "Somebody", _sentence(each, names)) for each in entries]
    said = [
        StoryLine(each.created_at, each.author.name, plain_text(each.text, LINE_LENGTH), is_comment=True)
        for each in comments
    ]
    return sorted([*done, *said], key=lambda line: line.at, reverse=True)[:STORY_LENGTH]


def _sentence(entry: HistoryEntry, names: dict[str, str]) -> str:
    if entry.is_blanked:
        return "changed something"
    return told(entry.verb, entry.changes, names, entry.actor_name or "Somebody")
