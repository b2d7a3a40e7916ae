"""Changing the policy of reviews, and going back to it as shipped. One history entry for each change."""

from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Actor, Changes, record
from postmortem.reviews.enums import NEED_LABELS
from postmortem.reviews.models import ReviewPolicy
from postmortem.reviews.policy import AS_SHIPPED, MOST_APPROVALS, MOST_QUESTIONS, SEVERITIES, Policy
from postmortem.reviews.queries import ONLY_ROW, policy_or_as_shipped, stored_policy

MAX_QUESTION = 200


def set_policy(session: Session, policy: Policy, *, version: int, actor: Actor) -> None:
    """Decide the policy. `version` is 0 for who saw it as shipped; saying it again changes nothing.

    Raises Conflict for a stale version, Refused for numbers and questions that cannot be.
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


def policy_values(policy: Policy) -> dict[str, Any]:
    """A policy as its row has it."""
    return {
        "needs": {severity: rule.need.value for severity, rule in policy.rules.items()},
        "approvals": {severity: rule.approvals for severity, rule in policy.rules.items()},
        "checklist": list(policy.checklist),
    }


def _save(session: Session, row: ReviewPolicy | None, policy: Policy, verb: str, actor: Actor) -> bool:
    before = policy_or_as_shipped(row)
    if policy == before:
        return False
    values = policy_values(policy)
    if row is None:
        row = ReviewPolicy(id=ONLY_ROW, **values)
        session.add(row)
        try:
            session.flush()
        except IntegrityError as error:
            raise Conflict from error
    else:
        # Not set_fields, for which lists in another order are the same.
        for name, value in values.items():
            setattr(row, name, value)
    record(session, verb, row, actor=actor, changes=_changes(before, policy))
    return True


def _check(policy: Policy) -> None:
    for severity, rule in policy.rules.items():
        if not 1 <= rule.approvals <= MOST_APPROVALS:
            raise Refused(
                f"Enter a number of approvals from 1 to {MOST_APPROVALS}.",
                field=f"approvals_{severity or 'none'}",
            )
    if len(policy.checklist) > MOST_QUESTIONS:
        raise Refused(f"Ask at most {MOST_QUESTIONS} questions.", field="checklist")
    if any(len(question) > MAX_QUESTION for question in policy.checklist):
        raise Refused(f"Keep each question within {MAX_QUESTION} characters.", field="checklist")


def _changes(before: Policy, after: Policy) -> Changes:
    """What differs, rules in words by severity."""
    changes: Changes = {}
    differing = [severity for severity in SEVERITIES if before.rules[severity] != after.rules[severity]]
    if differing:
        changes["rules"] = [[_in_words(each, severity) for severity in differing] for each in (before, after)]
    if before.checklist != after.checklist:
        changes["questions"] = [list(before.checklist), list(after.checklist)]
    return changes


def _in_words(policy: Policy, severity: str) -> str:
    rule = policy.rules[severity]
    return f"{SEVERITIES[severity]}: {NEED_LABELS[rule.need].lower()}, approvals {rule.approvals}"
