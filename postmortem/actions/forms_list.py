"""Forms of the list: its filters, saved views, and the change of many at once."""

import re
from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, SelectMultipleField
from wtforms.validators import Optional, ValidationError

from postmortem.actions.checks import MAX_LENGTHS
from postmortem.actions.enums import ACTION_KIND_LABELS, ACTION_STATUS_LABELS, PRIORITY_LABELS
from postmortem.actions.forms import DayField
from postmortem.actions.listing import DATE_LABELS, SHOW_LABELS, Wanted
from postmortem.actions.listing_groups import GROUP_LABELS
from postmortem.actions.operations_bulk import Ticked
from postmortem.errors import Refused
from postmortem.incidents.enums import Severity
from postmortem.web.days import typed_day
from postmortem.web.forms import BaseForm, CreateForm, EditForm, LineField, OneField, required
from postmortem.web.person_field import PersonField

_DAY = {"type": "date"}
_ROW = re.compile(r"(\d{1,9}):(\d{1,9})", re.ASCII)
# What can be done to many at once, by the field that it needs, and what is said where that is blank.
CHANGES = {
    "due_on": "Enter the new due date, a day like 2026-03-09.",
    "owner": "Choose who takes them over.",
    "status": "Choose the new status.",
}


class FilterForm(BaseForm):
    """What the list can be narrowed to, and how it is grouped; everything stands in the address.

    `overdue` is the older spelling of `show=overdue`, and stays good.
    """

    class Meta:
        csrf = False

    q = LineField("Find", max_length=200)
    show = OneField("Show", blank="Everything")
    status = OneField("Status", blank="Any status")
    owner = PersonField("Owner", blank="Anybody")
    team = OneField("Team", blank="Any team")
    priority = OneField("Priority", blank="Any priority")
    kind = OneField("Kind", blank="Any kind")
    severity = OneField("Severity of the incident", blank="Any severity")
    service = OneField("Service of the incident", blank="Any service")
    dates = OneField("Which date", blank="Added")
    since = LineField("From", max_length=10, render_kw=_DAY)
    until = LineField("Until", max_length=10, render_kw=_DAY)
    group = OneField("Grouped by", blank="Not grouped")
    overdue = BooleanField("Overdue", default=False)

    def offer(self, choices: dict[str, list[tuple[str, str]]]) -> None:
        """Fill the choices; `choices` holds what the database knows (see listing.filter_choices)."""
        self.show.offer(SHOW_LABELS.items())
        self.status.offer(
            [
                ("open", "Open"),
                ("closed", "Closed"),
                *((key.value, label) for key, label in ACTION_STATUS_LABELS.items()),
            ]
        )
        self.owner.offer([("me", "Me"), ("none", "Nobody yet"), *choices["owner"]])
        self.team.offer([("mine", "My teams"), ("none", "No team"), *choices["team"]])
        self.priority.offer((key.value, label) for key, label in PRIORITY_LABELS.items())
        self.kind.offer((key.value, label) for key, label in ACTION_KIND_LABELS.items())
        self.severity.offer((key.value, f"SEV {key.value[-1]}") for key in Severity)
        self.service.offer(choices["service"])
        self.dates.offer(DATE_LABELS.items())
        self.group.offer(GROUP_LABELS.items())

    def validate_since(self, field: Any) -> None:
        typed_day(field.data)

    def validate_until(self, field: Any) -> None:
        typed_day(field.data)
        if self.since.data and field.data and not self.since.errors and field.data < self.since.data:
            raise ValidationError("The period ends before it starts. Swap the two days.")

    def wanted(self) -> Wanted:
        """The question to the list. Only of a valid form."""
        days: dict[str, Any] = {"since": typed_day(self.since.data), "until": typed_day(self.until.data)}
        others = (field for field in self if field.name not in (*days, "group"))
        return Wanted(**{field.name: field.data or field.default for field in others}, **days)


class RowsField(SelectMultipleField):
    """The ticked rows. Data: a list of Ticked, each action once."""

    def process_formdata(self, valuelist: list[str]) -> None:
        found = [_ROW.fullmatch(value) for value in valuelist]
        if None in found:
            raise ValueError("Tick the actions on the page.")
        rows = {int(each[1]): Ticked(int(each[1]), int(each[2])) for each in found if each}
        self.data = list(rows.values())

    def pre_validate(self, form: Any) -> None:
        return


class BulkForm(BaseForm):
    """One change of all ticked rows. `change` is the button that was pressed; each has a field of its own.

    A row is sent as `<number>:<version>`: what somebody else changed meanwhile is not overwritten.
    """

    change = LineField("Change", max_length=20)
    # The filters on the same page have the plain names for ids.
    reason = LineField("Why?", id="bulk-reason", max_length=MAX_LENGTHS["status_reason"])
    due_on = DayField("New due date", id="bulk-due_on", validators=[Optional()])
    owner = PersonField("New owner", id="bulk-owner", blank="Name or e-mail address")
    status = OneField("New status", id="bulk-status", blank="Choose a status")
    row = RowsField("Actions", id="bulk-row")

    def offer(self, people: Iterable[tuple[str, str]]) -> None:
        """Fill the choices."""
        self.owner.offer(people)
        self.status.offer((key.value, label) for key, label in ACTION_STATUS_LABELS.items())

    def values(self) -> dict[str, Any]:
        """The one field to change. Raises Refused with what is missing. Only of a valid form."""
        if self.change.data not in CHANGES:
            raise Refused(
                "Choose what to do with the ticked actions: re-date, hand over, or change the status."
            )
        field = self._fields[self.change.data]
        if not field.data:
            raise Refused(CHANGES[self.change.data], field=field.name)
        return {field.name: field.data}


class SavedViewForm(CreateForm):
    """A name for a question to the list."""

    name = LineField("Name", max_length=100, validators=[required("Give it a name.")])
    is_shared = BooleanField(
        "Share it with everybody",
        description="Everybody finds what they may see themselves, and no more.",
    )


class EditSavedViewForm(EditForm):
    """Another name for a saved view, or another circle."""

    name = LineField("Name", max_length=100, validators=[required("Give it a name.")])
    is_shared = BooleanField("Share it with everybody")
