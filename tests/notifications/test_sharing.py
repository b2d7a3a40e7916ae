"""Who is told what, when, and by which mail; and who is not."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.operations import edit_person
from postmortem.actions.operations_comments import add_comment
from postmortem.history.operations import CLI
from postmortem.incidents.models import Incident
from postmortem.incidents.operations import edit_incident
from postmortem.notifications import sharing
from postmortem.notifications.deliveries import news
from postmortem.notifications.enums import Event, Pace
from postmortem.notifications.models import NewsItem
from postmortem.notifications.operations import quietly, tell
from postmortem.notifications.sharing import MOST_AT_ONCE
from postmortem.outbox.models import OutboxMessage
from postmortem.outbox.workplace import Delivery, Workplace
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup, publish_writeup
from tests.notifications.news_fixtures import Work, choose, follow, settings
from tests.support.smtp import MailServer

AT_ONCE = (Event.INCIDENT_FILED, Pace.AT_ONCE)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def follower(session: Session, outsider: Person) -> Person:
    """Follows the tag dns and is told of incidents at once."""
    follow(session, outsider, "dns")
    choose(session, outsider, *AT_ONCE)
    return outsider


def items(session: Session) -> list[NewsItem]:
    session.expire_all()
    return list(session.scalars(select(NewsItem).order_by(NewsItem.id)))


def owed(session: Session) -> int:
    return session.scalar(select(func.count()).where(OutboxMessage.finished_at.is_(None))) or 0


def test_a_follower_is_mailed_what_was_filed(
    session: Session, author: Person, follower: Person, work: Work, mails: MailServer
) -> None:
    make_incident(
        session, author, "Names do not resolve", tags=["dns"], severity="sev2", summary="All *gone*."
    )
    work()
    [mail] = mails.taken
    assert mail.recipients == [follower.email]
    assert mail.message["Subject"] == "INC-1 Names do not resolve"
    for part in (mail.part("plain"), mail.part("html")):
        assert "Aino Author filed an incident: Names do not resolve." in part
        assert "http://localhost/incidents/1" in part
        assert "SEV 2" in part
        assert "All gone." in part
        assert "http://localhost/me/notifications" in part
    [item] = items(session)
    assert item.sent_at is not None
    assert owed(session) == 0


def test_a_mail_offers_to_leave_with_one_click(
    session: Session, author: Person, follower: Person, work: Work, mails: MailServer
) -> None:
    make_incident(session, author, tags=["dns"])
    work()
    [mail] = mails.taken
    # As it came over the wire: on one line, not in encoded words.
    [header] = re.findall(rb"^List-Unsubscribe: <(http://localhost/unsubscribe/[^>\s]+)>\r?$", mail.raw, re.M)
    assert header.decode() in mail.part("plain")
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_nobody_is_told_what_they_did_themselves(
    session: Session, follower: Person, work: Work, mails: MailServer
) -> None:
    make_incident(session, follower, tags=["dns"])
    work()
    assert mails.taken == []
    assert items(session) == []


def test_a_restricted_incident_is_told_to_those_who_see_it(
    session: Session, author: Person, admin: Person, follower: Person, work: Work, mails: MailServer
) -> None:
    follow(session, admin, "dns")
    choose(session, admin, *AT_ONCE)
    make_incident(session, author, "Hush", tags=["dns"], restricted=True)
    work()
    assert [mail.recipients for mail in mails.taken] == [[admin.email]]
    assert [item.person_id for item in items(session)] == [admin.id]


def test_who_lost_access_in_the_meantime_gets_nothing(
    session: Session, author: Person, follower: Person, work: Work, mails: MailServer, site: Workplace
) -> None:
    settings(session, follower, quiet_from="00:00", quiet_until="23:59")
    incident = make_incident(session, author, "Hush", tags=["dns"])
    work()
    [item] = items(session)
    assert item.sent_at is None
    edit_incident(session, incident, {"visibility": "restricted"}, version=None, actor=author)
    session.execute(OutboxMessage.__table__.update().values(due_at=datetime(2026, 1, 1, tzinfo=UTC)))
    session.commit()
    work()
    assert mails.taken == []
    assert owed(session) == 0
    assert items(session)[0].sent_at is not None


def test_who_was_deactivated_gets_nothing(
    session: Session, author: Person, follower: Person, work: Work, mails: MailServer
) -> None:
    make_incident(session, author, tags=["dns"])
    edit_person(session, follower, {"is_active": False}, version=None, actor=CLI)
    session.commit()
    work()
    assert mails.taken == []


def test_quiet_hours_put_a_mail_off(
    session: Session, author: Person, follower: Person, work: Work, mails: MailServer, frozen
) -> None:
    settings(session, follower, quiet_from="22:00", quiet_until="07:00")
    frozen(datetime(2026, 3, 10, 23, 0, tzinfo=UTC))
    make_incident(session, author, tags=["dns"])
    work()
    assert mails.taken == []
    frozen(datetime(2026, 3, 11, 7, 0, tzinfo=UTC))
    work()
    assert len(mails.taken) == 1


def test_shared_out_twice_is_told_once(
    session: Session, author: Person, follower: Person, site: Workplace
) -> None:
    make_incident(session, author, tags=["dns"])
    row = session.scalars(select(OutboxMessage)).one()
    delivery = Delivery(row.id, row.delivery_id, row.kind, row.payload, row.created_at, 1)
    news(delivery, site)
    news(delivery, site)
    assert len(items(session)) == 1
    kinds = session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)).all()
    assert kinds == ["news", "news_mail"]


def test_killed_after_the_mail_went_out_it_comes_again_under_the_same_id(
    session: Session, author: Person, follower: Person, work: Work, mails: MailServer
) -> None:
    make_incident(session, author, tags=["dns"])
    mails.fault = "drops after taking"
    work()
    mails.fault = ""
    session.execute(NewsItem.__table__.update().values(sent_at=None))
    session.execute(
        OutboxMessage.__table__.update()
        .where(OutboxMessage.kind == "news_mail")
        .values(
            finished_at=None, is_delivered=False, claimed_until=None, due_at=datetime(2026, 1, 1, tzinfo=UTC)
        )
    )
    session.commit()
    work()
    assert len(mails.taken) == 2
    assert len({mail.message["Message-ID"] for mail in mails.taken}) == 1


def test_without_a_mail_server_nothing_piles_up(
    session: Session, author: Person, follower: Person, work: Work
) -> None:
    make_incident(session, author, tags=["dns"])
    work(has_mail=False)
    assert items(session) == []
    assert owed(session) == 0


def test_who_wants_none_gets_none(
    session: Session, author: Person, follower: Person, work: Work, mails: MailServer
) -> None:
    choose(session, follower, Event.INCIDENT_FILED, Pace.NEVER)
    make_incident(session, author, tags=["dns"])
    work()
    assert mails.taken == []
    assert items(session) == []


def test_a_flood_becomes_a_digest(
    session: Session, author: Person, follower: Person, work: Work, mails: MailServer
) -> None:
    for number in range(MOST_AT_ONCE + 2):
        make_incident(session, author, f"Number {number}", tags=["dns"])
        work()
    assert len(mails.taken) == MOST_AT_ONCE
    assert [item.pace for item in items(session)][-2:] == [Pace.DAILY, Pace.DAILY]


def test_who_calls_everybody_in_comment_after_comment_makes_no_storm_of_mails(
    session: Session,
    author: Person,
    reader: Person,
    outsider: Person,
    work: Work,
    mails: MailServer,
    frozen: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each person alone is told twelve times an hour at most; all of them together would be mailed thousands of times."""
    monkeypatch.setattr(sharing, "MOST_TEXTS", 2)
    frozen(NOON)
    outsider.handle = "otto"
    action = make_action(session, make_incident(session, author))
    for minutes, writer in ((0, author), (61, author), (62, author), (63, author), (64, reader)):
        frozen(NOON + timedelta(minutes=minutes))
        add_comment(session, action, f"Ask @otto about {minutes}.", actor=writer)
        session.commit()
        work()
    called = [item.pace for item in items(session) if item.payload["event"] == "mentioned"]
    assert called == [Pace.AT_ONCE, Pace.AT_ONCE, Pace.AT_ONCE, Pace.DAILY, Pace.AT_ONCE]
    assert len(mails.taken) == 4


