"""Owing somebody a link to set a password. The link is made when it is delivered: no secret lies in the outbox."""

from datetime import timedelta

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.errors import Refused
from postmortem.history.operations import Actor, record
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.operations import owe

# How long a link works that somebody asked for without signing in.
RESET_LIFE = timedelta(minutes=30)
# Whoever asked so long ago has given up; a link out of the blue would only worry them.
RESET_WORTH = timedelta(hours=1)


def ask_for_reset(session: Session, email: str, *, browser: str) -> None:
    """Owe a link to whoever has this address, if anybody has: that is found out later, so that nobody learns it now.

    `browser` is the name of the browser that asked, for the person to recognise.
    """
    owe(session, DeliveryKind.PASSWORD_RESET, {"email": email.strip().lower(), "browser": browser[:60]})


def owe_invitation(session: Session, person: Person, *, actor: Actor) -> None:
    """Owe a person a mail with a link to set their password. Refuses for a deactivated person."""
    if not person.is_active:
        raise Refused(f"{person.name} is deactivated. Reactivate the account first, then make a link.")
    record(session, "sent a password link to", person, actor=actor)
    owe(session, DeliveryKind.INVITATION, {"person_id": person.id, "invited_by": actor.name})
