"""Form fields for times: local to the form's `timezone`, kept in UTC, never guessed at a clock change."""

import re
from datetime import UTC, datetime
from typing import Any

from wtforms import Field, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from postmortem.web import zones

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})$")
_MOMENT = re.compile(r"(\d{4})-(\d{2})-(\d{2})[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?$")


class TimezoneField(StringField):
    """A zone by its name, such as Europe/Stockholm."""

    def pre_validate(self, form: Any) -> None:
        if not self.data or not zones.is_zone(self.data):
            raise ValidationError("Enter a time zone by its name, for example Europe/Stockholm or UTC.")


class FoldField(RadioField):
    """Which of two equal local times is meant, when the clocks went back: "0" the first, "1" the second."""

    def __init__(self, label: str = "Which of the two?", **kwargs: Any) -> None:
        choices = [SelectChoice("0", "the first"), SelectChoice("1", "the second")]
        super().__init__(label, choices=choices, validate_choice=False, **kwargs)


class LocalDateTimeField(Field):
    """`YYYY-MM-DDTHH:MM` (seconds allowed) or `YYYY-MM-DD`, local to the form's `timezone` field.

    Data: an aware UTC datetime or None. `is_day` tells that only a day was given (time 00:00). A local time
    that was skipped by a clock change is refused with the two readings it may stand for; one that happened
    twice is asked about: `ambiguous_choices` is filled, and the sibling `<name>_fold` takes the answer.
    """

    widget = TextInput()

    def __init__(self, label: str, *, zone_field: str = "timezone", **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.zone_field = zone_field
        self.is_day = False
        self.ambiguous_choices: list[Any] = []
        self.data: datetime | None = None
        self.as_text = False
        self.local: datetime | None = None
        self._form: Any = None
        self._raw: str | None = None

    def bind(self, form: Any) -> None:
        """Learn the form, for its zone and the fold field; prepare a stored ambiguous time for display."""
        self._form = form
        if self.raw_data is None and self.data is not None:
            local = self.data.astimezone(self._zone())
            self.local = local.replace(tzinfo=None)
            if zones.is_ambiguous(self.local.replace(fold=0), self._zone()):
                self._ask(self.local.replace(fold=0))
                if fold := self._fold_field():
                    fold.data = str(local.fold)

    def _zone(self) -> Any:
        return zones.zone(str(self._form._fields[self.zone_field].data or "UTC"))

    def _fold_field(self) -> Any:
        return self._form._fields.get(f"{self.name}_fold")

    def process_formdata(self, valuelist: list[str]) -> None:
        # A form that was sent without the field changes nothing; one that was sent blank clears it.
        if valuelist:
            self._raw = valuelist[0].strip()
            self.data = None

    def _value(self) -> str:
        if self._raw is not None:
            return self._raw
        if self.data is None:
            return ""
        local = self.data.astimezone(self._zone())
        return f"{local.year:04}-" + local.strftime("%m-%dT%H:%M" + (":%S" if local.second else ""))

    @property
    def step(self) -> int:
        """The input's step in seconds: 1 where the value shows seconds, else 60."""
        return 1 if self._value().count(":") == 2 else 60

    def pre_validate(self, form: Any) -> None:
        """Turn what was typed into a UTC moment, or say what to enter."""
        if not self._raw:
            return
        local = self._parse(self._raw)
        tz = self._zone()
        if self.is_day:
            # Only the day counts, so a midnight that clocks skipped or showed twice is nothing to ask about.
            self.local = local
            self.data = local.replace(tzinfo=tz).astimezone(UTC)
            return
        if not zones.exists(local, tz):
            before, after = zones.around_gap(local, tz)
            raise ValidationError(
                f"The clocks in {tz.key} went forward: {local:%H:%M} did not exist on {local.day} {local:%B %Y}. "
                f"Enter {before:%H:%M} or {after:%H:%M}, whichever it was."
            )
        fold = 0
        if zones.is_ambiguous(local, tz):
            self._ask(local)
            answer = self._fold_field()
            if answer is None or answer.data not in ("0", "1"):
                raise ValidationError(
                    f"The clocks in {tz.key} went back: {local:%H:%M} happened twice on {local.day} {local:%B %Y}. "
                    "Say which of the two it was."
                )
            fold = int(answer.data)
        self.local = local
        self.data = local.replace(tzinfo=tz, fold=fold).astimezone(UTC)

    def _parse(self, raw: str) -> datetime:
        found = _MOMENT.match(raw) or _DAY.match(raw)
        if not found:
            raise ValidationError("Enter a day and time like 2026-03-09T14:05, or a day like 2026-03-09.")
        self.is_day = found.re is _DAY
        try:
            local = datetime(*(int(part) for part in found.groups() if part is not None))  # type: ignore[arg-type] # noqa: DTZ001
        except ValueError as error:
            raise ValidationError("There is no such day or time. Check the numbers.") from error
        if not zones.FIRST_YEAR <= local.year <= zones.LAST_YEAR:
            raise ValidationError(f"Enter a year between {zones.FIRST_YEAR} and {zones.LAST_YEAR}.")
        return local

    def _ask(self, local: datetime) -> None:
        tz = self._zone()
        named = [
            f"the {word}, {local:%H:%M} {zones.offset_name(local.replace(tzinfo=tz, fold=fold))}"
            for fold, word in enumerate(("first", "second"))
        ]
        self.ambiguous_choices = [SelectChoice(str(fold), text) for fold, text in enumerate(named)]
        if answer := self._fold_field():
            answer.choices = self.ambiguous_choices
