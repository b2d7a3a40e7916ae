"""Forms about templates: which one a write-up starts from, and the sets themselves as admins edit them."""

from collections.abc import Iterable
from typing import Any

from wtforms import SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from postmortem.writeups.templates import TemplateSet


class TemplateField(SelectField):
    """A template by its key: one that is offered, or the one that the write-up has already."""

    data: str | None

    def __init__(self, label: str, **kwargs: Any) -> None:
        kwargs.setdefault("coerce", lambda value: str(value or ""))
        super().__init__(label, choices=[], **kwargs)

    def offer(self, sets: Iterable[TemplateSet], kept: str | None) -> None:
        """Set what can be chosen; `kept` is the key of a write-up's own, which may be there no longer."""
        sets = list(sets)
        self.choices = [
            SelectChoice(each.key, f"{each.name}: {each.description}" if each.description else each.name)
            for each in sets
            if each.is_active or each.key == kept
        ]
        if kept is not None and kept not in {each.key for each in sets}:
            self.choices.append(
                SelectChoice(kept, "The one it was started from, which is not offered any more")
            )
        if not self.data and self.choices:
            self.data = self.choices[0].value

    def process_formdata(self, valuelist: list[str]) -> None:
        if len(valuelist) > 1:
            raise ValueError("Choose one of the list, once.")
        super().process_formdata(valuelist)

    def pre_validate(self, form: Any) -> None:
        if self.data not in {choice.value for choice in self.choices or []}:
            raise ValidationError("Choose one of the list.")
