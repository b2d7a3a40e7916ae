"""The newsletter: what stands in it, when it comes, to whom, and that nobody gets it twice."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.operations import edit_person
from postmortem.config_parts import WeeklyTime
from postmortem.history.operations import CLI
from postmortem.notifications.enums import Event, Pace
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.models import OutboxMessage
from postmortem.outbox.workplace import Delivery, Undeliverable, Workplace
from postmortem.web.zones import zone
from postmortem.writeups import newsletter_sending
from postmortem.writeups.models_around import Newsletter
from postmortem.writeups.newsletter_sending import close_number, share_out
from postmortem.writeups.newsletter_times import begun, day_in, next_moment, week_of
from postmortem.writeups.operations import publish, save_writeup, withdraw
from postmortem.writeups.operations_months import choose_entry
from tests.factories.accounts import make_person
from tests.factories.writeups import BODY, publish_writeup
from tests.notifications.news_fixtures import Work, choose, mails, settings, site, work
from tests.support.client import Browser
from tests.support.smtp import MailServer

__all__ = ["mails", "site", "work"]
SignIn = Callable[[Person], Browser]
FRIDAY_AT_NINE = WeeklyTime(4, time(9))
# Friday, 9:00 in Stockholm, and the Monday before.
STOCKHOLM, MONDAY = datetime(2026, 11, 27, 8, tzinfo=UTC), datetime(2026, 11, 23, 12, tzinfo=UTC)
UTC_FRIDAY = datetime(2026, 11, 27, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _monday(frozen, author: Person, session: Session) -> None:
    """People were here long before."""
    session.execute(Person.__table__.update().values(created_at=MONDAY - timedelta(days=60)))
    frozen(MONDAY)


def subjects(mails: MailServer) -> list[tuple[str, str]]:
    return sorted((taken.recipients[0], taken.message["Subject"]) for taken in mails.taken)


def person(session: Session, name: str, timezone: str = "Europe/Stockholm") -> Person:
    found = make_person(session, name, timezone=timezone)
    found.created_at = MONDAY - timedelta(days=60)
    session.commit()
    return found


def updated(session: Session, author: Person, title: str, reason: str) -> None:
    writeup = publish_writeup(session, author, title, published_at=MONDAY - timedelta(days=90))
    values = {"title": title, "tldr": "", "body": BODY + "\nMore.\n"}
    save_writeup(session, writeup, values, version=writeup.version, actor=author)
    publish(session, writeup, actor=author, reason=reason)
    session.commit()


def test_it_brings_what_is_new_what_changed_an_anniversary_and_the_entry_of_the_month(
    session: Session, author: Person, facilitator: Person, work: Work, mails: MailServer, frozen
) -> None:
    author_line = "the second on-call engineer"
    publish_writeup(session, author, "What the cache kept", tldr="Two clocks <disagreed>.")
    publish_writeup(session, author, "Long ago", published_at=MONDAY - timedelta(days=30))
    updated(session, author, "The old one", "The number of requests was wrong.")
    updated(session, author, "Silently mended", "")
    old = publish_writeup(session, author, "A year old", published_at=MONDAY.replace(year=2025))
    choose_entry(session, old, month="2026-11", note="Still true.", actor=facilitator)
    gone = publish_writeup(session, author, "Taken back at once")
    withdraw(session, gone, reason="", actor=author)
    session.commit()
    frozen(STOCKHOLM - timedelta(minutes=1))
    work(close_number)
    assert mails.taken == []
    frozen(STOCKHOLM)
    work(close_number)
    work(close_number)
    [mail] = mails.taken
    assert mail.recipients == [author.email]
    assert mail.message["Subject"] == "Failing Forward: What the cache kept and 1 more"
    for part in (mail.part("plain"), mail.part("html")):
        assert "27 November 2026" in part
        assert "What the cache kept" in part
        assert "http://localhost/writeups/what-the-cache-kept" in part
        assert "1 min read" in part
        assert "The old one" in part
        assert "The number of requests was wrong." in part
        assert "A year ago this week" in part
        assert "A year old" in part
        assert "Still true." in part
        assert "http://localhost/newsletter/2026-W48" in part
        for absent in ("Long ago", "Silently mended", "Taken back", author_line):
            assert absent not in part
    assert "Two clocks <disagreed>." in mail.part("plain")
    assert "Two clocks &lt;disagreed&gt;." in mail.part("html")
    assert "/unsubscribe/" in mail.message["List-Unsubscribe"]


def test_each_gets_it_at_their_own_hour_with_the_same_in_it(
    session: Session, author: Person, work: Work, mails: MailServer, frozen
) -> None:
    tokyo, lima = person(session, "Tomo", "Asia/Tokyo"), person(session, "Lina", "America/Lima")
    night_owl = person(session, "Nils")
    settings(session, night_owl, quiet_from="22:00", quiet_until="11:00")
    publish_writeup(session, author, "In time")
    # Nine in Tokyo is midnight in UTC: the number is closed then.
    frozen(datetime(2026, 11, 27, 0, tzinfo=UTC))
    work(close_number)
    assert [to for to, _ in subjects(mails)] == [tokyo.email]
    frozen(datetime(2026, 11, 27, 0, 1, tzinfo=UTC))
    publish_writeup(session, author, "Too late")
    frozen(STOCKHOLM)
    work(close_number)
    assert [to for to, _ in subjects(mails)] == sorted([tokyo.email, author.email])
    frozen(datetime(2026, 11, 27, 10, tzinfo=UTC))
    work(close_number)
    assert night_owl.email in [to for to, _ in subjects(mails)]
    frozen(datetime(2026, 11, 27, 14, tzinfo=UTC))
    work(close_number)
    assert [to for to, _ in subjects(mails)] == sorted(
        each.email for each in (tokyo, author, night_owl, lima)
    )
    assert {subject for _, subject in subjects(mails)} == {"Failing Forward: In time"}
    assert session.scalar(select(Newsletter.sent_to)) == 4
    mails.taken.clear()
    frozen(datetime(2026, 12, 4, 15, tzinfo=UTC))
    work(close_number)
    assert {subject for _, subject in subjects(mails)} == {"Failing Forward: Too late"}


def test_with_nothing_new_there_is_none(
    session: Session, author: Person, work: Work, mails: MailServer, frozen
) -> None:
    publish_writeup(session, author, "Long ago", published_at=MONDAY - timedelta(days=30))
    frozen(STOCKHOLM)
    work(close_number)
    assert mails.taken == []
    assert session.scalars(select(Newsletter.week)).all() == ["2026-W48"]
    assert (
        session.scalar(select(func.count(OutboxMessage.id)).where(OutboxMessage.kind == "newsletter_mail"))
        == 0
    )


def test_an_anniversary_alone_is_a_reason(
    session: Session, author: Person, work: Work, mails: MailServer, frozen
) -> None:
    publish_writeup(session, author, "Leap of faith", published_at=MONDAY.replace(year=2023))
    frozen(STOCKHOLM)
    work(close_number)
    assert [subject for _, subject in subjects(mails)] == ["Failing Forward: Leap of faith"]


def test_whoever_left_or_wants_none_gets_none(
    session: Session, author: Person, work: Work, mails: MailServer, frozen
) -> None:
    leaver, tired = person(session, "Lea"), person(session, "Tina")
    late_leaver = person(session, "Lola", "America/Lima")
    choose(session, tired, Event.NEWSLETTER, Pace.NEVER)
    edit_person(session, leaver, {"is_active": False}, version=None, actor=CLI)
    publish_writeup(session, author, "News")
    frozen(STOCKHOLM)
    work(close_number)
    assert [to for to, _ in subjects(mails)] == [author.email]
    edit_person(session, late_leaver, {"is_active": False}, version=None, actor=CLI)
    session.commit()
    frozen(STOCKHOLM + timedelta(hours=12))
    work(close_number)
    assert len(mails.taken) == 1


def test_what_is_withdrawn_before_the_mail_goes_out_is_not_in_it(
    session: Session, author: Person, work: Work, mails: MailServer, frozen
) -> None:
    person(session, "Lina", "America/Lima")
    writeup = publish_writeup(session, author, "Too frank")
    frozen(STOCKHOLM)
    work(close_number)
    assert len(mails.taken) == 1
    withdraw(session, writeup, reason="", actor=author)
    session.commit()
    frozen(STOCKHOLM + timedelta(hours=12))
    work(close_number)
    assert len(mails.taken) == 1


def test_one_click_ends_it_and_nothing_else(
    session: Session,
    author: Person,
    work: Work,
    mails: MailServer,
    frozen,
    app: Flask,
    make_app: Callable[..., Flask],
    sign_in: SignIn,
) -> None:
    publish_writeup(session, author, "News")
    frozen(STOCKHOLM)
    work(close_number)
    [mail] = mails.taken
    [path] = re.findall(rb"List-Unsubscribe: <http://localhost(/unsubscribe/[^>\s]+)>", mail.raw)
    answer = app.test_client().post(path.decode(), data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "no more newsletters of the week" in answer.get_data(as_text=True)
    browser = Browser(make_app(smtp=mails.settings()))
    browser.sign_in(author)
    assert "You chose not to get it by e-mail" in browser.get("/newsletter").text
    [form] = [each for each in browser.get("/me/notifications").forms if "pace_published" in each.data]
    assert "newsletter" not in form.data
    assert form.data["pace_published"] == ["weekly"]
    publish_writeup(session, author, "More news")
    mails.taken.clear()
    frozen(STOCKHOLM + timedelta(days=7))
    work(close_number)
    assert mails.taken == []
    # It can be had again.
    browser = sign_in(author)
    browser.submit("/me/notifications", {"newsletter": "y"}, form=0)
    publish_writeup(session, author, "Even more news")
    frozen(STOCKHOLM + timedelta(days=14))
    work(close_number)
    assert [subject for _, subject in subjects(mails)] == ["Failing Forward: Even more news"]


def test_leaving_the_weekly_digest_keeps_the_newsletter(
    session: Session, author: Person, work: Work, mails: MailServer, frozen
) -> None:
    from postmortem.notifications.operations_choices import turn_off

    turn_off(session, author, Pace.WEEKLY, actor=author)
    session.commit()
    publish_writeup(session, author, "News")
    frozen(STOCKHOLM)
    work(close_number)
    assert len(mails.taken) == 1


def test_sharing_out_that_was_cut_off_goes_on_where_it_stood(
    session: Session, author: Person, site: Workplace, work: Work, mails: MailServer, frozen, monkeypatch
) -> None:
    monkeypatch.setattr(newsletter_sending, "AT_A_TIME", 2)
    for number in range(4):
        person(session, f"Person {number}")
    publish_writeup(session, author, "News")
    frozen(STOCKHOLM)
    close_number(site)
    row = number_owed(session)
    delivery = Delivery(row.id, row.delivery_id, row.kind, row.payload, row.created_at, 1)

    class Killed(BaseException):
        """As by kill -9, in the middle of the second batch."""

    real, batches = newsletter_sending._owe, []

    def dying(*args: object) -> None:
        real(*args)
        batches.append(1)
        if len(batches) == 2:
            raise Killed

    monkeypatch.setattr(newsletter_sending, "_owe", dying)
    with pytest.raises(Killed):
        share_out(delivery, site)
    monkeypatch.setattr(newsletter_sending, "_owe", real)
    assert owed(session) == 2
    share_out(delivery, site)
    share_out(delivery, site)
    assert owed(session) == 5
    session.expire_all()
    assert session.scalar(select(Newsletter.sent_to)) == 5
    work()
    assert sorted(taken.recipients[0] for taken in mails.taken) == sorted(
        session.scalars(select(Person.email))
    )


def number_owed(session: Session) -> OutboxMessage:
    return session.scalars(select(OutboxMessage).where(OutboxMessage.kind == DeliveryKind.NEWSLETTER)).one()


def owed(session: Session) -> int:
    return (
        session.scalar(
            select(func.count(OutboxMessage.id)).where(OutboxMessage.kind == DeliveryKind.NEWSLETTER_MAIL)
        )
        or 0
    )


def test_two_workers_close_one_number(session: Session, site: Workplace, frozen, monkeypatch) -> None:
    frozen(STOCKHOLM)
    # Both look before either writes.
    monkeypatch.setattr(newsletter_sending, "_due", lambda *_: "2026-W48")
    close_number(site)
    close_number(site)
    assert session.scalars(select(Newsletter.week)).all() == ["2026-W48"]
    assert session.scalar(select(func.count(OutboxMessage.id))) == 1


def test_one_that_was_missed_comes_late_for_two_days_and_then_with_the_next(
    session: Session, author: Person, work: Work, mails: MailServer, frozen
) -> None:
    publish_writeup(session, author, "First")
    frozen(STOCKHOLM + timedelta(days=2))
    work(close_number)
    assert len(mails.taken) == 1
    mails.taken.clear()
    frozen(STOCKHOLM + timedelta(days=6))
    publish_writeup(session, author, "Second")
    frozen(STOCKHOLM + timedelta(days=10))
    work(close_number)
    assert mails.taken == []
    frozen(STOCKHOLM + timedelta(days=14))
    work(close_number)
    assert [subject for _, subject in subjects(mails)] == ["Failing Forward: Second"]


def test_a_new_site_waits_for_its_first_hour(
    session: Session, author: Person, work: Work, mails: MailServer, frozen
) -> None:
    frozen(STOCKHOLM + timedelta(hours=3))
    author.created_at = STOCKHOLM + timedelta(hours=1)
    session.commit()
    publish_writeup(session, author, "News")
    work(close_number)
    assert session.scalars(select(Newsletter.week)).all() == []


def test_off_and_without_mail_nothing_is_owed(
    session: Session, author: Person, site: Workplace, work: Work, mails: MailServer, frozen
) -> None:
    publish_writeup(session, author, "News")
    frozen(STOCKHOLM)
    close_number(Workplace(replace(site.config, newsletter=None), site.database))
    assert session.scalars(select(Newsletter.week)).all() == []
    work(close_number, has_mail=False)
    assert session.scalars(select(Newsletter.week)).all() == ["2026-W48"]
    work(close_number)
    assert mails.taken == []


def test_a_number_of_last_week_is_not_shared_out_any_more(
    session: Session, author: Person, site: Workplace, frozen
) -> None:
    publish_writeup(session, author, "News")
    frozen(STOCKHOLM)
    close_number(site)
    row = number_owed(session)
    frozen(STOCKHOLM + timedelta(days=6, minutes=1))
    with pytest.raises(Undeliverable, match="stands in the next"):
        share_out(Delivery(row.id, row.delivery_id, row.kind, row.payload, row.created_at, 1), site)


def test_names_stay_out_of_it(
    session: Session, author: Person, work: Work, mails: MailServer, frozen
) -> None:
    other = person(session, "Bertil Bystander")
    publish_writeup(session, author, "What Bertil Bystander saw", tldr="Bertil Bystander rang twice.")
    frozen(STOCKHOLM)
    work(close_number)
    [mail] = [taken for taken in mails.taken if taken.recipients == [author.email]]
    assert "Bystander" not in mail.message["Subject"] + mail.part("plain") + mail.part("html")
    assert "colleague" in mail.part("plain")
    assert other.email in [taken.recipients[0] for taken in mails.taken]


def test_the_page_has_the_next_number_and_those_before(
    session: Session, author: Person, work: Work, frozen, sign_in: SignIn, anonymous: Browser
) -> None:
    publish_writeup(session, author, "What the cache kept")
    gone = publish_writeup(session, author, "Too frank")
    page = sign_in(author).get("/newsletter")
    assert "What the cache kept" in page.text
    frozen(STOCKHOLM)
    work(close_number)
    withdraw(session, gone, reason="", actor=author)
    session.commit()
    frozen(STOCKHOLM + timedelta(hours=1))
    publish_writeup(session, author, "Fresh")
    browser = sign_in(author)
    page = browser.get("/newsletter")
    assert "Fresh" in page.text
    assert "What the cache kept" not in page.text
    assert "/newsletter/2026-W48" in page.links
    page = browser.get("/newsletter/2026-W48")
    assert "What the cache kept" in page.text
    assert "Fresh" not in page.text
    assert "Too frank" not in page.text
    for bad in ("2026-W47", "2026-W99", "9999-W01", "x", "2026-w48"):
        assert browser.get(f"/newsletter/{bad}").status == 404
    for path in ("/newsletter", "/newsletter/2026-W48"):
        assert anonymous.get(path).status == 303


def test_the_hour_follows_the_clock_changes() -> None:
    stockholm = zone("Europe/Stockholm")
    sunday = WeeklyTime(6, time(2, 30))
    # In spring 2:30 is skipped, in autumn it comes twice: the first counts.
    spring, autumn = datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert next_moment(sunday, stockholm, spring - timedelta(minutes=1)) == spring
    assert next_moment(sunday, stockholm, autumn - timedelta(minutes=1)) == autumn
    assert next_moment(sunday, stockholm, autumn) == datetime(2026, 11, 1, 1, 30, tzinfo=UTC)
    before = next_moment(FRIDAY_AT_NINE, stockholm, datetime(2026, 10, 23, 6, 59, tzinfo=UTC))
    assert before == datetime(2026, 10, 23, 7, tzinfo=UTC)
    assert next_moment(FRIDAY_AT_NINE, stockholm, before) == datetime(2026, 10, 30, 8, tzinfo=UTC)


def test_a_number_begins_with_the_first_zone() -> None:
    zones = [zone("Pacific/Kiritimati"), zone("Pacific/Pago_Pago")]
    first = datetime(2026, 11, 26, 19, tzinfo=UTC)
    day, since = begun(FRIDAY_AT_NINE, zones, first)
    assert (week_of(day), since) == ("2026-W48", first)
    assert week_of(begun(FRIDAY_AT_NINE, zones, first - timedelta(seconds=1))[0]) == "2026-W47"
    assert week_of(begun(FRIDAY_AT_NINE, zones, first + timedelta(hours=30))[0]) == "2026-W48"
    assert day_in("2026-W53", FRIDAY_AT_NINE).isoformat() == "2027-01-01"
