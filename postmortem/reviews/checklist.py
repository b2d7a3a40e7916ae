"""The checklist of a write-up: today's questions with their answers, and answers to questions that are asked no more."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from postmortem.reviews.models import ChecklistAnswer
from postmortem.reviews.operations_checklist import Answer
from postmortem.reviews.policy import Policy
from postmortem.reviews.queries import policy_or_as_shipped, stored_policy
from postmortem.writeups.models import Writeup


@dataclass(frozen=True)
class Asked:
    """A question as a form has it. `key` is made from its words: an answer never lands at another question."""

    question: str
    key: str
    answer: ChecklistAnswer | None
    is_asked: bool = True


def checklist_of(session: Session, writeup: Writeup, policy: Policy | None = None) -> list[Asked]:
    """Today's questions in their order, then what was answered and is not asked any more."""
    statement = (
        select(ChecklistAnswer)
        .where(ChecklistAnswer.writeup_id == writeup.id)
        .options(joinedload(ChecklistAnswer.answered_by))
        .order_by(ChecklistAnswer.id)
    )
    given = {row.question: row for row in session.scalars(statement)}
    questions = (policy or policy_or_as_shipped(stored_policy(session))).checklist
    found = [Asked(each, _key(each), given.pop(each, None)) for each in questions]
    return found + [Asked(each, _key(each), row, is_asked=False) for each, row in given.items()]


def sent_answers(form: Mapping[str, str], checklist: list[Asked]) -> dict[str, Answer]:
    """What a form answers: `met-<key>` is yes or no, `note-<key>` is a note; what is neither is no answer."""
    return {
        each.question: Answer(form[f"met-{each.key}"] == "yes", form.get(f"note-{each.key}", ""))
        for each in checklist
        if each.is_asked and form.get(f"met-{each.key}") in ("yes", "no")
    }


def _key(question: str) -> str:
    return hashlib.sha256(question.encode()).hexdigest()[:12]
