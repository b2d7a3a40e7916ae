"""The list of all history for admins: one page of entries, newest first, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, tuple_
from sqlalchemy.orm import Session

from postmortem.db import UTCDateTime
from postmortem.history.models import HistoryEntry

# What entries are about, by the tables' names.
NOUNS = {
    "incidents": "Incidents",
    "timeline_events": "Timeline events",
    "factors": "Factors",
    "actions": "Actions",
    "action_comments": "Comments on actions",
    "action_links": "Links of actions",
    "action_watches": "Watching actions",
    "verifications": "Verifications",
    "ideas": "Ideas",
    "no_actions_needed": "No actions needed",
    "action_reviews": "Action reviews",
    "action_policy": "Policy of actions",
    "saved_views": "Saved views",
    "writeups": "Write-ups",
    "attachments": "Images",
    "series": "Series",
    "entries_of_the_month": "Entries of the month",
    "writeup_templates": "Templates of write-ups",
    "language_policy": "Help with language",
    "naming_choices": "Names in write-ups",
    "naming_consents": "Agreeing to be named",
    "review_policy": "Policy of reviews",
    "review_requests": "Review requests",
    "reviews": "Reviews",
    "review_comments": "Comments of reviews",
    "checklist_answers": "Checklists",
    "review_meetings": "Review meetings",
    "citations": "Citations",
    "reader_questions": "Readers' questions",
    "reader_answers": "Answers to readers",
    "open_questions": "Open questions",
    "people": "People",
    "teams": "Teams",
    "services": "Services",
    "restriction_rules": "Restriction rules",
    "access_requests": "Requests for access",
    "outbox_messages": "Deliveries",
    "receivers": "Receivers",
    "notification_settings": "Notifications",
    "calendar_links": "Calendar links",
    "feed_links": "Feed links",
    "site": "The site itself",
}
_KEY = (HistoryEntry.at, HistoryEntry.id)


@dataclass(frozen=True)
class Wanted:
    """A question to the list; what is None does not narrow it. `actor_name` is that of a system actor."""

    person_id: int | None = None
    actor_name: str | None = None
    verb: str | None = None
    noun: str | None = None
    incident_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """The same for SQL. Each has an index that is sorted by time."""
        found: list[ColumnElement[bool]] = []
        if self.person_id is not None:
            found.append(HistoryEntry.actor_id == self.person_id)
        if self.actor_name is not None:
            found += [HistoryEntry.actor_id.is_(None), HistoryEntry.actor_name == self.actor_name]
        if self.verb is not None:
            found.append(HistoryEntry.verb == self.verb)
        if self.noun is not None:
            found.append(HistoryEntry.subject_type == self.noun)
        if self.incident_id is not None:
            found.append(HistoryEntry.incident_id == self.incident_id)
        if self.since is not None:
            found.append(HistoryEntry.at >= self.since)
        if self.until is not None:
            found.append(HistoryEntry.at < self.until)
        return found


def entry_rows(
    session: Session, wanted: Wanted, *, key: tuple[Any, ...] | None, is_backward: bool, limit: int
) -> Sequence[HistoryEntry]:
    """Up to `limit` entries behind the key (time, id) in the cursor's direction, nearest first."""
    statement = select(HistoryEntry).where(*wanted.conditions)
    if key is not None:
        mine, behind = tuple_(*_KEY), tuple_(literal(key[0], UTCDateTime()), literal(key[1]))
        statement = statement.where(mine > behind if is_backward else mine < behind)
    order = [part.asc() if is_backward else part.desc() for part in _KEY]
    return session.scalars(statement.order_by(*order).limit(limit)).all()


def found_count(session: Session, wanted: Wanted, *, cap: int) -> int:
    """How many there are in all, exactly up to `cap`, else `cap` + 1."""
    found = select(literal(1)).select_from(HistoryEntry).where(*wanted.conditions).limit(cap + 1).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def verbs_in_use(session: Session) -> list[str]:
    """Every verb there is, by name. Leaps from one to the next in the index, however many entries have it."""
    leaps = select(func.min(HistoryEntry.verb).label("verb")).cte("leaps", recursive=True)
    after = select(func.min(HistoryEntry.verb)).where(HistoryEntry.verb > leaps.c.verb).scalar_subquery()
    leaps = leaps.union_all(select(after).where(leaps.c.verb.is_not(None)))
    return [verb for verb in session.scalars(select(leaps.c.verb)) if verb is not None]
