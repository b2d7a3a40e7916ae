"""Digests: when they come, what stands in them, and that nothing stands in them that one may not see."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.reminders import due_in_words
from postmortem.incidents.operations import edit_incident
from postmortem.notifications.digests import owe_digests
from postmortem.notifications.enums import Event, Pace
from postmortem.notifications.models import Digest, NewsItem
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.writeups import publish_writeup
from tests.notifications.news_fixtures import Work, choose, follow, settings
from tests.support.smtp import MailServer

# A Wednesday; the digest of the week comes on Monday at eight.
WEDNESDAY, MONDAY = datetime(2026, 3, 11, 12, tzinfo=UTC), datetime(2026, 3, 16, 8, tzinfo=UTC)


def test_a_weekly_digest_tells_what_is_new_and_what_is_due(
    session: Session, author: Person, outsider: Person, work: Work, mails: MailServer, frozen
) -> None:
    frozen(WEDNESDAY)
    follow(session, outsider, "dns")
    first = make_incident(session, author, "Names do not resolve", tags=["dns"])
    make_incident(session, author, "Hush", tags=["dns"], restricted=True)
    publish_writeup(session, author, "What the cache kept", tags=["caching"])
    make_action(session, first, "Add an alarm", owner=outsider, due_on=date(2026, 3, 1))
    make_action(session, first, "Write it down", owner=outsider, due_on=date(2026, 3, 20))
    make_action(session, first, "Far away", owner=outsider, due_on=date(2026, 6, 1))
    work(owe_digests)
    frozen(MONDAY - timedelta(minutes=1))
    work(owe_digests)
    assert [mail for mail in mails.taken if "Your week" in mail.message["Subject"]] == []
    frozen(MONDAY)
    work(owe_digests)
    work(owe_digests)
    [mail] = [mail for mail in mails.taken if "Your week" in mail.message["Subject"]]
    assert mail.message["Subject"].startswith("Your week: INC-1 Names do not resolve")
    assert mail.recipients == [outsider.email]
    for part in (mail.part("plain"), mail.part("html")):
        assert "Aino Author filed an incident: Names do not resolve." in part
        assert "ACT-1 Add an alarm" in part
        assert "Due 1 March 2026, 15 days ago" in part
        assert "Due 20 March 2026, in 4 days" in part
        assert "What the cache kept" in part
        assert "http://localhost/incidents/1" in part
        assert "Far away" not in part
        assert "Hush" not in part
    assert "/unsubscribe/" in mail.message["List-Unsubscribe"]


def test_with_nothing_to_say_there_is_no_mail(
    session: Session, author: Person, outsider: Person, work: Work, mails: MailServer, frozen
) -> None:
    frozen(WEDNESDAY)
    follow(session, outsider, "dns")
    incident = make_incident(session, author, "Hush", tags=["dns"])
    work()
    edit_incident(session, incident, {"visibility": "restricted"}, version=None, actor=author)
    session.commit()
    frozen(MONDAY)
    work(owe_digests)
    assert mails.taken == []
    assert session.scalar(select(func.count()).where(NewsItem.sent_at.is_(None))) == 0


def test_a_digest_that_was_missed_comes_late_and_once(
    session: Session, author: Person, outsider: Person, work: Work, mails: MailServer, frozen
) -> None:
    frozen(WEDNESDAY)
    follow(session, outsider, "dns")
    choose(session, outsider, Event.INCIDENT_FILED, Pace.DAILY)
    make_incident(session, author, tags=["dns"])
    work()
    frozen(WEDNESDAY + timedelta(days=5, hours=3))
    work(owe_digests)
    work(owe_digests)
    [mail] = mails.taken
    assert mail.message["Subject"].startswith("Your day")
    assert session.scalars(select(Digest.day)).all() == [date(2026, 3, 16)]


def test_what_comes_after_the_hour_waits_for_the_next_day(
    session: Session, author: Person, outsider: Person, work: Work, mails: MailServer, frozen
) -> None:
    follow(session, outsider, "dns")
    choose(session, outsider, Event.INCIDENT_FILED, Pace.DAILY)
    settings(session, outsider, digest_at="10:00")
    frozen(WEDNESDAY)
    make_incident(session, author, tags=["dns"])
    work()
    work(owe_digests)
    assert mails.taken == []
    frozen(WEDNESDAY + timedelta(hours=22))
    work(owe_digests)
    assert len(mails.taken) == 1


def test_news_of_long_ago_is_forgotten(
    session: Session, author: Person, outsider: Person, work: Work, frozen
) -> None:
    frozen(WEDNESDAY)
    follow(session, outsider, "dns")
    make_incident(session, author, tags=["dns"])
    work()
    frozen(WEDNESDAY + timedelta(days=61))
    work(owe_digests, has_mail=False)
    assert session.scalar(select(func.count(NewsItem.id))) == 0


def test_dates_are_said_in_words() -> None:
    today = date(2026, 3, 10)
    assert due_in_words(today, today) == "Due 10 March 2026, today"
    assert due_in_words(date(2026, 3, 9), today) == "Due 9 March 2026, 1 day ago"
    assert due_in_words(date(2026, 3, 12), today) == "Due 12 March 2026, in 2 days"
