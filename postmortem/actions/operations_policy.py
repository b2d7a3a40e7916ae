"""Changing the policy of follow-up, and going back to it as shipped. One history entry for each change."""

from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from postmortem.actions.models_around import ActionPolicy
from postmortem.actions.policy import AS_SHIPPED, Days, Policy
from postmortem.actions.queries_policy import (
    NOT_RATED,
    ONLY_ROW,
    OTHER_KINDS,
    policy_changed,
    policy_or_as_shipped,
    stored_policy,
)
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Actor, Changes, record, set_fields
from postmortem.incidents.enums import SEVERITY_LABELS, Severity

# Days, or for the soak time working days: least and most.
BOUNDS = {
    "due_days": (1, 730),
    "verification_days": (1, 365),
    "soak_working_days": (0, 20),
    "stale_days": (1, 365),
    "due_soon_days": (1, 60),
}
NUMBERS = ("verification_days", "soak_working_days", "stale_days", "due_soon_days")


def set_policy(session: Session, policy: Policy, *, version: int, actor: Actor) -> None:
    """Decide the policy. `version` is 0 for who saw it as shipped; what saying it again changes nothing leaves no trace.

    Raises Conflict for a stale version, Refused (with the field) for a number out of bounds.
    """
    _check(policy)
    row = stored_policy(session)
    if (row.version if row else 0) != version:
        raise Conflict
    _save(session, row, policy, "edited", actor)


def reset_policy(session: Session, *, actor: Actor) -> bool:
    """Everything as shipped again; says whether anything was different."""
    row = stored_policy(session)
    return row is not None and _save(session, row, AS_SHIPPED, "reset", actor)


def _save(session: Session, row: ActionPolicy | None, policy: Policy, verb: str, actor: Actor) -> bool:
    """Write what differs and record it; the days in words, by severity."""
    before = policy_or_as_shipped(row)
    if policy == before:
        return False
    policy_changed(session)
    values = policy_values(policy)
    if row is None:
        row = ActionPolicy(id=ONLY_ROW, **values)
        session.add(row)
        try:
            session.flush()
        except IntegrityError as error:
            raise Conflict from error
    else:
        set_fields(row, values)
    record(session, verb, row, actor=actor, changes=_changes(before, policy))
    return True


def _check(policy: Policy) -> None:
    for severity, of_severity in policy.days.items():
        for kind, days in of_severity.items():
            _in_bounds("due_days", days, f"due_{severity or NOT_RATED}_{kind or OTHER_KINDS}")
    for name in NUMBERS:
        _in_bounds(name, getattr(policy, name), name)


def _in_bounds(name: str, value: int, field: str) -> None:
    least, most = BOUNDS[name]
    if not least <= value <= most:
        raise Refused(f"Enter a number of days from {least} to {most}.", field=field)


def policy_values(policy: Policy) -> dict[str, Any]:
    """A policy as its row has it."""
    days = {
        str(severity or NOT_RATED): {str(kind or OTHER_KINDS): number for kind, number in of_severity.items()}
        for severity, of_severity in policy.days.items()
    }
    numbers = {name: getattr(policy, name) for name in NUMBERS}
    return {"due_days": days, "needs_action": sorted(policy.needs_action), **numbers}


def _changes(before: Policy, after: Policy) -> Changes:
    changes: Changes = {}
    old, new = _in_words(before.days), _in_words(after.days)
    if differing := [severity for severity in new if old[severity] != new[severity]]:
        changes["days_until_due"] = [[each[severity] for severity in differing] for each in (old, new)]
    if before.needs_action != after.needs_action:
        changes["needs_action"] = [sorted(before.needs_action), sorted(after.needs_action)]
    for name in NUMBERS:
        if (was := getattr(before, name)) != (now := getattr(after, name)):
            changes[name] = [was, now]
    return changes


def _in_words(days: Days) -> dict[Severity | None, str]:
    """`SEV 1: 15, investigate 8, mitigate 8`, by severity."""
    found = {}
    for severity, of_severity in days.items():
        others = "".join(f", {kind.value} {number}" for kind, number in of_severity.items() if kind)
        label = SEVERITY_LABELS[severity] if severity else "Not rated"
        found[severity] = f"{label}: {of_severity[None]}{others}"
    return found
