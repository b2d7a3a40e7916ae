"""The parts of an incident's form that repeat: moments, and rows of participants, relations and links."""

import re
from collections.abc import Iterator
from typing import Any

from wtforms import FieldList, Form
from wtforms.validators import ValidationError

from postmortem.incidents import checks
from postmortem.incidents.enums import RELATION_LABELS, RelationKind
from postmortem.web.forms import ChoiceField, LineField, web_address
from postmortem.web.moments import LocalDateTimeField

PERSON_INPUT = {"list": "people", "autocomplete": "off", "inputmode": "email"}
_NUMBER = re.compile(r"(?:INC-|#)?([1-9][0-9]{0,8})", re.IGNORECASE)


class RowsField(FieldList):
    """Rows of a small form each. Blank rows are for adding; they stand for nothing."""

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        """The numbers of the rows that were sent, as our own pages write them; other names are no rows."""
        for name in formdata:
            if found := re.match(rf"{re.escape(prefix)}-([0-9]{{1,3}})-", name):
                yield int(found[1])

    def _value(self) -> str:
        """The rows as text, for comparing two versions of a form."""
        return "\n".join(line for entry in self if (line := entry.form.line()))


class MomentField(LocalDateTimeField):
    """One of the five moments. Typed as text, because a day without a time must be possible to enter."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.as_text = True

    def show_as_day(self) -> None:
        """Show what is stored as a day alone, as it was typed."""
        if self.raw_data is None and self.data is not None:
            self._raw = self._value().partition("T")[0]


class ParticipantForm(Form):
    """One row: who, and in which role."""

    person = LineField("Person", max_length=254, render_kw=PERSON_INPUT)
    role = LineField("Role", max_length=checks.ROLE_MAX, render_kw={"placeholder": "for example scribe"})

    def line(self) -> str:
        return f"{self.person.data} ({self.role.data})" if self.role.data else self.person.data or ""

    def validate_person(self, field: Any) -> None:
        if self.role.data and not field.data:
            raise ValidationError("Say who had this role, or clear the role.")


class RelationForm(Form):
    """One row: which other incident, and how it is related."""

    number = LineField("Incident", max_length=20, render_kw={"placeholder": "INC-12", "autocomplete": "off"})
    kind = ChoiceField("This one is", RelationKind, RELATION_LABELS, default=RelationKind.RELATED_TO)

    def line(self) -> str:
        kind = self.kind.data or RelationKind.RELATED_TO
        return f"{RELATION_LABELS[kind]} {self.number.data}" if self.number.data else ""

    def validate_number(self, field: Any) -> None:
        if field.data and not _NUMBER.fullmatch(field.data):
            raise ValidationError("Enter an incident's number like INC-12.")


class LinkForm(Form):
    """One row: an address and what it leads to."""

    title = LineField("Words", max_length=checks.LINK_TITLE_MAX)
    url = LineField("Address", max_length=checks.ADDRESS_MAX, validators=[web_address])

    def line(self) -> str:
        return " ".join(part for part in (self.title.data, self.url.data) if part)

    def validate_url(self, field: Any) -> None:
        if self.title.data and not field.data:
            raise ValidationError("Enter the address, or clear the words.")


def incident_number(text: str) -> int:
    """`INC-12`, `#12` or `12` as a number; 0 for anything else."""
    found = _NUMBER.fullmatch(text)
    return int(found[1]) if found else 0
