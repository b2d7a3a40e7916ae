"""The form for handing over what somebody left behind."""

from collections.abc import Iterable

from wtforms import IntegerField
from wtforms.fields import SelectChoice
from wtforms.widgets import HiddenInput

from postmortem.accounts.models import Person
from postmortem.web.forms import BaseForm, LineField, PickField, required
from postmortem.web.person_field import PersonField

MAX_REASON = 500


class HandOverForm(BaseForm):
    """To whom, why, and which; `of` is whose they were."""

    of = IntegerField(widget=HiddenInput())
    to = PersonField(
        "Hand over to", blank="Name or e-mail address", validators=[required("Choose who takes them.")]
    )
    reason = LineField(
        "Why",
        max_length=MAX_REASON,
        validators=[required("Say why: it stands in the history of each action.")],
        description="One reason for all of them: “Grace takes over the alarms of the delivery team.”",
    )
    number = PickField("Actions", choices=[])

    def offer(self, people: Iterable[tuple[str, str]], numbers: Iterable[int], owner: Person) -> None:
        """Fill the choices: everybody who is here, and the actions that are shown."""
        self.to.offer(people)
        self.number.choices = [SelectChoice(str(number), f"ACT-{number}") for number in numbers]
        self.of.data = owner.id
