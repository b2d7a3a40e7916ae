"""Answering the questions of the checklist; a question is kept as it was worded when it was answered."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.errors import Refused
from postmortem.history.operations import created, record, set_fields
from postmortem.reviews.models import ChecklistAnswer
from postmortem.reviews.operations import MAX_LINE
from postmortem.text.clean import clean_source
from postmortem.writeups.models import Writeup


@dataclass(frozen=True)
class Answer:
    """Yes or no, and a note."""

    is_met: bool
    note: str = ""


def answer_checklist(
    session: Session, writeup: Writeup, answers: Mapping[str, Answer], *, actor: Person
) -> None:
    """Keep the answers that differ from those that are there; each says who gave it, and when.

    Refuses a note that is too long. A question without an answer in `answers` keeps the one it has.
    """
    statement = select(ChecklistAnswer).where(ChecklistAnswer.writeup_id == writeup.id)
    there = {row.question: row for row in session.scalars(statement)}
    for question, given in answers.items():
        note = " ".join(clean_source(given.note).split())
        if len(note) > MAX_LINE:
            raise Refused(f"Shorten each note to {MAX_LINE} characters.")
        row = there.get(question)
        if row is None:
            row = ChecklistAnswer(
                writeup_id=writeup.id,
                question=question,
                is_met=given.is_met,
                note=note,
                answered_by=actor,
                answered_at=clock.now(),
            )
            session.add(row)
            session.flush()
            made = created(row, ("writeup_id", "question", "note", "answered_by")) | {
                "is_met": [None, given.is_met]
            }
            record(session, "answered", row, actor=actor, changes=made)
        elif changes := set_fields(row, {"is_met": given.is_met, "note": note}):
            changes |= set_fields(row, {"answered_by": actor})
            row.answered_at = clock.now()
            record(session, "answered", row, actor=actor, changes=changes)
