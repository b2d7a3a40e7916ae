"""Asking for access, and declining it."""

from postmortem.permissions.operations import ANSWER_MAX, PATH_MAX, REASON_MAX
from postmortem.web.forms import BaseForm, CreateForm, LineField, TextField, required


class AskForm(CreateForm):
    """What somebody would like to see, and why."""

    path = LineField(
        "Address",
        max_length=PATH_MAX,
        validators=[required("Enter the address that you were given, for example /incidents/12.")],
        description="The page that you expected, as it stands behind this site's name.",
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    reason = TextField(
        "Why you need it",
        max_length=REASON_MAX,
        description="Whoever may answer reads this. A sentence helps them to decide.",
    )


class DeclineForm(BaseForm):
    """No, and perhaps why."""

    answer = LineField("A sentence for them", max_length=ANSWER_MAX, description="It stands on their page.")
