"""The form of the policy of reviews: for each severity whether and how many, and the checklist, a question a line."""

from typing import Any

from wtforms import IntegerField
from wtforms.validators import StopValidation, ValidationError

from postmortem.reviews.enums import NEED_LABELS, Need
from postmortem.reviews.policy import MOST_APPROVALS, SEVERITIES, Policy, Rule
from postmortem.web.forms import ChoiceField, EditForm, TextField, required

SENTENCE = f"Enter a number of approvals from 1 to {MOST_APPROVALS}."


class ApprovalsField(IntegerField):
    """How many approvals; not NumberRange, which cannot bear a number of hundreds of digits."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        kwargs["render_kw"] = {"min": 1, "max": MOST_APPROVALS, "inputmode": "numeric"}
        super().__init__(label, validators=[required(SENTENCE)], **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(SENTENCE) from error

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation()
        if self.data is not None and not 1 <= self.data <= MOST_APPROVALS:
            raise ValidationError(SENTENCE)


class ReviewPolicyForm(EditForm):
    """The policy; the fields of each severity are added below."""

    checklist = TextField(
        "Questions",
        max_length=4_000,
        description="One a line. They are asked of each write-up, answered with yes or no and a note; they stop nobody.",
    )

    @classmethod
    def of(cls, policy: Policy, version: int, **kwargs: Any) -> "ReviewPolicyForm":
        """The form as it stands now."""
        values: dict[str, Any] = {}
        for severity, rule in policy.rules.items():
            values[f"need_{severity or 'none'}"] = rule.need
            values[f"approvals_{severity or 'none'}"] = rule.approvals
        return cls(checklist="\n".join(policy.checklist), version=version, **values, **kwargs)

    def policy(self) -> Policy:
        """What was entered. Only of a valid form."""
        rules = {
            severity: Rule(
                self[f"need_{severity or 'none'}"].data, self[f"approvals_{severity or 'none'}"].data
            )
            for severity in SEVERITIES
        }
        lines = [" ".join(line.split()) for line in (self.checklist.data or "").splitlines()]
        return Policy(rules, tuple(dict.fromkeys(line for line in lines if line)))

    def rows(self) -> list[tuple[str, Any, Any]]:
        """A severity's label, whether, and how many."""
        return [
            (label, self[f"need_{severity or 'none'}"], self[f"approvals_{severity or 'none'}"])
            for severity, label in SEVERITIES.items()
        ]


for _severity, _label in SEVERITIES.items():
    setattr(
        ReviewPolicyForm,
        f"need_{_severity or 'none'}",
        ChoiceField(f"{_label}: review", Need, NEED_LABELS, default=Need.NONE),
    )
    setattr(ReviewPolicyForm, f"approvals_{_severity or 'none'}", ApprovalsField(f"{_label}: approvals"))
