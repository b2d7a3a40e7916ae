"""Delivering news: sharing it out, and mailing it. Runs in the worker.

A mail's item is marked after it went out. Killed in between, it goes out again under the same Message-ID. Whether
somebody may still see what it is about is asked at the last moment.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.notifications import queries
from postmortem.notifications.digest_contents import contents_of
from postmortem.notifications.enums import EVENT_LABELS, Pace
from postmortem.notifications.models import NewsItem
from postmortem.notifications.sharing import UnknownNews, news_of, share_out, shares_of, story_of
from postmortem.notifications.stories import Story
from postmortem.notifications.unsubscribing import What, unsubscribe_token
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.mailing import mail_to
from postmortem.outbox.workplace import Delivery, Handler, Undeliverable, Workplace
from postmortem.web import zones


def news(delivery: Delivery, workplace: Workplace) -> None:
    """Note it for everybody whom it is for, and owe what goes out at once, to people and to receivers of the site."""
    has_mail = workplace.config.smtp is not None
    try:
        told = news_of(delivery.payload)
        with workplace.reading() as session:
            shares = shares_of(session, told, has_mail=has_mail)
    except UnknownNews as unknown:
        raise Undeliverable(str(unknown)) from unknown
    with workplace.writing() as session:
        share_out(session, delivery, told, shares, has_mail=has_mail)


def news_mail(delivery: Delivery, workplace: Workplace) -> None:
    """Mail one piece of news, unless its reader may not see it any more, wants none, or it went out already."""
    item_id = delivery.payload["item_id"]
    with workplace.reading() as session:
        item = session.get(NewsItem, item_id)
        if item is None or item.sent_at is not None:
            return
        told = news_of(item.payload)
        person = session.get_one(Person, item.person_id)
        story = story_of(session, told, person) if _wants(session, person, item) else None
    if story is not None and workplace.config.smtp is not None:
        mail_to(
            delivery,
            workplace,
            name=person.name,
            address=person.email,
            letter="news",
            unsubscribe_url=unsubscribe_url(workplace, person.id, told.event),
            why=EVENT_LABELS[told.event],
            **_texts(story, workplace.config.base_url),
        )
    with workplace.writing() as session:
        session.get_one(NewsItem, item_id).sent_at = clock.now()


def digest(delivery: Delivery, workplace: Workplace) -> None:
    """Mail what waits for one person's digest. Where nothing is left to say there is no mail."""
    pace, until = Pace(delivery.payload["pace"]), datetime.fromisoformat(delivery.payload["until"])
    with workplace.reading() as session:
        person = session.get_one(Person, delivery.payload["person_id"])
        items = queries.waiting_items(session, person.id, pace, until)
        since = until - (timedelta(days=7) if pace is Pace.WEEKLY else timedelta(days=1))
        contents = contents_of(session, person, items, since=since) if items and person.is_active else None
    if contents is not None and workplace.config.smtp is not None:
        mail_to(
            delivery,
            workplace,
            name=person.name,
            address=person.email,
            letter="digest",
            unsubscribe_url=unsubscribe_url(workplace, person.id, pace),
            pace=pace.value,
            day=day_in_words(until.astimezone(zones.zone(person.timezone)).date()),
            contents=contents,
        )
    if items:
        with workplace.writing() as session:
            ids = [item.id for item in items]
            session.execute(update(NewsItem).where(NewsItem.id.in_(ids)).values(sent_at=clock.now()))


def unsubscribe_url(workplace: Workplace, person_id: int, what: What) -> str:
    """The link with which a mail's reader wants no more of these."""
    config = workplace.config
    return f"{config.base_url}/unsubscribe/{unsubscribe_token(config.secret_key, person_id, what)}"


def day_in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _wants(session: Session, person: Person, item: NewsItem) -> bool:
    """Whether this person can and wants to get it: they may have said otherwise while it waited."""
    choices = queries.choices_of(session, person.id)
    return person.is_active and queries.pace_of(choices, news_of(item.payload).event) is not Pace.NEVER


def _texts(story: Story, base_url: str) -> Mapping[str, Any]:
    return {
        "headline": story.headline,
        "sentence": story.sentence,
        "details": story.details,
        "excerpt": story.excerpt,
        "body": story.body,
        "link": base_url + story.path,
    }


HANDLERS: dict[str, Handler] = {
    DeliveryKind.NEWS: news,
    DeliveryKind.NEWS_MAIL: news_mail,
    DeliveryKind.DIGEST: digest,
}