def test_imports_and_samples_are_old_news(session: Session, author: Person, follower: Person) -> None:
    with quietly(session):
        make_incident(session, author, tags=["dns"])
    assert owed(session) == 0


@pytest.mark.parametrize(
    "title",
    [
        "Down\r\nBcc: thief@example.com",
        "=?utf-8?q?=0D=0ABcc:_thief@example.com?=",
        "<script>alert(1)</script>",
    ],
)
def test_a_title_makes_no_header_and_no_markup(
    session: Session, author: Person, follower: Person, work: Work, mails: MailServer, title: str
) -> None:
    incident = make_incident(session, author, tags=["dns"])
    session.execute(Incident.__table__.update().where(Incident.id == incident.id).values(title=title))
    session.commit()
    work()
    [mail] = mails.taken
    assert mail.message["Bcc"] is None
    assert mail.recipients == [follower.email]
    assert "<script" not in mail.part("html")


def test_a_publication_is_told_once_and_only_while_it_is_published(
    session: Session, author: Person, follower: Person, work: Work, mails: MailServer
) -> None:
    from postmortem.writeups.operations import publish, save_writeup

    choose(session, follower, Event.PUBLISHED, Pace.AT_ONCE)
    writeup = publish_writeup(session, author, "What the cache kept", tags=["dns"])
    work()
    save_writeup(session, writeup, {"body": "Better."}, version=None, actor=author)
    publish(session, writeup, actor=author)
    session.commit()
    work()
    [mail] = mails.taken
    assert mail.message["Subject"] == "What the cache kept"
    assert "Two clocks disagreed." in mail.part("html")
    make_writeup(session, author, "A draft", tags=["dns"])
    work()
    assert len(mails.taken) == 1


def test_a_tag_of_a_restricted_incident_tells_nobody_of_the_write_up(
    session: Session, author: Person, follower: Person, work: Work, mails: MailServer
) -> None:
    choose(session, follower, Event.PUBLISHED, Pace.AT_ONCE)
    incident = make_incident(session, author, "Hush", tags=["dns"], restricted=True)
    publish_writeup(session, author, "In general", incidents=[incident], tags=["caching"])
    work()
    assert mails.taken == []


def test_news_that_this_version_does_not_know_are_given_up(
    session: Session, author: Person, work: Work
) -> None:
    incident = make_incident(session, author)
    tell(session, Event.INCIDENT_FILED, incident, actor=author)
    session.commit()
    for message in session.scalars(select(OutboxMessage)):
        message.payload = {**message.payload, "event": "foreseen"}
    session.commit()
    work()
    session.expire_all()
    errors = session.scalars(select(OutboxMessage.last_error)).all()
    assert set(errors) == {"This version knows no news of the kind “foreseen”."}
