"""Forms of merging and anonymising. What is typed is looked at by the operations."""

from collections.abc import Iterable
from typing import Any

from wtforms import RadioField
from wtforms.fields import SelectChoice

from postmortem.leaving.operations_anonymise import ALSO_MAX, REASON_MAX
from postmortem.leaving.places import KIND_LABELS
from postmortem.web.forms import BaseForm, LineField, NamesField, OneField, PickField, required

_AS_IT_IS = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}


class ChooseForm(BaseForm):
    """With whom to merge somebody, and who of the two stays. Sent as an address, because it changes nothing."""

    class Meta(BaseForm.Meta):
        csrf = False

    other = OneField("The other account", blank="Choose somebody", validators=[required("Choose somebody.")])
    stays = RadioField(
        "Who stays",
        default="this",
        choices=[SelectChoice("this", "This one"), SelectChoice("other", "The other one")],
        description="The account that stays gets all that points at the other one, and keeps its own name and role.",
    )


class MergeForm(BaseForm):
    """The address of the account that goes, typed."""

    email = LineField(
        "Address of the account that goes",
        max_length=254,
        validators=[required("Type the address.")],
        render_kw=_AS_IT_IS,
    )


class AnonymiseForm(BaseForm):
    """What to replace in texts, the person's address, typed, and why."""

    words = PickField(
        "Look for",
        description="As whole words, capital or small; the numbers below count them.",
    )
    also = NamesField(
        "Also look for",
        max_items=ALSO_MAX,
        max_length=100,
        description="A maiden name, a nickname, a misspelling; separated by commas. The numbers below do not count them.",
    )
    kinds = PickField(
        "Replace it in the texts of",
        description="Untick what shall go on naming the person. The history is always rewritten.",
    )
    email = LineField(
        "Address of the person",
        max_length=254,
        validators=[required("Type the address.")],
        render_kw=_AS_IT_IS,
    )
    reason = LineField(
        "Why",
        max_length=REASON_MAX,
        description="One sentence that stays in the history for good. Leave the name out.",
        validators=[required("Say why; one sentence is enough.")],
    )

    def offer(self, words: Iterable[tuple[str, str]], counts: dict[Any, int]) -> None:
        """What can be unticked, with how often it was found; all of it is ticked on a form that was not sent."""
        self.words.choices = [SelectChoice(value, label) for value, label in words]
        self.kinds.choices = [
            SelectChoice(kind.value, f"{label}: {counts.get(kind, 0):,}")
            for kind, label in KIND_LABELS.items()
        ]
        if not self.is_submitted():
            for field in (self.words, self.kinds):
                field.data = [choice.value for choice in field.choices]
