"""Forms about templates: which one a write-up starts from, and the sets themselves as admins edit them."""

from collections.abc import Iterable, Sequence
from typing import Any

from wtforms import BooleanField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError

from postmortem.incidents.enums import KIND_LABELS, SEVERITY_LABELS
from postmortem.web.forms import BaseForm, CreateForm, EditForm, LineField, PickField, TextField, required
from postmortem.writeups.operations_templates import MOST_SECTIONS
from postmortem.writeups.templates import FACTS, Section, TemplateSet


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


class TemplateFields(BaseForm):
    """A set of sections; the fields of its sections are added below, numbered in their order."""

    name = LineField(
        "Name", max_length=100, validators=[required("Enter a name, for example Security review.")]
    )
    description = LineField(
        "What it is for",
        max_length=300,
        description="One sentence, shown beside the name to whoever starts a write-up.",
    )
    severities = PickField(
        "Proposed for severities",
        choices=[SelectChoice(each.value, label) for each, label in SEVERITY_LABELS.items()],
        description="None ticked means any. With nothing ticked in both lists it is proposed for no incident.",
    )
    kinds = PickField(
        "Proposed for kinds",
        choices=[SelectChoice(each.value, label) for each, label in KIND_LABELS.items()],
    )

    @classmethod
    def filled(cls, values: dict[str, Any], sections: Sequence[Section], **kwargs: Any) -> Any:
        """The form with these values and sections."""
        data = dict(values)
        for number, section in enumerate(sections, 1):
            data |= {f"{part}_{number}": getattr(section, part) for part in PARTS}
        return cls(data=data, **kwargs)

    def sections(self) -> list[Section]:
        """The sections that were filled in, in their order; one without heading and prompt is none."""
        found = []
        for number in range(1, MOST_SECTIONS + 1):
            heading, prompt = self[f"heading_{number}"].data or "", self[f"prompt_{number}"].data or ""
            if heading or prompt:
                fact, is_optional = (
                    self[f"fact_{number}"].data or "",
                    bool(self[f"is_optional_{number}"].data),
                )
                found.append(Section(heading, prompt, fact, is_optional))
        return found

    def put(self, sections: Sequence[Section]) -> None:
        """Show these sections instead of what was sent."""
        for number in range(1, MOST_SECTIONS + 1):
            section = sections[number - 1] if number <= len(sections) else Section("", "")
            for part in PARTS:
                self[f"{part}_{number}"].data = getattr(section, part)
                self[f"{part}_{number}"].raw_data = None

    def values(self) -> dict[str, Any]:
        """What the operations take."""
        return {name: self[name].data or [] for name in ("severities", "kinds")} | {
            "name": self.name.data or "",
            "description": self.description.data or "",
            "sections": self.sections(),
        }

    def differs_from(self, other: "TemplateFields") -> bool:
        """Whether anything that is kept is another; severities and kinds have no order."""

        def kept(form: TemplateFields) -> dict[str, Any]:
            values = form.values()
            return values | {name: set(values[name]) for name in ("severities", "kinds")}

        return kept(self) != kept(other)

    def rows(self, count: int) -> list[dict[str, Any]]:
        """The fields of the first so many sections."""
        return [
            {"number": number} | {part: self[f"{part}_{number}"] for part in PARTS}
            for number in range(1, count + 1)
        ]


class NewTemplateForm(TemplateFields, CreateForm):
    """Makes a set."""


class EditTemplateForm(TemplateFields, EditForm):
    """Changes a set; its version is 1 while nobody changed it."""


PARTS = ("heading", "prompt", "fact", "is_optional")
for _number in range(1, MOST_SECTIONS + 1):
    _fields = (
        LineField(f"Section {_number}: heading", max_length=100),
        TextField(f"Section {_number}: what to think about", max_length=500),
        SelectField(
            f"Section {_number}: filled in from the incident",
            choices=[SelectChoice(value, label) for value, label in FACTS.items()],
            default="",
        ),
        BooleanField(f"Section {_number}: not printed while it is empty"),
    )
    for _part, _field in zip(PARTS, _fields, strict=True):
        setattr(TemplateFields, f"{_part}_{_number}", _field)
