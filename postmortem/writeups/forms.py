"""Forms of write-ups. Fields are called as the record's are."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session
from wtforms import IntegerField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import HiddenInput

from postmortem.accounts.queries import people_to_choose, services_to_choose, teams_to_choose
from postmortem.web.forms import (
    BaseForm,
    ChoiceField,
    CreateForm,
    EditForm,
    LineField,
    MarkdownField,
    NamesField,
    PickField,
    TextField,
    clean_line,
    required,
)
from postmortem.writeups.enums import AUDIENCE_LABELS, Audience
from postmortem.writeups.forms_templates import TemplateField
from postmortem.writeups.models import Writeup
from postmortem.writeups.queries_templates import templates_of

_NUMBER = re.compile(r"(?:inc-?|#)?(\d{1,10})$", re.IGNORECASE)
LARGEST_NUMBER = 2**31 - 1


class IncidentsField(StringField):
    """Incidents by number, with commas: `INC-12, 13`. Data: a list of numbers, each once."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        self.typed = clean_line(", ".join(valuelist)) or ""
        parts = [part for part in re.split(r"[,;\s]+", self.typed) if part]
        found = [_NUMBER.match(part) for part in parts]
        if not all(found):
            raise ValueError("Enter incident numbers with commas between them, for example INC-12, INC-31.")
        numbers = [int(match[1]) for match in found if match]
        self.data = list(dict.fromkeys(numbers))

    def process_data(self, value: Any) -> None:
        self.typed = ""
        super().process_data([getattr(each, "id", each) for each in value or []])

    def _value(self) -> str:
        return self.typed or ", ".join(f"INC-{number}" for number in self.data or [])

    def pre_validate(self, form: Any) -> None:
        if len(self.data or []) > 50:
            raise ValidationError("Give at most 50 incidents.")


class WriteupFields(BaseForm):
    """What every form about a write-up's content has."""

    title = LineField(
        "Title",
        max_length=200,
        description="What would make a colleague want to read this?",
        validators=[
            required("Enter a title, for example what surprised you."),
        ],
    )
    tldr = TextField(
        "In short",
        max_length=1000,
        description="Two or three sentences for those who read no further. They stand on the front page.",
    )
    body = MarkdownField("Text")
    authors = PickField("Authors", description="They are named above the text and may edit it.")
    tags = NamesField("Tags", description="Words with commas between them, for example dns, clock skew.")
    teams = PickField("Teams", description="It is listed on their pages.")
    services = PickField("Services", description="It is listed on their pages.")
    audience = ChoiceField("Who may read it", Audience, AUDIENCE_LABELS, default=Audience.INTERNAL)
    incidents = IncidentsField(
        "Incidents",
        description="Their timeline, factors and actions stand below the text. Numbers with commas, for example INC-12.",
    )
    template = TemplateField("Template")

    def offer(self, session: Session, writeup: Writeup | None = None) -> None:
        """Fill the pick lists: who and what is active, and what the write-up names already."""
        kept = writeup or Writeup(authors=[], teams=[], services=[])
        self.template.offer(templates_of(session), writeup.template if writeup else None)
        self.authors.choices = _choices(
            [(p.email, f"{p.name} ({p.email})") for p in (*people_to_choose(session), *kept.authors)]
        )
        self.teams.choices = _choices([(t.slug, t.name) for t in (*teams_to_choose(session), *kept.teams)])
        self.services.choices = _choices(
            [(s.slug, s.name) for s in (*services_to_choose(session), *kept.services)]
        )


class NewWriteupForm(WriteupFields, CreateForm):
    """Starts a write-up; a blank text is made from the template."""


class EditWriteupForm(WriteupFields, EditForm):
    """Changes the working copy."""

    @classmethod
    def of(cls, writeup: Writeup, **kwargs: Any) -> "EditWriteupForm":
        """The form filled from a write-up (`formdata=None`: only from it)."""
        return cls(
            data={
                name: getattr(writeup, name)
                for name in ("title", "tldr", "body", "audience", "template", "version", "incidents")
            }
            | {
                "authors": [person.email for person in writeup.authors],
                "tags": [tag.name for tag in writeup.tags],
                "teams": [team.slug for team in writeup.teams],
                "services": [service.slug for service in writeup.services],
            },
            **kwargs,
        )


class WithdrawForm(BaseForm):
    """Takes a published write-up back; sent bare, whatever is published."""

    version = IntegerField(widget=HiddenInput())
    withdrawn_reason = LineField(
        "Why",
        max_length=500,
        description="One sentence for its readers: whoever opens its address is shown it, with the date and nothing else.",
    )


def _choices(pairs: Sequence[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in dict(pairs).items()]
