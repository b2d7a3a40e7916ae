"""Choosing what one is told, when and where; following; leaving by a link. Each leaves one history entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from postmortem import clock
from postmortem.accounts.models import Person, Service, Team
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Actor, Changes, record
from postmortem.notifications import queries
from postmortem.notifications.enums import EVENT_LABELS, NEWS_EVENTS, PACE_LABELS, USUAL_PACE, Event, Pace
from postmortem.notifications.models import (
    Follow,
    NewsItem,
    NotificationChoice,
    NotificationSettings,
    Receiver,
)
from postmortem.notifications.unsubscribing import What
from postmortem.tags.models import Tag

AS_SHIPPED: Mapping[str, Any] = {
    "quiet_from": None,
    "quiet_until": None,
    "is_quiet_on_weekends": False,
    "digest_at": "08:00",
    "digest_weekday": 0,
}
MOST_FOLLOWED = 200


@dataclass(frozen=True)
class Chosen:
    """What somebody wants for one event; `receiver_id` is a receiver of their own in place of e-mail."""

    pace: Pace
    receiver_id: int | None = None


class _Notifications:
    """What entries are about: a person's notifications, whether they have a row of settings or not."""

    __tablename__ = "notification_settings"

    def __init__(self, person: Person) -> None:
        self.id = person.id
        self.history_label = f"notifications of {person.name}"


def save_choices(
    session: Session,
    person: Person,
    chosen: Mapping[Event, Chosen],
    values: Mapping[str, Any],
    *,
    version: int,
    actor: Actor,
) -> None:
    """Keep what this person chose. `version` is that of their settings, 0 where they had none yet.

    Raises Conflict where somebody saved since, Refused for times that cannot be and a receiver that is not theirs.
    """
    settings = session.get(NotificationSettings, person.id, with_for_update=True)
    if (settings.version if settings else 0) != version:
        raise Conflict
    _check(values)
    own = {receiver.id for receiver in queries.own_receivers(session, person.id)}
    if any(each.receiver_id is not None and each.receiver_id not in own for each in chosen.values()):
        raise Refused("Choose one of your own receivers, or e-mail.")
    changes = _set_settings(session, person, settings, values) | _set_choices(session, person, chosen)
    if changes:
        record(session, "chose", _Notifications(person), actor=actor, changes=changes)


def turn_off(session: Session, person: Person, what: What, *, actor: Actor) -> None:
    """No more mails of this event, or no more of this digest: of all that would come in it. Twice is as once."""
    now = {event: _as_is(choice) for event, choice in queries.choices_of(session, person.id).items()}
    events = [what] if isinstance(what, Event) else _told_in(session, person, what, now)
    chosen = {event: Chosen(Pace.NEVER) for event in events}
    if changes := _set_choices(session, person, chosen):
        record(session, "unsubscribed", _Notifications(person), actor=actor, changes=changes)


def follow(session: Session, person: Person, thing: Tag | Service | Team, *, actor: Actor) -> None:
    """From now on this person is told of it. Following twice is as once."""
    kind = _kind(thing)
    if queries.does_follow(session, person, kind, thing.id):
        return
    if len(queries.follows_of(session, person)) >= MOST_FOLLOWED:
        raise Refused(f"You follow {MOST_FOLLOWED} things already. Stop following something first.")
    session.add(Follow(person_id=person.id, created_at=clock.now(), **{f"{kind}_id": thing.id}))
    changes = {"follows": [None, f"{kind} {thing.name}"]}
    record(session, "followed", _Notifications(person), actor=actor, changes=changes)


def unfollow(session: Session, person: Person, thing: Tag | Service | Team, *, actor: Actor) -> None:
    """No more news of it. Where nobody follows there is nothing to do."""
    kind = _kind(thing)
    column = getattr(Follow, f"{kind}_id")
    row = session.scalar(select(Follow).where(Follow.person_id == person.id, column == thing.id))
    if row is None:
        return
    session.delete(row)
    changes = {"follows": [f"{kind} {thing.name}", None]}
    record(session, "stopped following", _Notifications(person), actor=actor, changes=changes)


def _check(values: Mapping[str, Any]) -> None:
    start, until = values["quiet_from"], values["quiet_until"]
    if bool(start) != bool(until):
        field = "quiet_until" if start else "quiet_from"
        raise Refused("Give both ends of your quiet hours, or neither.", field=field)
    if start and start == until:
        raise Refused("Let your quiet hours end at another time than they begin.", field="quiet_until")


def _set_settings(
    session: Session, person: Person, settings: NotificationSettings | None, values: Mapping[str, Any]
) -> Changes:
    """The row counts a version up with every save, so that one knows that another came before."""
    before = {name: getattr(settings, name) if settings else AS_SHIPPED[name] for name in AS_SHIPPED}
    changes = {name: [before[name], values[name]] for name in AS_SHIPPED if before[name] != values[name]}
    if settings is None:
        session.add(NotificationSettings(person_id=person.id, **{**AS_SHIPPED, **values}))
        # Another save at the same moment makes its row first: this one is refused then.
        session.flush()
        return {name: [None, values[name]] for name in values if values[name]}
    for name in changes:
        setattr(settings, name, values[name])
    return changes


def _set_choices(session: Session, person: Person, chosen: Mapping[Event, Chosen]) -> Changes:
    """Also makes a new version of the settings: a form that was opened before is stale now."""
    rows = queries.choices_of(session, person.id)
    receivers = {receiver.id: receiver for receiver in queries.own_receivers(session, person.id)}
    changes: Changes = {}
    for event, wanted in chosen.items():
        row = rows.get(event)
        now = _as_is(row) if row else Chosen(USUAL_PACE[event])
        if wanted == now:
            continue
        changes[EVENT_LABELS[event]] = [
            _in_words(event, now, receivers),
            _in_words(event, wanted, receivers),
        ]
        if row is None:
            row = NotificationChoice(person_id=person.id, event=event.value)
            session.add(row)
        row.pace, row.receiver_id = wanted.pace, wanted.receiver_id
    if changes and (settings := session.get(NotificationSettings, person.id)):
        flag_modified(settings, "digest_at")
    return changes


def _told_in(session: Session, person: Person, digest: Pace, now: Mapping[Event, Chosen]) -> list[Event]:
    """The events that come in a digest: chosen so, or because more came at once than anybody wants."""
    chosen = [event for event in NEWS_EVENTS if now.get(event, Chosen(USUAL_PACE[event])).pace is digest]
    if chosen:
        return chosen
    rows = session.scalars(
        select(NewsItem.payload).where(NewsItem.person_id == person.id, NewsItem.pace == digest)
    )
    found = {payload["event"] for payload in rows}
    return [event for event in NEWS_EVENTS if event.value in found]


def _as_is(row: NotificationChoice) -> Chosen:
    return Chosen(row.pace, row.receiver_id)


def _in_words(event: Event, chosen: Chosen, receivers: Mapping[int, Receiver]) -> str:
    is_newsletter = event is Event.NEWSLETTER and chosen.pace is not Pace.NEVER
    words = "Once a week" if is_newsletter else PACE_LABELS[chosen.pace]
    if chosen.receiver_id is None:
        return words
    receiver = receivers.get(chosen.receiver_id)
    return f"{words}, {receiver.name if receiver else 'a receiver that is gone'}"


def _kind(thing: Tag | Service | Team) -> str:
    return type(thing).__name__.lower()
