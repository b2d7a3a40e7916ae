"""Whoever was asked for a review and gave no verdict is reminded: after three days, then weekly, once, and not at night."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.incidents.enums import Visibility
from postmortem.notifications.enums import Event, Pace
from postmortem.outbox.models import OutboxMessage
from postmortem.outbox.workplace import Workplace
from postmortem.reviews.enums import Verdict
from postmortem.reviews.models import ReviewRequest
from postmortem.reviews.operations import ask, ask_anew, give_verdict, take_back
from postmortem.reviews.reminders import _remind, due_reminders, remind
from postmortem.writeups import operations as writeups
from postmortem.writeups.models import Writeup
from postmortem.writeups.operations_deletion import delete_writeup
from tests.factories.accounts import make_person, make_team
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup
from tests.notifications.news_fixtures import Work, choose
from tests.support.smtp import MailServer

ASKED = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def asked_at(frozen) -> None:
    frozen(ASKED)


@pytest.fixture
def writeup(session: Session, author: Person) -> Writeup:
    return make_writeup(session, author)


@pytest.fixture
def request_(session: Session, writeup: Writeup, author: Person, outsider: Person) -> ReviewRequest:
    request = ask(session, writeup, outsider, note="", actor=author)
    session.commit()
    return request


def reminded(session: Session) -> list[list[int]]:
    """Who was reminded, one list for each reminder."""
    session.expire_all()
    rows = [row.payload for row in session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))]
    return [row["to"] for row in rows if row.get("facts", {}).get("reminder")]


def days_reminded(session: Session, site: Workplace, frozen, days: int) -> Iterator[int]:
    """The days, counted from the asking, on which a reminder is owed; the duty is done twice each day."""
    for day in range(days):
        before = len(reminded(session))
        frozen(ASKED + timedelta(days=day))
        for _ in range(2):
            remind(site)
        if len(reminded(session)) > before:
            yield day


def test_after_three_days_then_weekly_and_once(
    session: Session, site: Workplace, request_: ReviewRequest, outsider: Person, frozen
) -> None:
    assert list(days_reminded(session, site, frozen, 20)) == [3, 10, 17]
    assert reminded(session) == [[outsider.id]] * 3


def test_after_a_downtime_there_is_one(
    session: Session, site: Workplace, request_: ReviewRequest, frozen
) -> None:
    frozen(ASKED + timedelta(days=60))
    remind(site)
    remind(site)
    assert len(reminded(session)) == 1


def test_two_workers_at_the_same_moment_remind_once(
    session: Session, site: Workplace, request_: ReviewRequest, frozen
) -> None:
    frozen(ASKED + timedelta(days=3))
    with site.reading() as reading:
        [due] = due_reminders(reading, clock.now())
    version = request_.version
    remind(site)
    with site.writing() as writing:
        _remind(writing, due)
    assert len(reminded(session)) == 1
    # Somebody who takes it back at the same moment is not told that it was changed.
    assert request_.version == version


def test_many_workers_at_once_remind_of_each_once(
    session: Session, site: Workplace, writeup: Writeup, author: Person, frozen
) -> None:
    asked = [make_person(session, f"Reviewer {number}") for number in range(6)]
    for each in asked:
        ask(session, writeup, each, note="", actor=author)
    session.commit()
    frozen(ASKED + timedelta(days=3))
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(remind, site) for _ in range(8)]:
            done.result()
    assert sorted(reminded(session)) == [[each.id] for each in asked]


def test_a_worker_that_ends_in_between_has_reminded_of_nothing(
    session: Session, site: Workplace, request_: ReviewRequest, frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen(ASKED + timedelta(days=3))

    def ends(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("postmortem.reviews.reminders.tell", ends)
        with pytest.raises(SystemExit):
            remind(site)
    assert reminded(session) == []
    assert request_.reminded_at is None
    remind(site)
    assert len(reminded(session)) == 1


@pytest.mark.parametrize("what", ["taken back", "published", "withdrawn", "deleted", "answered", "left"])
def test_what_ends_reminding(
    session: Session,
    site: Workplace,
    writeup: Writeup,
    request_: ReviewRequest,
    author: Person,
    outsider: Person,
    what: str,
    frozen,
) -> None:
    frozen(ASKED + timedelta(days=1))
    if what == "taken back":
        take_back(session, request_, actor=author)
    elif what in ("published", "withdrawn"):
        writeups.publish(session, writeup, actor=author)
        if what == "withdrawn":
            writeups.withdraw(session, writeup, reason="", actor=author)
    elif what == "deleted":
        delete_writeup(session, writeup, version=None, actor=author)
    elif what == "answered":
        give_verdict(session, writeup, Verdict.CHANGES, "More.", revision=1, actor=outsider)
        writeups.save_writeup(session, writeup, {"body": "Other."}, version=None, actor=author)
    else:
        outsider.is_active = False
    session.commit()
    frozen(ASKED + timedelta(days=30))
    remind(site)
    assert reminded(session) == []


def test_whoever_may_not_see_it_any_more_is_not_reminded(
    session: Session, site: Workplace, author: Person, outsider: Person, frozen
) -> None:
    incident = make_incident(session, author)
    writeup = make_writeup(session, author, incidents=[incident])
    ask(session, writeup, outsider, note="", actor=author)
    session.commit()
    # What is restricted later is restricted for those who were asked, too.
    incident.visibility = Visibility.RESTRICTED
    session.commit()
    frozen(ASKED + timedelta(days=3))
    remind(site)
    assert reminded(session) == []


def test_of_a_team_those_who_gave_no_verdict_and_do_not_write_it(
    session: Session,
    site: Workplace,
    writeup: Writeup,
    author: Person,
    outsider: Person,
    reader: Person,
    frozen,
) -> None:
    third = make_person(session, "Third Person")
    team = make_team(session, "Sound", outsider, reader, author, third)
    request = ask(session, writeup, team, note="", actor=author)
    session.commit()
    assert told_of(session, request) == [sorted([outsider.id, reader.id, third.id])]
    # Who is asked by name as well is reminded of that.
    ask(session, writeup, third, note="", actor=author)
    give_verdict(session, writeup, Verdict.APPROVE, "", revision=1, actor=reader)
    session.commit()
    frozen(ASKED + timedelta(days=3))
    remind(site)
    assert reminded(session) == [[outsider.id], [third.id]]


def told_of(session: Session, request: ReviewRequest) -> list[list[int]]:
    rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    return [
        row.payload["to"]
        for row in rows
        if row.payload.get("subject_type") == "review_requests" and row.payload["subject_id"] == request.id
    ]


def test_asked_again_the_days_count_anew(
    session: Session,
    site: Workplace,
    writeup: Writeup,
    request_: ReviewRequest,
    author: Person,
    outsider: Person,
    frozen,
) -> None:
    frozen(ASKED + timedelta(days=3))
    remind(site)
    give_verdict(session, writeup, Verdict.CHANGES, "More.", revision=1, actor=outsider)
    assert not ask_anew(session, request_, actor=author)
    frozen(ASKED + timedelta(days=5))
    writeups.save_writeup(session, writeup, {"body": "More."}, version=None, actor=author)
    assert ask_anew(session, request_, actor=author)
    assert not ask_anew(session, request_, actor=author)
    session.commit()
    assert list(days_reminded(session, site, frozen, 17)) == [8, 15]


def test_nobody_is_reminded_at_night(
    session: Session, site: Workplace, request_: ReviewRequest, outsider: Person, frozen
) -> None:
    outsider.timezone = "America/Los_Angeles"
    session.commit()
    due = ASKED + timedelta(days=3)
    frozen(due.replace(hour=14, minute=59))
    remind(site)
    assert reminded(session) == []
    frozen(due.replace(hour=15))
    remind(site)
    assert len(reminded(session)) == 1


def test_where_their_days_never_meet_it_is_not_waited_for_ever(
    session: Session, site: Workplace, request_: ReviewRequest, outsider: Person, frozen
) -> None:
    team = make_team(session, "Light", make_person(session, "Third Person", timezone="Asia/Tokyo"), outsider)
    request_.team_id, request_.person_id = team.id, None
    outsider.timezone = "America/Los_Angeles"
    session.commit()
    due = ASKED + timedelta(days=3)
    frozen(due)
    remind(site)
    assert reminded(session) == []
    frozen(due + timedelta(days=1))
    remind(site)
    assert [len(each) for each in reminded(session)] == [2]


def test_the_mail_says_who_asked_and_when_and_keeps_to_what_was_chosen(
    session: Session,
    work: Work,
    mails: MailServer,
    request_: ReviewRequest,
    author: Person,
    outsider: Person,
    frozen,
) -> None:
    # As shipped it comes at once.
    work()
    [asking] = mails.taken
    assert asking.recipients == [outsider.email]
    assert f"{author.name} asks you to review" in " ".join(asking.part("plain").split())
    frozen(ASKED + timedelta(days=3))
    work(remind)
    [_, reminder] = mails.taken
    assert f"still waits for a review: {author.name} asked you 3 days ago" in " ".join(
        reminder.part("plain").split()
    )
    choose(session, outsider, Event.REVIEW_REQUESTED, Pace.NEVER)
    frozen(ASKED + timedelta(days=10))
    work(remind)
    assert len(mails.taken) == 2


def test_a_verdict_in_between_makes_the_reminder_void(
    session: Session,
    site: Workplace,
    work: Work,
    mails: MailServer,
    writeup: Writeup,
    request_: ReviewRequest,
    author: Person,
    outsider: Person,
    frozen,
) -> None:
    work()
    frozen(ASKED + timedelta(days=3))
    remind(site)
    give_verdict(session, writeup, Verdict.APPROVE, "", revision=1, actor=outsider)
    session.commit()
    work()
    told = [(taken.recipients, taken.message["Subject"]) for taken in mails.taken[1:]]
    assert [recipients for recipients, _ in told] == [[author.email]]
