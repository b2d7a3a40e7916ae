"""What the list of all history can be narrowed to; everything stands in the address."""

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from wtforms.validators import ValidationError

from postmortem.history.listing import NOUNS, Wanted
from postmortem.history.operations import CLI, IMPORT, NOBODY, WORKER
from postmortem.web.days import typed_day
from postmortem.web.forms import BaseForm, LineField, OneField

_DAY = {"type": "date"}
_NUMBER = re.compile(r"(?:INC-)?([0-9]{1,9})", re.IGNORECASE)
SYSTEM = tuple(actor.name for actor in (CLI, IMPORT, WORKER, NOBODY))


class HistoryFilterForm(BaseForm):
    """The list's filters. Call `offer` before it is validated or shown."""

    class Meta:
        csrf = False

    person = LineField("Who: e-mail address, cli, import or worker", max_length=254)
    verb = OneField("What was done", blank="Anything")
    noun = OneField("Kind of record", blank="Any kind")
    incident = LineField("Incident", max_length=20)
    since = LineField("From", max_length=10, render_kw=_DAY)
    until = LineField("To", max_length=10, render_kw=_DAY)

    def offer(self, verbs: Sequence[str]) -> None:
        """Fill the choices."""
        self.verb.offer((verb, verb) for verb in verbs)
        self.noun.offer(NOUNS.items())

    def validate_incident(self, field: Any) -> None:
        if field.data and not _NUMBER.fullmatch(field.data):
            raise ValidationError("Enter a number like INC-12.")

    def validate_since(self, field: Any) -> None:
        typed_day(field.data)

    def validate_until(self, field: Any) -> None:
        last = typed_day(field.data)
        if last and not self.since.errors and (first := typed_day(self.since.data)) and last < first:
            raise ValidationError("The period ends before it starts. Swap the two days.")

    @property
    def is_system(self) -> bool:
        """Whether the program itself is asked for."""
        return self.person.data in SYSTEM

    def wanted(self, zone: Any, *, person_id: int | None) -> Wanted:
        """The question to the list; days are whole days in the reader's zone. Only of a valid form."""
        first, last = typed_day(self.since.data), typed_day(self.until.data)
        number = _NUMBER.fullmatch(self.incident.data or "")
        return Wanted(
            person_id=person_id,
            actor_name=self.person.data if self.is_system else None,
            verb=self.verb.data or None,
            noun=self.noun.data or None,
            incident_id=int(number[1]) if number else None,
            since=datetime.combine(first, time(), zone) if first else None,
            until=datetime.combine(last + timedelta(days=1), time(), zone) if last else None,
        )
