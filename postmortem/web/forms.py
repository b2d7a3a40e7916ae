"""BaseForm and the fields that every noun's forms share.

A create form inherits `CreateForm` (one-time key), an edit form `EditForm` (the version it started from).
"""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import HiddenInput

from postmortem.text.clean import clean_source
from postmortem.text.diff import Hunk, diff_texts, with_context
from postmortem.web.moments import LocalDateTimeField
from postmortem.web.sent import sent_form, sent_once

# Line ends of other systems' making, which scripts take for newlines.
_SEPARATORS = re.compile("[\u2028\u2029]")
MARKDOWN_MAX = 100_000


def clean_key(value: str | None) -> str | None:
    """A one-time key: letters, digits, hyphens and underscores, as we made it."""
    return re.sub(r"[^A-Za-z0-9_-]", "", value) if isinstance(value, str) else value


class BaseForm(FlaskForm):
    """Every form. Fields that need their neighbours (a local time its zone) find them through `bind`."""

    class Meta:
        def wrap_formdata(self, _form: Any, formdata: Any) -> Any:
            """What was sent as a form, and that is text."""
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            return sent_form()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self:
            if isinstance(field, LocalDateTimeField):
                field.bind(self)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """As WTForms does; and a field that takes one value is refused when it was sent several."""
        is_valid: bool = super().validate(*args, **kwargs)
        return sent_once(self, TAKES_SEVERAL) and is_valid

    def refuse(self, field: str | None, sentence: str) -> None:
        """Put an operation's refusal beside its field, or on top where it names none."""
        if field and field in self._fields:
            self._fields[field].errors = [*self._fields[field].errors, sentence]
        else:
            self.form_errors.append(sentence)


class CreateForm(BaseForm):
    """A form that makes something: posted twice, it makes one."""

    form_key = HiddenField(
        default=lambda: secrets.token_urlsafe(16), filters=[clean_key], validators=[Length(max=64)]
    )


class EditForm(BaseForm):
    """A form that changes something: it knows which version it started from. Without, it would overwrite unseen."""

    version = IntegerField(widget=HiddenInput(), validators=[InputRequired("Reload the page, then save.")])


class Conflicting:
    """One field of a stale form: what this person typed and what is stored now."""

    def __init__(self, field_name: str, label: str, yours: str, theirs: str) -> None:
        self.field_name, self.label, self.yours, self.theirs = field_name, label, yours, theirs

    @property
    def changes(self) -> list[Hunk]:
        """Of a text of several lines: line by line what only one of the two has."""
        has_lines = "\n" in self.yours and "\n" in self.theirs
        return with_context(diff_texts(self.theirs, self.yours), 1) if has_lines else []


def conflicting_fields(form: BaseForm, theirs: BaseForm) -> list[Conflicting]:
    """The fields in which a stale form differs from one filled from the stored record.

    Sets the stale form's version to the stored one, so that saving again is a decision made with both seen.
    """
    differing = []
    for field in form:
        other = theirs._fields.get(field.name)
        if other is None or isinstance(field, HiddenField) or field.name in ("csrf_token", "version"):
            continue
        yours, stored = shown(field), shown(other)
        # Tags are a set: they are stored in an order of their own.
        is_same = isinstance(field, NamesField) and set(field.data or ()) == set(other.data or ())
        if yours != stored and not is_same:
            differing.append(Conflicting(field.name, str(field.label.text), yours, stored))
    if "version" in form._fields and "version" in theirs._fields:
        form._fields["version"].data = theirs._fields["version"].data
        form._fields["version"].raw_data = None
    return differing


def shown(field: Field) -> str:
    """A field's value as the person sees it."""
    if isinstance(field, BooleanField):
        return "yes" if field.data else "no"
    if isinstance(field, SelectField | SelectMultipleField):
        chosen = field.data if isinstance(field.data, list) else [field.data]
        labels = {
            str(choice.value): str(choice.label) for choice in field.choices or [] if hasattr(choice, "value")
        }
        return ", ".join(labels.get(str(value), str(value)) for value in chosen if value not in (None, ""))
    if hasattr(field, "_value"):
        return str(field._value()).replace("\r\n", "\n")
    return "" if field.data is None else str(field.data)


def clean_line(value: str | None) -> str | None:
    """A single line: no control characters or overrides, white space at the ends and in runs folded."""
    return " ".join(_cleaned(value).split()) if isinstance(value, str) else value


def clean_text(value: str | None) -> str | None:
    """Several lines: no control characters or overrides, newlines as \\n, no blank end."""
    return _cleaned(value).rstrip() if isinstance(value, str) else value


def _cleaned(text: str) -> str:
    return _SEPARATORS.sub("", clean_source(text))


class AtMost(Length):
    """A limit that the server states. The browser is not told: it would cut what is pasted without a word."""

    def __init__(self, max_length: int) -> None:
        super().__init__(max=max_length, message=f"Shorten this to {max_length:,} characters.")
        self.field_flags: dict[str, Any] = {}


