"""What else is to happen when an incident gets an action: nouns above this one say so here.

It happens in the transaction that adds the action, or brings a deleted one back.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from postmortem.history.operations import Actor

Follows = Callable[[Session, int, Actor], None]
_follows: list[Follows] = []


def when_added(follows: Follows) -> Follows:
    """Register what follows; called with the session, the incident's number and who acts."""
    _follows.append(follows)
    return follows


def has_added(session: Session, incident_id: int, *, actor: Actor) -> None:
    """An incident has got an action: do what follows. Called by the operations, once the row is written."""
    for follows in _follows:
        follows(session, incident_id, actor)
