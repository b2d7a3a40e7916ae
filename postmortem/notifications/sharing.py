"""Sharing news out: who is told, how soon, and over what. Asks the noun's teller whether each may see it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.notifications import queries
from postmortem.notifications.enums import USUAL_PACE, Event, Pace
from postmortem.notifications.models import NewsItem
from postmortem.notifications.receivers import from_payload, owe_call, owe_calls
from postmortem.notifications.stories import News, Story, Teller, teller_of
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.operations import owe
from postmortem.outbox.workplace import Delivery

# Nobody is sent more mails of this kind within an hour: what comes on top waits for a digest of the day.
MOST_AT_ONCE, WITHIN = 12, timedelta(hours=1)
# Whoever writes more texts than that within the hour calls nobody at once any more: one person makes no storm of mails.
MOST_TEXTS = 60


@dataclass(frozen=True)
class Share:
    """One person who is told: how soon, over which receiver of their own (None: by e-mail), not before when."""

    person_id: int
    pace: Pace
    receiver_id: int | None
    due_at: datetime


class UnknownNews(Exception):
    """News that this version cannot tell; the message says of what."""


def news_of(payload: dict[str, Any]) -> News:
    """News as it was owed. Raises UnknownNews."""
    try:
        return from_payload(payload)
    except ValueError as error:
        raise UnknownNews(f"This version knows no news of the kind “{payload['event']}”.") from error


def story_of(session: Session, news: News, reader: Person | None) -> Story | None:
    """The story for this reader as of now; None where there is none for them. Raises UnknownNews."""
    return _teller(news).story(session, news, reader)


def shares_of(session: Session, news: News, *, has_mail: bool) -> list[Share]:
    """Who is to be told. Raises UnknownNews. Without a mail server only receivers are served: nothing piles up."""
    teller = _teller(news)
    ids = {*news.to, *teller.audience(session, news)} - {news.actor_id}
    choices = queries.choices_for(session, news.event, ids)
    settings = queries.settings_of(session, ids)
    lately = queries.told_at_once_since(session, ids, clock.now() - WITHIN)
    is_storm = _is_storm(session, news)
    shares = []
    for person in queries.active_people(session, ids):
        choice = choices.get(person.id)
        pace = choice.pace if choice else USUAL_PACE[news.event]
        # Digests go by e-mail.
        receiver_id = choice.receiver_id if choice and pace is Pace.AT_ONCE else None
        is_possible = pace is not Pace.NEVER and (has_mail or receiver_id is not None)
        if not is_possible or teller.story(session, news, person) is None:
            continue
        is_enough = is_storm or (receiver_id is None and lately.get(person.id, 0) >= MOST_AT_ONCE)
        if pace is Pace.AT_ONCE and is_enough and has_mail:
            pace, receiver_id = Pace.DAILY, None
        due_at = queries.quiet_of(person, settings.get(person.id)).end_of(clock.now())
        shares.append(Share(person.id, pace, receiver_id, due_at))
    return shares


def share_out(
    session: Session, delivery: Delivery, news: News, shares: list[Share], *, has_mail: bool
) -> None:
    """Note the news for each, once however often it is tried, and owe what goes out at once."""
    owe_calls(session, delivery, news)
    told = select(NewsItem.person_id).where(NewsItem.delivery_id == delivery.delivery_id)
    before = set(session.scalars(told))
    for share in shares:
        if share.person_id not in before:
            _note(session, delivery, news, share, has_mail=has_mail)


def _is_storm(session: Session, news: News) -> bool:
    """Whether who calls people in this text has written too many of them lately."""
    if news.event is not Event.MENTIONED or news.actor_id is None:
        return False
    since = clock.now() - WITHIN
    texts = queries.texts_lately(session, news.actor_id, news.subject_type, since, cap=MOST_TEXTS + 1)
    return texts > MOST_TEXTS


def _note(session: Session, delivery: Delivery, news: News, share: Share, *, has_mail: bool) -> None:
    """One person's piece of news. A receiver of theirs that is gone or off leaves it to the mail."""
    item = NewsItem(
        delivery_id=delivery.delivery_id,
        person_id=share.person_id,
        pace=share.pace,
        payload=delivery.payload,
        created_at=clock.now(),
    )
    if share.receiver_id is not None and owe_call(
        session, share.receiver_id, delivery.delivery_id, news, share.person_id, due_at=share.due_at
    ):
        item.sent_at = clock.now()
    elif not has_mail:
        return
    session.add(item)
    session.flush()
    if share.pace is Pace.AT_ONCE and item.sent_at is None:
        owe(session, DeliveryKind.NEWS_MAIL, {"item_id": item.id}, due_at=share.due_at)


def _teller(news: News) -> Teller:
    teller = teller_of(news.subject_type)
    if teller is None:
        raise UnknownNews(f"Nobody here tells news of “{news.subject_type}”.")
    return teller
