"""“This helped me”, and that somebody stayed with a write-up: by keyed hashes that name nobody.

Neither leaves history: an entry with a name, or only with a time, would undo the hash.
"""

from importlib import import_module
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.readers.models import Reaction, ReaderVisit
from postmortem.readers.queries_given import REACTION, VISIT
from postmortem.readers.reach import COMES_BACK_AFTER
from postmortem.readers.rules_citations import has_written
from postmortem.writeups.models import Writeup
from postmortem.writeups.voters import voter


def set_helped(session: Session, writeup: Writeup, person: Person, *, helped: bool) -> None:
    """This write-up helped this person, or they take that back. Saying the same twice changes nothing."""
    reader = voter(session, REACTION, writeup, person)
    if helped:
        _insert(session, Reaction, writeup_id=writeup.id, reader=reader)
    else:
        session.execute(delete(Reaction).where(Reaction.writeup_id == writeup.id, Reaction.reader == reader))


def note_visit(session: Session, writeup: Writeup, person: Person) -> None:
    """This person stayed with it: counted once, and once more when they come back 90 days later or after.

    Those who wrote it are no readers of it.
    """
    if has_written(person, writeup):
        return
    reader, today = voter(session, VISIT, writeup, person), clock.today()
    visit = session.scalar(
        select(ReaderVisit).where(ReaderVisit.writeup_id == writeup.id, ReaderVisit.reader == reader)
    )
    if visit is None:
        teams = {team.id for team in person.teams}
        is_beyond = teams.isdisjoint(team.id for team in writeup.teams)
        values = {"first_on": today, "is_beyond_team": is_beyond, "came_back": False}
        _insert(session, ReaderVisit, writeup_id=writeup.id, reader=reader, **values)
    elif not visit.came_back and visit.first_on + COMES_BACK_AFTER <= today:
        visit.came_back = True


def _insert(session: Session, model: Any, **values: Any) -> None:
    """Insert the row, also where another tab does so at this moment."""
    # Only the dialect in use is imported: PostgreSQL's is a twentieth of the program's start.
    dialect = import_module(f"sqlalchemy.dialects.{session.get_bind().dialect.name}")
    session.execute(dialect.insert(model).values(**values).on_conflict_do_nothing())
