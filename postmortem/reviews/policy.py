"""Which write-ups need a review, by how many approvals, and what the checklist asks. Pure.

The severity "" stands for write-ups about no incident, and about incidents that are not rated.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from postmortem.incidents.enums import SEVERITY_LABELS, Severity
from postmortem.reviews.enums import Need

SEVERITIES: Mapping[str, str] = {
    **{severity.value: label for severity, label in SEVERITY_LABELS.items()},
    "": "No severity",
}
MOST_APPROVALS = 9
MOST_QUESTIONS = 15


@dataclass(frozen=True)
class Rule:
    """What is asked of one severity."""

    need: Need
    approvals: int


@dataclass(frozen=True)
class Policy:
    """What admins decided. `rules` has every severity."""

    rules: Mapping[str, Rule]
    checklist: tuple[str, ...]

    def for_severities(self, severities: Iterable[Severity | None]) -> tuple[str, Rule]:
        """The severity whose rule applies, the worst of these, and the rule."""
        rated = sorted(severity.value for severity in severities if severity)
        worst = rated[0] if rated else ""
        return worst, self.rules[worst]


AS_SHIPPED = Policy(
    rules={
        severity: Rule(
            Need.RECOMMENDED if severity in (Severity.SEV1, Severity.SEV2) else Need.NONE, approvals=1
        )
        for severity in SEVERITIES
    },
    checklist=(
        "Would everybody who took part find their part told fairly?",
        "Does it say why each decision looked right at the time?",
        "Can somebody from another team follow what happened, and what it meant for those affected?",
        "Does it name several things that contributed, also what went well and where we were lucky?",
        "Does each action say what would be different once it is done, and who answers for it?",
    ),
)
