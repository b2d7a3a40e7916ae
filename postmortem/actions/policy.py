"""When an action is due unless somebody knows better, and the other numbers of follow-up. Pure; see docs/actions.md.

As shipped, the days follow published service levels for follow-up work: 15 and 30 days for the two highest
severities, eight weeks for the rest. Work that other work waits for (finding out, lessening harm that goes on) gets
half. Admins change all of it; `queries_policy.current_policy` says what holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from postmortem.actions.enums import ActionKind
from postmortem.incidents.enums import Severity

SATURDAY = 5
# By severity (None: not rated), then by kind (None: any other, or not said).
Days = Mapping[Severity | None, Mapping[ActionKind | None, int]]


@dataclass(frozen=True)
class Policy:
    """What the site expects of follow-up.

    `needs_action` are the severities after which an action is needed, or a reason why none is.
    """

    days: Days
    needs_action: frozenset[Severity]
    verification_days: int
    soak_working_days: int
    stale_days: int
    due_soon_days: int

    def due_days(self, severity: Severity | None, kind: ActionKind | None) -> int:
        """Days from the day an action is added to the day it is due."""
        of_severity = self.days[severity]
        return of_severity.get(kind, of_severity[None])


def _with_halves(days: int) -> dict[ActionKind | None, int]:
    """Half days round up."""
    half = (days + 1) // 2
    return {None: days, ActionKind.INVESTIGATE: half, ActionKind.MITIGATE: half}


AS_SHIPPED = Policy(
    days={
        Severity.SEV1: _with_halves(15),
        Severity.SEV2: _with_halves(30),
        Severity.SEV3: _with_halves(56),
        Severity.SEV4: _with_halves(56),
        # Nobody has said yet how bad it was: neither hurried nor forgotten.
        None: _with_halves(30),
    },
    needs_action=frozenset({Severity.SEV1, Severity.SEV2}),
    verification_days=14,
    soak_working_days=2,
    stale_days=30,
    due_soon_days=7,
)


def proposed_due_on(
    policy: Policy, severity: Severity | None, kind: ActionKind | None, from_day: date
) -> date:
    """The proposed due date; one that falls on a weekend moves to the Monday after."""
    return _workday(from_day + timedelta(days=policy.due_days(severity, kind)))


def proposal_sentence(policy: Policy, severity: Severity | None, from_day: date) -> str:
    """How the proposed date came about, and what it would be for other kinds, for the hint beside the field."""
    days = policy.due_days(severity, None)
    after = f"after a SEV {severity.value[-1]}" if severity else "while the severity is not rated"
    others = _other_kinds(policy, severity, from_day)
    return (
        f"Proposed: {_days(days)} from today, usual {after}{_weekend(days, from_day)}."
        f"{' Usual ' if others else ''}{'; '.join(others)}{'.' if others else ''}"
        " Change it freely, or leave it blank."
    )


def soaked_on(policy: Policy, added_at: datetime) -> date:
    """The day from which an idea can become an action: so many working days later, weekends left out (UTC)."""
    day = added_at.date()
    for _ in range(policy.soak_working_days):
        day = _workday(day + timedelta(days=1))
    return day


def _workday(day: date) -> date:
    """The day itself, or the Monday after where it falls on a weekend."""
    return day + timedelta(days=7 - day.weekday()) if day.weekday() >= SATURDAY else day


def _other_kinds(policy: Policy, severity: Severity | None, from_day: date) -> list[str]:
    """`to investigate or to mitigate: 10 March 2026`, for each number of days that differs from the usual one."""
    usual = policy.due_days(severity, None)
    by_days: dict[int, list[str]] = {}
    for kind in ActionKind:
        if (days := policy.due_days(severity, kind)) != usual:
            by_days.setdefault(days, []).append(_to(kind))
    dated = (
        (_workday(from_day + timedelta(days=days)), days, kinds) for days, kinds in sorted(by_days.items())
    )
    return [f"{' or '.join(kinds)}: {_days(days)}, {day.day} {day:%B %Y}" for day, days, kinds in dated]


def _to(kind: ActionKind) -> str:
    return "for process" if kind is ActionKind.PROCESS else f"to {kind.value}"


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def _weekend(days: int, from_day: date) -> str:
    due = from_day + timedelta(days=days)
    return ", moved to the Monday after the weekend" if due.weekday() >= SATURDAY else ""
