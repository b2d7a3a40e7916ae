"""Forms of the meeting of a review: planning and changing it, calling it off."""

from typing import Any

from wtforms import IntegerField
from wtforms.validators import InputRequired, ValidationError

from postmortem.errors import Refused
from postmortem.reviews.operations_meeting import LONGEST, NONE_PLANNED, PLACE_MAX, SHORTEST, Plan
from postmortem.web.forms import BaseForm, EditForm, LineField
from postmortem.web.moments import FoldField, LocalDateTimeField, TimezoneField


def _can_be_planned(_form: BaseForm, field: IntegerField) -> None:
    # Not NumberRange, which cannot bear a number of hundreds of digits.
    if field.data is not None and not SHORTEST <= field.data <= LONGEST:
        raise ValidationError(f"Plan between {SHORTEST} and {LONGEST} minutes.")


class MeetingForm(EditForm):
    """When and where. `version` is that of the meeting that is planned, 0 while there is none."""

    starts_at = LocalDateTimeField(
        "Day and time", validators=[InputRequired("Enter when it begins, like 2026-03-09T14:05.")]
    )
    starts_at_fold = FoldField()
    timezone = TimezoneField("Time zone", description="Each guest sees the time in their own.")
    minutes = IntegerField(
        "Minutes", default=60, validators=[InputRequired("Say how many minutes it takes."), _can_be_planned]
    )
    place = LineField("Place", max_length=PLACE_MAX, description="A room, or the address of a call.")

    def validate_starts_at(self, field: Any) -> None:
        if field.is_day and field.data is not None:
            raise ValidationError("Enter a time beside the day, like 2026-03-09T14:05.")

    def plan(self) -> Plan:
        """What was typed. Raises Refused for a blank time."""
        if self.starts_at.data is None:
            raise Refused("Enter when it begins, like 2026-03-09T14:05.", field="starts_at")
        return Plan(
            starts_at=self.starts_at.data,
            minutes=self.minutes.data or 0,
            timezone=self.timezone.data or "",
            place=self.place.data or "",
        )


def fresh_form(meeting: Any, timezone: str) -> MeetingForm:
    """The form of the meeting that is planned, or of a new one."""
    if meeting is None:
        return MeetingForm(data={"version": NONE_PLANNED, "timezone": timezone}, formdata=None)
    return MeetingForm(obj=meeting, formdata=None)


class CancelForm(EditForm):
    """Calls off the meeting of this version."""
