"""The form for handing over what somebody left behind."""

from collections.abc import Iterable

from wtforms import IntegerField
from wtforms.widgets import HiddenInput

from postmortem.accounts.models import Person
from postmortem.actions.forms_list import RowsField
from postmortem.web.forms import BaseForm, LineField, required
from postmortem.web.person_field import PersonField

MAX_REASON = 500


class HandOverForm(BaseForm):
    """To whom, why, and which (each with the version that was seen); `of` is whose they were."""

    of = IntegerField(widget=HiddenInput())
    to = PersonField(
        "Hand over to", blank="Name or e-mail address", validators=[required("Choose who takes them.")]
    )
    reason = LineField(
        "Why",
        max_length=MAX_REASON,
        validators=[required("Say why: it stands in the history of each action.")],
        description="One reason for all of them: “Ada takes over the alarms of the delivery team.”",
    )
    number = RowsField("Actions")

    def offer(self, people: Iterable[tuple[str, str]], owner: Person) -> None:
        """Who can be named: everybody who is here; and whose they were."""
        self.to.offer(people)
        self.of.data = owner.id
