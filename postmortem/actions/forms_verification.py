"""Forms for saying whether an action worked, and that two actions are one."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from wtforms import RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, ValidationError

from postmortem.actions.checks import MAX_LENGTHS
from postmortem.actions.forms import DayField
from postmortem.actions.verifying import ASK_HOW, MAX_HOW
from postmortem.web.forms import EditForm, LineField, required


class Outcome(StrEnum):
    """What came of a check, and what follows where it did not work."""

    WORKED = "worked"
    REOPEN = "reopen"
    NEW = "new"


OUTCOME_LABELS: Mapping[Outcome, str] = {
    Outcome.WORKED: "Yes, it worked",
    Outcome.REOPEN: "No: open it again",
    Outcome.NEW: "No: something else has to be done, as a new action",
}


def _one_of_the_answers(_form: Any, field: Any) -> None:
    if field.data not in set(Outcome):
        raise ValidationError("Choose one of the answers.")


class VerifyForm(EditForm):
    """Who checked is who sends it."""

    outcome = RadioField(
        "Did it work?",
        choices=[SelectChoice(outcome.value, label) for outcome, label in OUTCOME_LABELS.items()],
        validate_choice=False,
        validators=[_one_of_the_answers],
    )
    how = LineField(
        "How did you check?",
        max_length=MAX_HOW,
        validators=[required(ASK_HOW)],
        description="What you looked at or tried, so that others can do the same: “Pulled the plug in staging; the alarm rang.”",
    )
    title = LineField(
        "What is to be done instead",
        max_length=MAX_LENGTHS["title"],
        description="Start with a verb, and say what is different this time.",
    )
    due_on = DayField("Due", validators=[Optional()])

    @property
    def answer(self) -> dict[str, Any]:
        """What `operations_verification.verify` wants to know."""
        outcome = Outcome(self.outcome.data)
        answer: dict[str, Any] = {"how": self.how.data or "", "has_worked": outcome is Outcome.WORKED}
        if outcome is not Outcome.WORKED:
            answer["then"] = outcome.value
        if outcome is Outcome.NEW:
            answer |= {"title": self.title.data or "", "due_on": self.due_on.data}
        return answer


class MergeForm(EditForm):
    """The action to keep, by its number."""

    into = LineField(
        "Which action stays?",
        max_length=20,
        validators=[required("Enter the number of the action that stays, like ACT-7.")],
        description="Its number, like ACT-7.",
    )
