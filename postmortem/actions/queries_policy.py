"""The policy of follow-up that holds now: what admins decided, or as shipped."""

from sqlalchemy.orm import Session

from postmortem.actions.enums import ActionKind
from postmortem.actions.models_around import ActionPolicy
from postmortem.actions.policy import AS_SHIPPED, Policy
from postmortem.incidents.enums import Severity

# How `ActionPolicy.due_days` spells what has no name.
NOT_RATED = "none"
OTHER_KINDS = "other"
ONLY_ROW = 1
# In a session: its transaction, and the policy that was read in it.
_KEPT = "policy of actions"


def stored_policy(session: Session) -> ActionPolicy | None:
    """The row that admins change, or None where everything is as shipped."""
    return session.get(ActionPolicy, ONLY_ROW)


def current_policy(session: Session) -> Policy:
    """What holds now. One read by primary key in a transaction, however often it is asked."""
    kept = session.info.get(_KEPT)
    if kept is not None and kept[0] is session.get_transaction():
        policy: Policy = kept[1]
        return policy
    policy = policy_or_as_shipped(stored_policy(session))
    session.info[_KEPT] = (session.get_transaction(), policy)
    return policy


def policy_changed(session: Session) -> None:
    """From here on `current_policy` reads it again, in the same transaction too."""
    session.info.pop(_KEPT, None)


def policy_or_as_shipped(row: ActionPolicy | None) -> Policy:
    """What a stored row says, or what holds where there is none."""
    return policy_of(row) if row else AS_SHIPPED


def policy_of(row: ActionPolicy) -> Policy:
    """A stored row as a value."""
    return Policy(
        days={
            None if severity == NOT_RATED else Severity(severity): {
                None if kind == OTHER_KINDS else ActionKind(kind): days for kind, days in of_severity.items()
            }
            for severity, of_severity in row.due_days.items()
        },
        needs_action=frozenset(map(Severity, row.needs_action)),
        verification_days=row.verification_days,
        soak_working_days=row.soak_working_days,
        stale_days=row.stale_days,
        due_soon_days=row.due_soon_days,
    )
