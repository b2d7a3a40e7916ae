"""Choosing the entry of a month, and taking the choice back."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.errors import Refused
from postmortem.history.operations import Actor, created, record, set_fields
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import Writeup
from postmortem.writeups.models_around import EntryOfTheMonth
from postmortem.writeups.naming import line_for_readers

NOTE_LIMIT = 300


def choose_entry(
    session: Session, writeup: Writeup, *, month: str, note: str, actor: Actor
) -> EntryOfTheMonth:
    """Make a published write-up the entry of a month (`2026-11`), in place of the one that was; `note` says why.

    Everybody reads the note, so names in it become the roles of the write-up. Refuses what is not published, and a
    blank note.
    """
    if writeup.state != WriteupState.PUBLISHED:
        raise Refused("Publish it first: the entry of the month is there for everybody.")
    if not note.strip():
        raise Refused("Say in one sentence why it is worth reading again.", field="note")
    values = {
        "writeup_id": writeup.id,
        "note": line_for_readers(session, writeup.id, note.strip(), NOTE_LIMIT),
    }
    entry = session.scalar(select(EntryOfTheMonth).where(EntryOfTheMonth.month == month))
    if entry is None:
        entry = EntryOfTheMonth(month=month, chosen_by_id=actor.id, created_at=clock.now(), **values)
        session.add(entry)
        session.flush()
        changes = created(entry, ("month", "writeup_id", "note"))
    else:
        changes = set_fields(entry, values)
        if changes:
            entry.chosen_by_id = actor.id
    if changes:
        record(session, "chose", entry, actor=actor, changes=changes)
    return entry


def take_back_entry(session: Session, month: str, *, actor: Actor) -> bool:
    """Leave a month without an entry again. False where it had none."""
    entry = session.scalar(select(EntryOfTheMonth).where(EntryOfTheMonth.month == month))
    if entry is None:
        return False
    gone = {name: [old, None] for name, (_, old) in created(entry, ("month", "writeup_id", "note")).items()}
    record(session, "took back", entry, actor=actor, changes=gone)
    session.delete(entry)
    return True
