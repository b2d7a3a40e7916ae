"""Adding, changing and switching receivers, and replaying what they missed.

Address and secret are as good as passwords: history names the host at most.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.operations import checked_name
from postmortem.config_parts import WebhookAllow
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Actor, Changes, created, record, set_fields
from postmortem.notifications.addresses import check_url
from postmortem.notifications.enums import ReceiverKind
from postmortem.notifications.models import NotificationChoice, Receiver
from postmortem.notifications.queries_receivers import is_test_waiting, receivers_of
from postmortem.notifications.receivers import host_of, lane_of
from postmortem.notifications.signing import new_secret, replacing
from postmortem.outbox import lanes
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.operations import owe

DELETED = "Its receiver was deleted."
SWITCHED_OFF = "Its receiver was switched off."
# All receivers share the worker's threads: nobody takes them all with receivers that hang.
MOST_OWN, MOST_OF_SITE = 10, 100


def add_receiver(
    session: Session,
    values: Mapping[str, Any],
    *,
    kind: ReceiverKind,
    allow: WebhookAllow,
    person: Person | None,
    actor: Actor,
) -> Receiver:
    """Add a receiver, the person's own or with None the site's. Refuses an address where no call may go, and too many.

    `values` are name, url and, of the site's, events and team. A webhook gets a secret; its maker sees it once.
    """
    check_url(values["url"], allow)
    _check_room(session, person)
    receiver = Receiver(
        **{**values, "name": checked_name(values["name"])},
        kind=kind,
        secret=new_secret() if kind is ReceiverKind.WEBHOOK else "",
        person_id=person.id if person else None,
        is_active=True,
        failures=0,
        created_by_id=actor.id,
        created_at=clock.now(),
    )
    session.add(receiver)
    session.flush()
    changes = created(receiver, ("kind", "name", "team", "events", "is_active", "person"))
    record(
        session, "added", receiver, actor=actor, changes={**changes, "host": [None, host_of(receiver.url)]}
    )
    return receiver


def edit_receiver(
    session: Session,
    receiver: Receiver,
    values: Mapping[str, Any],
    *,
    allow: WebhookAllow,
    version: int | None,
    actor: Actor,
) -> None:
    """Change a receiver's fields; an address that is blank or missing stays. Raises Conflict for a stale version."""
    if version != receiver.version:
        raise Conflict
    values = dict(values)
    url = values.pop("url", "")
    if "name" in values:
        values["name"] = checked_name(values["name"])
    moved: Changes = {}
    if url and url != receiver.url:
        check_url(url, allow)
        before, after = host_of(receiver.url), host_of(url)
        # On the same host only the secret part is another; that much is said.
        moved = {"host": [before, after]} if before != after else {"address": [None, "changed"]}
        set_fields(receiver, {"url": url})
    if changes := {**set_fields(receiver, values), **moved}:
        record(session, "edited", receiver, actor=actor, changes=changes)


def rotate_secret(session: Session, receiver: Receiver, *, actor: Actor) -> str:
    """Give a webhook a new secret; calls are signed with the one before as well for a day. Returns the new one, to
    be shown this once."""
    if receiver.kind is not ReceiverKind.WEBHOOK:
        raise Refused("Only a signed webhook has a secret. Give this one a new address instead.")
    secret = new_secret()
    set_fields(receiver, {"secret": replacing(receiver.secret, secret, clock.now())})
    record(session, "rotated the secret of", receiver, actor=actor)
    return secret


def switch_off(session: Session, receiver: Receiver, *, actor: Actor) -> None:
    """Call it no more. What waits is given up and can be replayed; what happens from now on is not kept for it."""
    values = {"is_active": False, "switched_off_at": None, "switched_off_reason": ""}
    if changes := set_fields(receiver, values):
        record(session, "switched off", receiver, actor=actor, changes=changes)
        lanes.hold(session, lane_of(receiver.id), SWITCHED_OFF)


def switch_on(session: Session, receiver: Receiver, *, actor: Actor) -> None:
    """Call it again from now on; what it missed is replayed by hand."""
    values = {"is_active": True, "switched_off_at": None, "switched_off_reason": ""}
    if changes := set_fields(receiver, values):
        set_fields(receiver, {"failures": 0, "failing_since": None})
        record(session, "switched on", receiver, actor=actor, changes=changes)


def replay(session: Session, receiver: Receiver, *, actor: Actor) -> int:
    """Call it anew with all that was given up, under the same ids; returns how many that are."""
    if not receiver.is_active:
        raise Refused("This receiver is switched off. Switch it on first.")
    count = lanes.replay(session, lane_of(receiver.id))
    if count:
        record(session, "replayed the calls of", receiver, actor=actor, changes={"calls": [None, count]})
    return count


def send_test_call(session: Session, receiver: Receiver, *, actor: Actor) -> None:
    """Owe it a call that says nothing but that calls arrive; also while it is switched off, to see whether it works.

    While one waits there is nothing to do: nobody makes this site call somebody as often as they can press a button.
    """
    if is_test_waiting(session, receiver):
        return
    record(session, "sent a test call to", receiver, actor=actor)
    payload = {
        "receiver_id": receiver.id,
        "receiver": receiver.name,
        "person_id": receiver.person_id,
        "news": None,
    }
    owe(session, DeliveryKind.NEWS_CALL, payload, lane=lane_of(receiver.id))


def _check_room(session: Session, person: Person | None) -> None:
    there = len(receivers_of(session, person.id if person else None))
    if there >= (MOST_OWN if person else MOST_OF_SITE):
        whose = "You have" if person else "This site has"
        raise Refused(f"{whose} {there} receivers already. Delete one that nobody needs any more.")


def delete_receiver(session: Session, receiver: Receiver, *, actor: Actor) -> None:
    """Take it out of use for good. What its owner got there goes by e-mail again."""
    changes = set_fields(receiver, {"is_active": False})
    set_fields(receiver, {"deleted_at": clock.now(), "url": "", "secret": ""})
    lanes.hold(session, lane_of(receiver.id), DELETED)
    session.execute(
        update(NotificationChoice)
        .where(NotificationChoice.receiver_id == receiver.id)
        .values(receiver_id=None)
    )
    record(session, "deleted", receiver, actor=actor, changes=changes)
