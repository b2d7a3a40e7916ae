"""The short anonymous survey after a review: what is asked, what is shown of it, and keeping an answer.

Averages show from three answers on and count answers in threes: with five, the first three are shown. If each new
one were counted at once, whoever looks before and after would know what it says. For the same reason an answer cannot
be changed once it is sent, and it is kept without a time, an order or an entry of history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.errors import Refused
from postmortem.reviews.models import SurveyAnswer
from postmortem.reviews.queries_meeting import is_over, newest_meeting
from postmortem.web.kept import remembered
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import Writeup
from postmortem.writeups.voters import voter

QUESTIONS: Mapping[str, str] = {
    "learnt": "I learnt something from it.",
    "blameless": "Nobody was blamed, in the text or while it was talked through.",
    "time": "It was worth the time.",
    "actions": "What we will do now will help.",
}
SCORES: Mapping[int, str] = {1: "Not at all", 2: "Hardly", 3: "Partly", 4: "Mostly", 5: "Fully"}
FLOOR = 3
PURPOSE = "survey"
NOT_YET = "The survey opens when the meeting is over or the write-up is published. Come back then."


@dataclass(frozen=True)
class Survey:
    """`answers` is how many the averages count, a multiple of three; `given` how many there are. Averages are 1.0 to 5.0."""

    given: int
    answers: int
    averages: Sequence[tuple[str, float]] = ()

    @property
    def missing(self) -> int:
        """How many more until something, or something newer, is shown."""
        return self.answers + FLOOR - self.given


def survey_of(session: Session, writeup_id: int) -> Survey:
    """What is shown of a write-up's survey. One statement."""
    rows = session.scalars(
        select(SurveyAnswer.scores).where(SurveyAnswer.writeup_id == writeup_id).order_by(SurveyAnswer.id)
    ).all()
    counted = rows[: len(rows) - len(rows) % FLOOR]
    averages = [
        (question, round(sum(scores[key] for scores in counted) / len(counted), 1))
        for key, question in QUESTIONS.items()
        if counted and all(key in scores for scores in counted)
    ]
    return Survey(len(rows), len(counted), tuple(averages))


def survey_shown(session: Session, writeup_id: int) -> Survey | None:
    """What stands beside a published write-up; None while fewer than three answered."""
    survey = remembered(session, ("survey", writeup_id), lambda: survey_of(session, writeup_id))
    return survey if survey.averages else None


def is_open(session: Session, writeup: Writeup) -> bool:
    """Whether there is something to look back at: a meeting that is over, or the published write-up."""
    if writeup.state == WriteupState.PUBLISHED:
        return True
    meeting = newest_meeting(session, writeup)
    return meeting is not None and is_over(meeting)


def has_answered(session: Session, writeup: Writeup, person: Person) -> bool:
    mine = voter(session, PURPOSE, writeup, person)
    found = exists().where(SurveyAnswer.writeup_id == writeup.id, SurveyAnswer.voter == mine)
    return bool(session.scalar(select(found)))


def answer_survey(session: Session, writeup: Writeup, scores: Mapping[str, Any], *, person: Person) -> bool:
    """Keep one person's answer; False where they gave theirs before, which stays. Refuses what is not 1 to 5.

    There is no entry of history: one would say who answered, and when.
    """
    if not is_open(session, writeup):
        raise Refused(NOT_YET)
    if scores.keys() != QUESTIONS.keys() or not all(score in SCORES for score in scores.values()):
        raise Refused("Choose one answer to each question.")
    if has_answered(session, writeup, person):
        return False
    # Only the dialect in use is imported. Of a double click the other one may be quicker: then it stays.
    dialect = import_module(f"sqlalchemy.dialects.{session.get_bind().dialect.name}")
    mine = {
        "writeup_id": writeup.id,
        "voter": voter(session, PURPOSE, writeup, person),
        "scores": dict(scores),
    }
    session.execute(dialect.insert(SurveyAnswer).values(mine).on_conflict_do_nothing())
    return True
