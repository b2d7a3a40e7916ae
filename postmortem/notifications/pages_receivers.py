"""What the pages of receivers show: the same for the site's and for a person's own."""

from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for

from postmortem.notifications.enums import RECEIVER_KIND_LABELS, ReceiverKind
from postmortem.notifications.forms_receivers import SITE_EVENT_LABELS
from postmortem.notifications.models import Receiver
from postmortem.notifications.receivers import host_of
from postmortem.outbox.models import OutboxMessage


@dataclass(frozen=True)
class Place:
    """Where these pages stand: the name of their blueprint, and whether they are a person's own."""

    name: str
    is_own: bool

    def url(self, endpoint: str, **values: Any) -> str:
        return url_for(f"{self.name}.{endpoint}", **values)


SITE, OWN = Place("receivers", False), Place("own_receivers", True)


def row(receiver: Receiver) -> dict[str, Any]:
    """A receiver as a page shows it, without what is secret."""
    return {
        "id": receiver.id,
        "name": receiver.name,
        "kind": RECEIVER_KIND_LABELS[receiver.kind],
        "host": host_of(receiver.url),
        "has_secret": receiver.kind is ReceiverKind.WEBHOOK,
        "team": receiver.team,
        "events": [label for event, label in SITE_EVENT_LABELS.items() if event.value in receiver.events],
        "is_active": receiver.is_active,
        "switched_off_at": receiver.switched_off_at,
        "switched_off_reason": receiver.switched_off_reason,
        "failures": receiver.failures,
        "failing_since": receiver.failing_since,
        "last_delivered_at": receiver.last_delivered_at,
    }


def call_row(message: OutboxMessage) -> dict[str, Any]:
    """A call that is owed, by what it is about."""
    news = message.payload.get("news")
    return {
        "message": message,
        "event": SITE_EVENT_LABELS.get(news["event"], news["event"]) if news else "Test call",
    }


def secret_page(place: Place, receiver: Receiver, secret: str, *, is_new: bool) -> str:
    """The page that shows a secret this once."""
    return render_template(
        "notifications/receivers/secret.html",
        place=place,
        receiver=row(receiver),
        secret=secret,
        is_new=is_new,
    )
