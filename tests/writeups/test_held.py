"""What is told of a plan that did not hold: to those who see the draft which and why, to others no more than they knew."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.incidents.operations import edit_incident
from postmortem.notifications.enums import Event
from postmortem.notifications.stories import News
from postmortem.reviews.scheduled import publish_what_is_due
from postmortem.writeups import operations
from postmortem.writeups.models import Writeup
from postmortem.writeups.news import WriteupNews
from postmortem.writeups.scheduling import plan_publication
from tests.accounts.mail_fixtures import mails
from tests.factories.accounts import make_person
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup
from tests.notifications.news_fixtures import Work, site, work
from tests.support.smtp import MailServer

__all__ = ["mails", "site", "work"]
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WHY = "The write-up was changed after it was planned."


def story(session: Session, writeup: Writeup, reader: Person | None, by: Person) -> str:
    facts = {"why": WHY, "at": NOON.isoformat(), "by": by.id}
    told = WriteupNews().story(
        session, News(event=Event.HELD, subject_type="writeups", subject_id=writeup.id, facts=facts), reader
    )
    return f"{told.headline} {told.sentence} {told.path}" if told else ""


def test_who_sees_the_draft_is_told_all_of_it_in_their_own_time(
    session: Session, author: Person, outsider: Person, reader: Person
) -> None:
    writeup = make_writeup(session, author, "The cache")
    words = story(session, writeup, author, author)
    assert "“The cache” was to be published Tuesday 24 November 2026, 13:00 CET, and was not." in words
    assert WHY in words and "/writeups/the-cache/publish" in words
    for other in (outsider, reader, None):
        assert story(session, writeup, other, author) == ""


def test_who_planned_it_and_lost_sight_of_it_learns_no_title(
    session: Session, author: Person, admin: Person
) -> None:
    incident = make_incident(session, author)
    writeup = make_writeup(session, author, "Zqxwv", incidents=[incident])
    writer = make_person(session, "Wanda Writer")
    edit_incident(session, incident, {"visibility": "restricted"}, version=None, actor=admin)
    session.commit()
    words = story(session, writeup, writer, writer)
    assert "A write-up that you planned is not published" in words
    assert "Zqxwv" not in words and WHY not in words


def test_the_mail_comes_at_once(
    session: Session, author: Person, work: Work, mails: MailServer, frozen: Callable[[datetime], None]
) -> None:
    frozen(NOON)
    writeup = make_writeup(session, author, "The cache")
    plan_publication(session, writeup, at=NOON + timedelta(hours=1), actor=author)
    operations.save_writeup(session, writeup, {"body": "Other."}, version=None, actor=author)
    session.commit()
    frozen(NOON + timedelta(hours=1))
    work(publish_what_is_due)
    [mail] = mails.taken
    assert mail.recipients == [author.email]
    assert "Not published as planned" in str(mail.message["Subject"])
    assert WHY in mail.part("plain")
    work(publish_what_is_due)
    assert len(mails.taken) == 1
