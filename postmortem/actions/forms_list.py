"""Forms of the list: its filters, saved views, and the change of many at once."""

from typing import Any

from wtforms import BooleanField
from wtforms.validators import ValidationError

from postmortem.actions.enums import ACTION_KIND_LABELS, ACTION_STATUS_LABELS, PRIORITY_LABELS
from postmortem.actions.listing import SHOW_LABELS, Wanted
from postmortem.actions.listing_groups import GROUP_LABELS
from postmortem.incidents.enums import Severity
from postmortem.web.days import typed_day
from postmortem.web.forms import BaseForm, LineField, OneField

_DAY = {"type": "date"}


class FilterForm(BaseForm):
    """What the list can be narrowed to, and how it is grouped; everything stands in the address.

    `overdue` is the older spelling of `show=overdue`, and stays good.
    """

    class Meta:
        csrf = False

    q = LineField("Find", max_length=200)
    show = OneField("Show", blank="Everything")
    status = OneField("Status", blank="Any status")
    owner = OneField("Owner", blank="Anybody")
    team = OneField("Team", blank="Any team")
    priority = OneField("Priority", blank="Any priority")
    kind = OneField("Kind", blank="Any kind")
    severity = OneField("Severity of the incident", blank="Any severity")
    service = OneField("Service of the incident", blank="Any service")
    since = LineField("Added from", max_length=10, render_kw=_DAY)
    until = LineField("Added until", max_length=10, render_kw=_DAY)
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