class LineField(StringField):
    """One line of text, cleaned. `max_length` characters at most."""

    def __init__(self, label: str, *, max_length: int, validators: Sequence[Any] = (), **kwargs: Any) -> None:
        limit = AtMost(max_length)
        kwargs.setdefault("filters", (clean_line,))
        kwargs.setdefault("default", "")
        super().__init__(label, validators=[*validators, limit], **kwargs)


class TextField(TextAreaField):
    """Several lines of text, cleaned."""

    def __init__(self, label: str, *, max_length: int, validators: Sequence[Any] = (), **kwargs: Any) -> None:
        limit = AtMost(max_length)
        kwargs.setdefault("filters", (clean_text,))
        kwargs.setdefault("default", "")
        super().__init__(label, validators=[*validators, limit], **kwargs)


class MarkdownField(TextField):
    """Markdown source; rendered on save."""

    def __init__(self, label: str, *, max_length: int = MARKDOWN_MAX, **kwargs: Any) -> None:
        super().__init__(label, max_length=max_length, **kwargs)


class ChoiceField(SelectField):
    """One of an enum's values that have a label; blank is a choice unless `blank` is None. Data: the member or None."""

    def __init__(
        self, label: str, enum: Any, labels: Mapping[Any, str], *, blank: str | None = None, **kwargs: Any
    ) -> None:
        choices = [SelectChoice("", blank)] if blank is not None else []
        choices += [SelectChoice(member.value, label) for member, label in labels.items()]

        def coerce(value: Any) -> Any:
            if value not in (None, "") and enum(value) not in labels:
                raise ValueError(f"{value} is not offered")
            return enum(value) if value not in (None, "") else None

        kwargs.setdefault("coerce", coerce)
        super().__init__(label, choices=choices, **kwargs)

    def pre_validate(self, form: Any) -> None:
        if self.data is None and not any(choice.value == "" for choice in self.choices or []):
            raise ValidationError("Choose one of the list.")

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist:
            return
        if len(valuelist) > 1:
            raise ValueError("Choose one of the list, once.")
        try:
            self.data = self.coerce(valuelist[0])
        except ValueError as error:
            raise ValueError("Choose one of the list.") from error

    def _choices_generator(self, choices: Iterable[Any]) -> Any:
        chosen = self.data.value if self.data is not None else ""
        for choice in choices:
            yield SelectChoice(choice.value, choice.label, selected=str(choice.value) == str(chosen))


class PickField(SelectMultipleField):
    """Several of a list, by slug or e-mail; also takes them comma-separated in one value."""

    def process_formdata(self, valuelist: list[str]) -> None:
        parts = [part.strip() for value in valuelist for part in value.split(",")]
        self.data = list(dict.fromkeys(part for part in parts if part))

    def pre_validate(self, form: Any) -> None:
        known = {str(choice.value) for choice in self.choices or []}
        if unknown := [value for value in self.data or [] if value not in known]:
            raise ValidationError(f"There is no “{unknown[0]}” to choose here.")


class OneField(SelectField):
    """One of a list by slug or e-mail, or nobody. Data: the slug, or "" for none."""

    def __init__(self, label: str, *, blank: str, **kwargs: Any) -> None:
        self.blank = blank
        kwargs.setdefault("default", "")
        super().__init__(label, choices=[SelectChoice("", blank)], **kwargs)

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """Set what can be chosen: pairs of value and label."""
        self.choices = [
            SelectChoice("", self.blank),
            *(SelectChoice(value, label) for value, label in choices),
        ]

    def pre_validate(self, form: Any) -> None:
        if self.data and str(self.data) not in {str(choice.value) for choice in self.choices or []}:
            raise ValidationError(f"There is no “{self.data}” to choose here.")


class NamesField(StringField):
    """Comma-separated words (tags). Data: a list of strings in the order typed, each once."""

    def __init__(self, label: str, *, max_items: int = 30, max_length: int = 50, **kwargs: Any) -> None:
        self.max_items, self.max_length = max_items, max_length
        kwargs.setdefault("default", list)
        super().__init__(label, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        words = [clean_line(part) or "" for value in valuelist for part in value.split(",")]
        self.data = list(dict.fromkeys(word for word in words if word))

    def _value(self) -> str:
        return ", ".join(map(str, self.data or []))

    def pre_validate(self, form: Any) -> None:
        if len(self.data or []) > self.max_items:
            raise ValidationError(f"Give at most {self.max_items}.")
        if any(len(word) > self.max_length for word in self.data or []):
            raise ValidationError(f"Keep each within {self.max_length} characters.")


TAKES_SEVERAL = (SelectMultipleField, NamesField)


def required(sentence: str) -> Callable[[Any, Any], None]:
    """A validator: something must be entered; `sentence` says what."""

    def check(_form: Any, field: Any) -> None:
        if field.data is None or (isinstance(field.data, str) and not field.data.strip()):
            raise ValidationError(sentence)

    check.field_flags = {"required": True}  # type: ignore[attr-defined]
    return check


def web_address(_form: Any, field: Any) -> None:
    """A validator: blank, or an http(s) address."""
    if field.data and not re.fullmatch(r"https?://[^\s<>\"']+", field.data):
        raise ValidationError("Enter a full address that starts with https:// or http://.")
