"""The entries of the months that a reader may read: what was withdrawn or is not for them is not among them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.web.kept import remembered
from postmortem.writeups.entries import Entry, entries_of
from postmortem.writeups.models_around import EntryOfTheMonth

# Ten years of months.
SHOWN = 120


@dataclass(frozen=True)
class Chosen:
    """A month (`2026-11`) with its entry and the sentence why."""

    month: str
    note: str
    entry: Entry

    @property
    def label(self) -> str:
        return month_label(self.month)


def month_label(month: str) -> str:
    """A month in words: "November 2026"."""
    return date.fromisoformat(f"{month}-01").strftime("%B %Y")


def this_month() -> str:
    """The month that it is now, in UTC."""
    return clock.today().isoformat()[:7]


def entry_of_this_month(session: Session, person: Person | None) -> Chosen | None:
    """What stands first on the front page, if this person may read it. Nothing is asked while nobody writes."""
    month = this_month()
    key = ("entry of the month", month, person is not None)
    found: list[Chosen] = remembered(session, key, lambda: _chosen(session, person, month=month))
    return found[0] if found else None


def entry_of_month(session: Session, person: Person | None, month: str) -> Chosen | None:
    """The entry of any month, if there is one that this person may read. Three statements at most."""
    return next(iter(_chosen(session, person, month=month)), None)


def chosen_entries(session: Session, person: Person | None) -> list[Chosen]:
    """The entries of all months, the newest first. Three statements."""
    return _chosen(session, person)


def months_taken(session: Session, months: Sequence[str]) -> set[str]:
    """Which of these months have an entry."""
    return set(session.scalars(select(EntryOfTheMonth.month).where(EntryOfTheMonth.month.in_(months))))


def _chosen(session: Session, person: Person | None, *, month: str = "") -> list[Chosen]:
    statement = select(EntryOfTheMonth.month, EntryOfTheMonth.note, EntryOfTheMonth.writeup_id)
    if month:
        statement = statement.where(EntryOfTheMonth.month == month)
    rows = session.execute(statement.order_by(EntryOfTheMonth.month.desc()).limit(SHOWN)).all()
    entries = entries_of(session, person, [row.writeup_id for row in rows])
    return [Chosen(row.month, row.note, entries[row.writeup_id]) for row in rows if row.writeup_id in entries]
