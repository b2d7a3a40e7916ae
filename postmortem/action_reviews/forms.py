"""Forms of action reviews: starting one, deciding, commenting, what stays open."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session
from wtforms import HiddenField, IntegerField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional, ValidationError
from wtforms.widgets import HiddenInput

from postmortem.accounts.models import Person
from postmortem.accounts.queries import people_to_choose
from postmortem.action_reviews.choices import Choice
from postmortem.action_reviews.enums import DECISION_LABELS, Decision, Worked
from postmortem.action_reviews.operations import LONGEST_MINUTES, NOTES_MAX
from postmortem.actions.checks import MAX_LENGTHS
from postmortem.actions.forms import DayField
from postmortem.actions.operations_comments import MAX_COMMENT
from postmortem.actions.queries import LARGEST_NUMBER
from postmortem.web.forms import (
    BaseForm,
    ChoiceField,
    CreateForm,
    EditForm,
    LineField,
    MarkdownField,
    PickField,
    required,
)
from postmortem.web.person_field import PersonField

RELOAD = "Reload the page, then decide."


class KeptNumber(IntegerField):
    """A number that the page has put there itself: 1 or more, and such as a database holds."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=HiddenInput(), validators=[InputRequired(RELOAD)], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None and not 0 < self.data <= LARGEST_NUMBER:
            raise ValueError(RELOAD)


def _can_be_planned(_form: BaseForm, field: IntegerField) -> None:
    # Not NumberRange, which cannot bear a number of hundreds of digits.
    if field.data is not None and not 1 <= field.data <= LONGEST_MINUTES:
        raise ValidationError(f"Plan between 1 and {LONGEST_MINUTES} minutes.")


class StartForm(CreateForm):
    """A meeting to start; which actions it walks through stands in the address."""

    title = LineField(
        "Title",
        max_length=200,
        validators=[required("Give the meeting a title, so that its minutes are found again.")],
        description="Everybody signed in can read it.",
    )
    planned_minutes = IntegerField(
        "Planned minutes",
        default=45,
        validators=[InputRequired("Say how many minutes you have."), _can_be_planned],
    )
    people = PickField(
        "Who is here",
        description="You are. Tick who else is in the room; others join from their own screens.",
    )

    def offer(self, session: Session, members: Iterable[Person]) -> None:
        """Whom to tick, members of the team first."""
        first = {person.email: person.name for person in members if person.is_active}
        others = {person.email: person.name for person in people_to_choose(session)}
        self.people.choices = [SelectChoice(email, name) for email, name in (first | others).items()]


class DecideForm(BaseForm):
    """One decision, with the versions that whoever decides saw. Each decision asks for at most one of the fields."""

    decision = ChoiceField("Decision", Decision, DECISION_LABELS)
    item = KeptNumber()
    item_version = KeptNumber()
    action_version = KeptNumber()
    due_on = DayField("New day", validators=[Optional()])
    owner = PersonField("Who answers for it", blank="Name or e-mail address")
    end_state = LineField("How will we know it is done?", max_length=MAX_LENGTHS["end_state"])
    how = LineField("How was it checked?", max_length=MAX_LENGTHS["status_reason"])
    reason = LineField("Why are we not doing it?", max_length=MAX_LENGTHS["status_reason"])
    title = LineField("What is to be done besides?", max_length=MAX_LENGTHS["title"])
    has_worked = HiddenField(default=Worked.YES.value)

    def offer(self, session: Session) -> None:
        self.owner.offer((person.email, person.name) for person in people_to_choose(session))

    def choice(self) -> Choice:
        """What was decided. Only of a valid form."""
        decision: Decision = self.decision.data
        asked: dict[Decision, Any] = {
            Decision.START: self.end_state,
            Decision.VERIFY: self.how,
            Decision.NOT_DOING: self.reason,
            Decision.SPLIT: self.title,
        }
        field = asked.get(decision)
        return Choice(
            decision=decision,
            due_on=self.due_on.data if decision is Decision.REDATE else None,
            owner=self.owner.data or "" if decision is Decision.HAND_OVER else "",
            text=(field.data or "") if field is not None else "",
            worked=Worked(given) if (given := self.has_worked.data) in set(Worked) else Worked.YES,
        )


# Beside which field an operation's refusal stands that names the action's own field.
FIELD_OF = {"status_reason": "reason"}


class CommentForm(CreateForm):
    """Something said about an action in the meeting."""

    item = KeptNumber()
    text = MarkdownField("Comment", max_length=MAX_COMMENT, validators=[required("Write something first.")])


class NotesForm(EditForm):
    """What stays open after the meeting."""

    notes = MarkdownField(
        "Open questions",
        max_length=NOTES_MAX,
        description="What nobody in the room could answer. Everybody signed in can read it.",
    )
