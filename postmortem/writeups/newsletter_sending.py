"""Sending the newsletter: a duty of the worker that closes a number, its sharing out, and one mail for each reader.

Nobody gets a number twice. Its row and the one delivery that shares it out are one transaction, and the week is
unique. Sharing out goes in batches, each a short transaction of its own: a reader's delivery has an id that follows
from the number's and the reader's, so a worker that takes over after a crash finds whom it has been owed to already.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.config_parts import WeeklyTime
from postmortem.notifications import queries
from postmortem.notifications.deliveries import day_in_words, unsubscribe_url
from postmortem.notifications.enums import Event, Pace
from postmortem.notifications.models import NotificationChoice
from postmortem.notifications.quiet import at_local
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.mailing import mail_to
from postmortem.outbox.models import OutboxMessage
from postmortem.outbox.operations import owe
from postmortem.outbox.workplace import Delivery, Handler, Undeliverable, Workplace
from postmortem.web import zones
from postmortem.writeups.models_around import Newsletter
from postmortem.writeups.newsletter_issue import issue_in, newsletter_of
from postmortem.writeups.newsletter_times import begun, day_in, week_of

# One that is so late is not sent: what would stand in it stands in the next.
LATEST = timedelta(days=2)
# Delivered rows are forgotten after a week; then nobody knows any more who got it.
OLDEST = timedelta(days=6)
AT_A_TIME = 100
BLOG_NAME = "Failing Forward"


def close_number(workplace: Workplace) -> None:
    """Put the newsletter of this week together once its hour has come, and owe it."""
    slot, now = workplace.config.newsletter, clock.now()
    if slot is None:
        return
    with workplace.reading() as session:
        week = _due(session, slot, now)
    if week is None:
        return
    try:
        with workplace.writing() as session:
            session.add(Newsletter(week=week, made_at=now))
            session.flush()
            if workplace.config.smtp is not None:
                owe(session, DeliveryKind.NEWSLETTER, {"week": week})
    except IntegrityError:
        # Another worker was faster.
        return


def _due(session: Session, slot: WeeklyTime, now: datetime) -> str | None:
    """The week whose newsletter is to be put together now; a site that is younger than its hour waits for the next."""
    people = session.execute(
        select(Person.timezone, func.min(Person.created_at)).where(Person.is_active).group_by(Person.timezone)
    ).all()
    if not people:
        return None
    day, since = begun(slot, [zones.zone(name) for name, _ in people], now)
    week = week_of(day)
    is_new_site = min(created_at for _, created_at in people) > since
    if is_new_site or now - since > LATEST or newsletter_of(session, week) is not None:
        return None
    return week


def share_out(delivery: Delivery, workplace: Workplace) -> None:
    """Owe it to everybody who wants it, each at their own hour; a week without anything new is left out."""
    week = delivery.payload["week"]
    worth: dict[str, bool] = {}
    last_id = 0
    while True:
        with workplace.reading() as session:
            newsletter = newsletter_of(session, week)
            if newsletter is None:
                return
            if clock.now() - newsletter.made_at > OLDEST:
                raise Undeliverable("This newsletter is a week old. What is new stands in the next one.")
            people = _readers(session, last_id)
            for person in people:
                if person.timezone not in worth:
                    worth[person.timezone] = issue_in(session, person, newsletter).is_worth_sending
        if not people:
            return
        with workplace.writing() as session:
            _owe(session, delivery, [each for each in people if worth[each.timezone]], workplace)
        last_id = people[-1].id


def _readers(session: Session, last_id: int) -> Sequence[Person]:
    """The next of those who are here and did not say that they want none."""
    wants_none = exists().where(
        NotificationChoice.person_id == Person.id,
        NotificationChoice.event == Event.NEWSLETTER.value,
        NotificationChoice.pace == Pace.NEVER,
    )
    return session.scalars(
        select(Person)
        .where(Person.is_active, Person.id > last_id, ~wants_none)
        .order_by(Person.id)
        .limit(AT_A_TIME)
    ).all()


def _owe(session: Session, delivery: Delivery, people: Sequence[Person], workplace: Workplace) -> None:
    """One batch: those to whom it is not owed yet, and how many they are, in one transaction."""
    week, now = delivery.payload["week"], clock.now()
    ids = {person.id: delivery_id_for(delivery.delivery_id, person.id) for person in people}
    owed = set(
        session.scalars(select(OutboxMessage.delivery_id).where(OutboxMessage.delivery_id.in_(ids.values())))
    )
    settings = queries.settings_of(session, list(ids))
    slot, count = workplace.config.newsletter, 0
    for person in people:
        if ids[person.id] in owed:
            continue
        at = at_local(day_in(week, slot), slot.at, zones.zone(person.timezone)) if slot else now
        due_at = queries.quiet_of(person, settings.get(person.id)).end_of(max(now, at))
        payload = {"week": week, "person_id": person.id}
        owe(
            session,
            DeliveryKind.NEWSLETTER_MAIL,
            payload,
            due_at=due_at,
            delivery_id=ids[person.id],
        )
        count += 1
    session.execute(
        update(Newsletter).where(Newsletter.week == week).values(sent_to=Newsletter.sent_to + count)
    )


def delivery_id_for(number_id: str, person_id: int) -> str:
    """The id of a reader's delivery: the same however often the number is shared out."""
    return str(uuid.uuid5(uuid.UUID(number_id), str(person_id)))


def newsletter_mail(delivery: Delivery, workplace: Workplace) -> None:
    """Mail it to one reader, with what they may read at this moment; nothing where nothing is left."""
    with workplace.reading() as session:
        person = session.get_one(Person, delivery.payload["person_id"])
        choice = queries.choices_of(session, person.id).get(Event.NEWSLETTER)
        newsletter = newsletter_of(session, delivery.payload["week"])
        is_wanted = person.is_active and (choice is None or choice.pace is not Pace.NEVER)
        issue = issue_in(session, person, newsletter) if newsletter is not None and is_wanted else None
    if issue is None or not issue.is_worth_sending or workplace.config.smtp is None:
        return
    mail_to(
        delivery,
        workplace,
        name=person.name,
        address=person.email,
        letter="newsletter",
        unsubscribe_url=unsubscribe_url(workplace, person.id, Event.NEWSLETTER),
        day=day_in_words(issue.until.astimezone(zones.zone(person.timezone)).date()),
        blog_name=BLOG_NAME,
        week=delivery.payload["week"],
        issue=issue,
    )


HANDLERS: dict[str, Handler] = {
    DeliveryKind.NEWSLETTER: share_out,
    DeliveryKind.NEWSLETTER_MAIL: newsletter_mail,
}
DUTIES = (close_number,)
