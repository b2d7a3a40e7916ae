"""Receivers for tests; committed at once."""

from typing import Any

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.config_parts import WebhookAllow
from postmortem.history.operations import CLI
from postmortem.notifications.enums import Event, ReceiverKind
from postmortem.notifications.models import Receiver
from postmortem.notifications.operations_receivers import add_receiver
from postmortem.notifications.receivers import host_of

URL = "https://hooks.example.com/s3cret-part"


def make_receiver(
    session: Session,
    name: str = "Our hook",
    *,
    kind: ReceiverKind = ReceiverKind.WEBHOOK,
    url: str = URL,
    of: Person | None = None,
    **values: Any,
) -> Receiver:
    """A receiver of the site, told of incidents, or one of a person's own. Any address will do."""
    if of is None:
        values.setdefault("events", [Event.INCIDENT_FILED.value])
    host = host_of(url).rpartition(":")[0] or host_of(url)
    receiver = add_receiver(
        session,
        {"name": name, "url": url, **values},
        kind=kind,
        allow=WebhookAllow(frozenset({host})),
        person=of,
        actor=CLI,
    )
    session.commit()
    return receiver
