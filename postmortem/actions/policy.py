"""When an action is due unless somebody knows better. Pure; the numbers are explained in docs/actions.md.

The days follow published service levels for follow-up work: 15 and 30 days for the two highest severities,
eight weeks for the rest. Work that other work waits for (finding out, lessening harm that goes on) gets half.
"""

from datetime import date, timedelta

from postmortem.actions.enums import ActionKind
from postmortem.incidents.enums import Severity

DAYS_BY_SEVERITY = {Severity.SEV1: 15, Severity.SEV2: 30, Severity.SEV3: 56, Severity.SEV4: 56}
# Nobody has said yet how bad it was: neither hurried nor forgotten.
DAYS_WITHOUT_SEVERITY = 30
HALVED = frozenset({ActionKind.INVESTIGATE, ActionKind.MITIGATE})
SATURDAY = 5


def proposed_days(severity: Severity | None, kind: ActionKind | None) -> int:
    """Days from the day an action is added to the day it is due; half days round up."""
    days = DAYS_BY_SEVERITY[severity] if severity else DAYS_WITHOUT_SEVERITY
    return (days + 1) // 2 if kind in HALVED else days


def proposed_due_on(severity: Severity | None, kind: ActionKind | None, from_day: date) -> date:
    """The proposed due date; one that falls on a weekend moves to the Monday after."""
    due = from_day + timedelta(days=proposed_days(severity, kind))
    return due + timedelta(days=7 - due.weekday()) if due.weekday() >= SATURDAY else due


def proposal_sentence(severity: Severity | None, from_day: date) -> str:
    """How the proposed date came about, for the hint beside the field."""
    days = proposed_days(severity, None)
    sooner = proposed_due_on(severity, ActionKind.INVESTIGATE, from_day)
    why = f"usual after a SEV {severity.value[-1]}" if severity else "usual while the severity is not rated"
    return (
        f"Proposed: {days} days from today, {why}. To investigate or to mitigate, half of that is usual: "
        f"{sooner.day} {sooner:%B %Y}. Change it freely, or leave it blank."
    )
