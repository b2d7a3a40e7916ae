"""Telling people: what operations of the nouns call, in their own transaction."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.history.operations import Actor
from postmortem.notifications.enums import Event
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.operations import owe


def tell(
    session: Session,
    event: Event,
    subject: Any,
    *,
    actor: Actor,
    to: Iterable[Person | int] = (),
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Owe the news that something happened to a record (flushed: it has its id), to these people and its audience.

    Nobody is told of what they did themselves. Who may see it is asked when it is delivered. Inside `quietly`
    nothing is owed.
    """
    if session.info.get("is_quiet"):
        return
    ids = {person.id if isinstance(person, Person) else person for person in to}
    owe(
        session,
        DeliveryKind.NEWS,
        {
            "event": event.value,
            "subject_type": subject.__tablename__,
            "subject_id": subject.id,
            "actor_id": actor.id,
            "actor_name": actor.name if actor.id else "",
            "to": sorted(ids - {actor.id}),
            "facts": dict(facts or {}),
        },
    )


@contextmanager
def quietly(session: Session) -> Iterator[None]:
    """Tell nobody: for imports and samples, whose records are old news."""
    before = session.info.get("is_quiet", False)
    session.info["is_quiet"] = True
    try:
        yield
    finally:
        session.info["is_quiet"] = before
