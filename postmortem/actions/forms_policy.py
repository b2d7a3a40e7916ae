"""The form of the policy of follow-up: a table of days, ticks and four numbers."""

from typing import Any

from wtforms import IntegerField
from wtforms.fields import SelectChoice
from wtforms.validators import NumberRange, Optional, StopValidation

from postmortem.actions.enums import ACTION_KIND_LABELS, ActionKind
from postmortem.actions.operations_policy import BOUNDS
from postmortem.actions.policy import Policy
from postmortem.actions.queries_policy import NOT_RATED, OTHER_KINDS
from postmortem.incidents.enums import SEVERITY_LABELS, Severity
from postmortem.web.forms import EditForm, PickField, required

SEVERITIES = {each: SEVERITY_LABELS[each] if each else "Not rated" for each in (*Severity, None)}
KINDS = {each: ACTION_KIND_LABELS[each] if each else "Usual" for each in (None, *ActionKind)}


# Nothing beyond is compared with the bounds: comparing cannot bear a number of hundreds of digits.
LONGEST = 100_000


class DaysField(IntegerField):
    """A whole number of days within bounds. `may_be_blank`: then the usual number counts."""

    def __init__(self, label: str, name_of_bounds: str, *, may_be_blank: bool = False, **kwargs: Any) -> None:
        least, most = BOUNDS[name_of_bounds]
        self.sentence = f"Enter a number of days from {least} to {most}."
        first = Optional() if may_be_blank else required(self.sentence)
        kwargs["render_kw"] = {"min": least, "max": most, "inputmode": "numeric"}
        super().__init__(label, validators=[first, NumberRange(least, most, self.sentence)], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist and not valuelist[0].strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError("Enter a whole number of days.") from error
        if self.data is not None and abs(self.data) > LONGEST:
            raise ValueError(self.sentence)

    def pre_validate(self, form: Any) -> None:
        """What is no number has that sentence alone, not that of a blank one beside it."""
        if self.process_errors:
            raise StopValidation()


def due_name(severity: Severity | None, kind: ActionKind | None) -> str:
    """The field of one cell of the table."""
    return f"due_{severity or NOT_RATED}_{kind or OTHER_KINDS}"


class PolicyForm(EditForm):
    """The policy; the fields of the table are added below, one for each severity and kind."""

    needs_action = PickField(
        "These need an action, or a reason why none is needed",
        choices=[SelectChoice(severity.value, label) for severity, label in SEVERITY_LABELS.items()],
        description="Until then the incident says so, and stands under “Incidents without follow-up”.",
    )
    verification_days = DaysField(
        "Verify after, in days",
        "verification_days",
        description="From the day on which an action is done to the day on which somebody checks whether it worked.",
    )
    soak_working_days = DaysField(
        "An idea can become an action after, in working days",
        "soak_working_days",
        description="Saturdays and Sundays do not count. 0: at once. Earlier it takes a reason.",
    )
    stale_days = DaysField(
        "Stale after, in days",
        "stale_days",
        description="An open action about which nobody did anything for so long.",
    )
    due_soon_days = DaysField(
        "Due soon within, in days", "due_soon_days", description="From so many days before the due date on."
    )

    @classmethod
    def of(cls, policy: Policy, version: int, **kwargs: Any) -> "PolicyForm":
        """The form as it stands now. A kind that has the usual number is left blank."""
        values: dict[str, Any] = {
            due_name(severity, kind): policy.days[severity].get(kind)
            for severity in SEVERITIES
            for kind in KINDS
        }
        numbers = ("verification_days", "soak_working_days", "stale_days", "due_soon_days")
        values |= {name: getattr(policy, name) for name in numbers}
        needed = [severity.value for severity in sorted(policy.needs_action)]
        return cls(needs_action=needed, version=version, **values, **kwargs)

    def policy(self) -> Policy:
        """What was entered."""
        return Policy(
            days={severity: self._days(severity) for severity in SEVERITIES},
            needs_action=frozenset(map(Severity, self.needs_action.data or [])),
            verification_days=self.verification_days.data or 0,
            soak_working_days=self.soak_working_days.data or 0,
            stale_days=self.stale_days.data or 0,
            due_soon_days=self.due_soon_days.data or 0,
        )

    def rows(self) -> list[tuple[str, list[Any]]]:
        """The table: a severity's label and its fields, by kind."""
        return [
            (label, [self[due_name(severity, kind)] for kind in KINDS])
            for severity, label in SEVERITIES.items()
        ]

    def _days(self, severity: Severity | None) -> dict[ActionKind | None, int]:
        usual = self[due_name(severity, None)].data or 0
        entered = {kind: self[due_name(severity, kind)].data for kind in ActionKind}
        return {None: usual, **{kind: days for kind, days in entered.items() if days not in (None, usual)}}


for _severity, _severity_label in SEVERITIES.items():
    for _kind, _kind_label in KINDS.items():
        _field = DaysField(
            f"{_severity_label}, {_kind_label.lower()}", "due_days", may_be_blank=_kind is not None
        )
        setattr(PolicyForm, due_name(_severity, _kind), _field)
