"""Forms of ideas."""

from typing import Any

from wtforms import IntegerField
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from postmortem.actions.forms import NewActionForm
from postmortem.ideas.checks import REASON_MAX, TEXT_MAX
from postmortem.web.forms import BaseForm, CreateForm, EditForm, LineField, required


class IdeaFields(BaseForm):
    """An idea is one line."""

    text = LineField(
        "Idea",
        max_length=TEXT_MAX,
        validators=[required("Write the idea down; a few words are enough.")],
    )


class NewIdeaForm(IdeaFields, CreateForm):
    """An idea to add."""


class EditIdeaForm(IdeaFields, EditForm):
    """An idea's words to change."""


class PromoteForm(NewActionForm):
    """The action that an idea becomes; before the soak time is over, with a reason."""

    reason = LineField(
        "Why now?",
        max_length=REASON_MAX,
        description="Ideas become actions some working days later, when they still look good. Say why this one cannot wait.",
    )

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name != "reason"}


class NoneNeededForm(BaseForm):
    """Why no action is needed. `version` is blank while nobody has said so."""

    reason = LineField(
        "Why is none needed?",
        max_length=REASON_MAX,
        validators=[required("Say why none is needed, so that nobody has to ask again.")],
        description="For instance: it is repaired, nothing is left to do, and it happening again would be harmless.",
    )
    version = IntegerField(widget=HiddenInput(), validators=[Optional()])
