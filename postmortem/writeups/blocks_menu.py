"""What the desk's menu offers to insert: blocks for whole incidents, single events, factors and actions, a time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.incidents.rules import visible_to
from postmortem.text.markdown import plain_text
from postmortem.writeups.blocks import Known
from postmortem.writeups.blocks_texts import time_mark
from postmortem.writeups.models import Writeup

WORDS = 90
EXAMPLE = "{{time: 2026-11-20 14:03 %s}}"


@dataclass(frozen=True)
class Choice:
    """One row that can be chosen: its number, its words, and when it was."""

    id: int
    words: str
    at: datetime | None = None


@dataclass(frozen=True)
class Menu:
    """Everything that this person can insert into this write-up."""

    has_incidents: bool
    # Reference and title of each, where there are several.
    incidents: tuple[tuple[str, str], ...]
    events: tuple[Choice, ...]
    factors: tuple[Choice, ...]
    actions: tuple[Choice, ...]
    time: str


def menu_of(session: Session, writeup: Writeup, person: Person) -> Menu:
    """Read what the menu shows: at most five statements, and none but one for a write-up without incidents."""
    known = Known(session, writeup, visible_to(person), is_draft=True)
    incidents = known.incidents()
    several = len(incidents) > 1
    began = next((at for each in incidents if (at := each.impact_started_at)), None)
    return Menu(
        has_incidents=bool(incidents),
        incidents=tuple((each.reference, each.title) for each in incidents) if several else (),
        events=tuple(
            Choice(id_, _words(number, plain_text(event.text, WORDS), several), event.occurred_at)
            for id_, number, event in known.rows("timeline")
        ),
        factors=tuple(
            Choice(id_, _words(number, plain_text(factor.text, WORDS), several))
            for id_, number, factor in known.rows("factors")
        ),
        actions=tuple(Choice(row[0], _words(row[1], row[2], several)) for row in known.rows("actions")),
        time=time_mark(began, person.timezone) if began else EXAMPLE % person.timezone,
    )


def _words(number: int, words: str, several: bool) -> str:
    """What a row says, behind the incident that it belongs to where there are several."""
    return f"INC-{number}: {words}" if several else words
