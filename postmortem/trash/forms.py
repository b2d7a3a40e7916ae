"""The form that destroys for good."""

from postmortem.trash.destroying import REASON_MAX
from postmortem.web.forms import BaseForm, LineField, required


class DestroyForm(BaseForm):
    """The thing's number, typed, and why. The operation checks that it is this one's."""

    number = LineField(
        "Its number",
        max_length=200,
        validators=[required("Type its number.")],
        render_kw={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"},
    )
    reason = LineField(
        "Why",
        max_length=REASON_MAX,
        description="One sentence that stays in the history for good. Leave out what is to be forgotten.",
        validators=[required("Say why; one sentence is enough.")],
    )
