"""A field in which somebody is named: typed, with suggestions. It stays quick to use where thousands could be meant."""

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from postmortem.web.forms import LineField

EMAIL_MAX = 254


class PersonInput(TextInput):
    """A text field that takes suggestions from the list beside it, which `components/forms.html` writes."""

    def __call__(self, field: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("placeholder", field.blank)
        return super().__call__(field, list=f"{field.id}-people", autocomplete="off", **kwargs)


class PersonField(LineField):
    """Somebody by e-mail address, or by a name that only one of those offered has. Data: the address, "" for none.

    `offer` says who can be named, before the form is looked at or shown.
    """

    widget = PersonInput()
    data: str | None

    def __init__(self, label: str, *, blank: str, validators: Sequence[Any] = (), **kwargs: Any) -> None:
        self.blank = blank
        self.people: dict[str, str] = {}
        super().__init__(label, max_length=EMAIL_MAX, validators=validators, **kwargs)

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Set who can be named: pairs of address and name."""
        self.people = dict(choices)

    @property
    def chosen(self) -> str:
        """The name of who is meant, or what was typed."""
        meant = str(self.data or "")
        return self.people.get(meant, meant)

    def pre_validate(self, form: Any) -> None:
        typed = str(self.data or "")
        self.data = self._address(typed)
        if typed and self.data not in self.people:
            raise ValidationError(f"Nobody active here has the address or the name “{typed}”.")

    def _address(self, typed: str) -> str:
        text = typed.strip().casefold()
        if text in self.people:
            return text
        named = [address for address, name in self.people.items() if name.casefold() == text]
        return named[0] if len(named) == 1 else typed
