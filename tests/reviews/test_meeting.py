"""The meeting of a review: planned once, moved, cancelled; its guests are invited, and nobody else hears of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.errors import Conflict, Refused
from postmortem.history.models import HistoryEntry
from postmortem.incidents.models import Incident
from postmortem.incidents.operations import edit_incident
from postmortem.outbox.models import OutboxMessage
from postmortem.reviews.meeting_calendar import Invitation, Method, icalendar_of
from postmortem.reviews.models import ReviewMeeting, ReviewRequest
from postmortem.reviews.operations import ask, name_facilitator, open_requests, take_back
from postmortem.reviews.operations_meeting import Plan, cancel_meeting, plan_meeting
from postmortem.writeups.models import Writeup
from postmortem.writeups.operations import save_writeup
from tests.factories.accounts import make_person, make_team
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup
from tests.notifications.news_fixtures import Work, mails, site, work
from tests.support.client import Browser
from tests.support.smtp import MailServer, Taken

__all__ = ["mails", "site", "work"]
SignIn = Callable[[Person], Browser]
Frozen = Callable[[datetime], None]
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
AT = datetime(2026, 3, 9, 13, tzinfo=UTC)
URL = "/writeups/the-cache-that-remembered/review"


@pytest.fixture
def writeup(session: Session, author: Person, frozen: Frozen) -> Writeup:
    frozen(NOW)
    return make_writeup(session, author)


def plan(session: Session, writeup: Writeup, actor: Person, **changes: Any) -> ReviewMeeting:
    """Plan it or change it, as whoever looked a moment ago."""
    session.expire_all()
    usual: dict[str, Any] = {
        "starts_at": AT,
        "minutes": 45,
        "timezone": "Europe/Stockholm",
        "place": "Room 4",
    }
    there = session.scalar(select(ReviewMeeting).where(ReviewMeeting.cancelled_at.is_(None)))
    planned = Plan(**usual | changes)
    meeting = plan_meeting(session, writeup, planned, version=there.version if there else 0, actor=actor)
    session.commit()
    return meeting


def event_of(taken: Taken) -> tuple[str, Any]:
    """Method and event of the invitation in a mail, which says the same in its text."""
    [part] = [each for each in taken.message.walk() if each.get_content_type() == "text/calendar"]
    calendar = Calendar.from_ical(part.get_content())
    assert part.get_param("method") == calendar["METHOD"]
    assert part.get_content_charset() == "utf-8"
    [event] = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), event


def came(mails: MailServer, work: Work) -> dict[str, Taken]:
    """The mails that came since the last time, by recipient."""
    before = len(mails.taken)
    work()
    invited = [each for each in mails.taken[before:] if "calendar" in each.raw.decode()]
    found = {each.recipients[0]: each for each in invited}
    assert len(found) == len(invited)
    return found


def test_it_is_planned_moved_and_cancelled_and_its_guests_follow(
    session: Session, writeup: Writeup, author: Person, outsider: Person, mails: MailServer, work: Work
) -> None:
    lead, member = make_person(session, "Lena Lead"), make_person(session, "Mo Member", timezone="Asia/Tokyo")
    team = make_team(session, "Sound", member)
    for whom in (outsider, team, lead):
        ask(session, writeup, whom, note="", actor=author)
    name_facilitator(session, writeup, lead, actor=author)
    meeting = plan(session, writeup, author, place="Room 4, second floor")
    everybody = {each.email for each in (author, outsider, lead, member)}

    invited = came(mails, work)
    assert set(invited) == everybody
    method, event = event_of(invited[member.email])
    assert (method, event["SEQUENCE"], str(event["UID"])) == ("REQUEST", 0, meeting.uid)
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (AT, AT + timedelta(minutes=45))
    assert event["LOCATION"] == "Room 4, second floor"
    # Of the guests an invitation names the one alone whose it is.
    assert str(event["ATTENDEE"]) == f"mailto:{member.email}"
    assert str(event["ORGANIZER"]) == "mailto:postmortem@example.com"
    text = invited[member.email].part("plain")
    assert "Monday, 9 March 2026, 22:00 UTC+9, 45 minutes" in text
    assert f"http://localhost{URL}" in text
    assert "Room 4, second floor" in invited[member.email].part("html")

    # The same again tells nobody; another place tells everybody, and calendars move what they have.
    plan(session, writeup, author, place="Room 4, second floor")
    assert came(mails, work) == {}
    plan(session, writeup, author, place="https://call.example/7")
    moved = came(mails, work)
    assert set(moved) == everybody
    method, event = event_of(moved[outsider.email])
    assert (method, event["SEQUENCE"], str(event["UID"])) == ("REQUEST", 1, meeting.uid)
    assert str(moved[outsider.email].message["Subject"]).startswith("Changed: Review of “The cache")

    # Who is not asked any more is taken off with the next change, and hears nothing but that.
    take_back(session, open_requests(session, writeup.id)[0], actor=author)
    save_writeup(session, writeup, {"title": "A new title"}, version=None, actor=author)
    plan(session, writeup, author)
    changed = came(mails, work)
    assert {who: event_of(mail)[0] for who, mail in changed.items() if mail} == {
        **dict.fromkeys(everybody, "REQUEST"),
        outsider.email: "CANCEL",
    }
    _, event = event_of(changed[outsider.email])
    assert (event["SEQUENCE"], str(event["UID"]), event.get("STATUS")) == (2, meeting.uid, None)
    assert "A new title" not in changed[outsider.email].raw.decode()
    assert "Room 4" not in str(event)

    # Called off: to the same people.
    session.expire_all()
    cancel_meeting(session, writeup, version=meeting.version, actor=author)
    session.commit()
    cancelled = came(mails, work)
    assert set(cancelled) == everybody - {outsider.email}
    method, event = event_of(cancelled[lead.email])
    assert (method, event["SEQUENCE"], event["STATUS"]) == ("CANCEL", 3, "CANCELLED")
    assert str(event["UID"]) == meeting.uid
    verbs = select(HistoryEntry.verb).where(HistoryEntry.subject_type == "review_meetings")
    assert list(session.scalars(verbs.order_by(HistoryEntry.id))) == [
        "planned",
        "changed",
        "changed",
        "cancelled",
    ]


def test_who_does_not_see_its_incident_is_no_guest_and_who_lost_sight_gets_no_mail(
    session: Session, author: Person, outsider: Person, frozen: Frozen, mails: MailServer, work: Work
) -> None:
    frozen(NOW)
    incident = make_incident(session, author, participants=[(outsider.email, "")])
    writeup = make_writeup(session, author, "Told to few", incidents=[incident])
    blind = make_person(session, "Bo Blind")
    session.add(ReviewRequest(writeup_id=writeup.id, person_id=blind.id, created_at=NOW))
    ask(session, writeup, outsider, note="", actor=author)
    session.commit()
    meeting = plan(session, writeup, author)
    assert {each.id for each in meeting.guests} == {author.id, blind.id, outsider.id}

    _restrict(session, incident, author)
    assert set(came(mails, work)) == {author.email, outsider.email}
    plan(session, writeup, author, minutes=30)
    # Not even that it goes on without them: a mail would say what they may not know.
    assert set(came(mails, work)) == {author.email, outsider.email}
    assert [each.name for each in session.get_one(ReviewMeeting, meeting.id).guests if each is blind] == []
    assert "Told to few" not in "".join(
        each.raw.decode() for each in mails.taken if blind.email in each.recipients
    )


def _restrict(session: Session, incident: Incident, author: Person) -> None:
    edit_incident(session, incident, {"visibility": "restricted"}, version=None, actor=author)
    session.commit()


def test_an_invitation_that_waited_says_what_holds_now(
    session: Session, writeup: Writeup, author: Person, outsider: Person, mails: MailServer, work: Work
) -> None:
    ask(session, writeup, outsider, note="", actor=author)
    plan(session, writeup, author)
    plan(session, writeup, author, place="Room 5")
    assert {event_of(each)[1]["SEQUENCE"] for each in came(mails, work).values()} == {1}
    assert len(mails.taken) == 3, "two invitations, and that a review is asked for"


def test_two_who_plan_at_once_make_one_meeting(session: Session, writeup: Writeup, author: Person) -> None:
    plan_meeting(session, writeup, Plan(AT, 60, "UTC"), version=0, actor=author)
    session.commit()
    with pytest.raises(Conflict):
        plan_meeting(session, writeup, Plan(AT, 30, "UTC"), version=0, actor=author)
    session.rollback()
    with pytest.raises(Conflict):
        cancel_meeting(session, writeup, version=7, actor=author)
    session.rollback()
    [meeting] = session.scalars(select(ReviewMeeting)).all()
    assert (meeting.minutes, meeting.sequence) == (60, 0)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("starts_at", {"starts_at": NOW - timedelta(minutes=1)}),
        ("minutes", {"minutes": 4}),
        ("minutes", {"minutes": 481}),
        ("timezone", {"timezone": "Nowhere/Land"}),
        ("place", {"place": "x" * 301}),
    ],
)
def test_what_cannot_be_planned(
    session: Session, writeup: Writeup, author: Person, field: str, change: dict[str, Any]
) -> None:
    usual: dict[str, Any] = {"starts_at": AT, "minutes": 45, "timezone": "UTC"}
    with pytest.raises(Refused) as refused:
        plan_meeting(session, writeup, Plan(**usual | change), version=0, actor=author)
    assert refused.value.field == field
    assert session.scalars(select(OutboxMessage)).all() == []


def test_the_page_plans_and_shows_it(
    session: Session, writeup: Writeup, author: Person, outsider: Person, reader: Person, sign_in: SignIn
) -> None:
    ask(session, writeup, outsider, note="", actor=author)
    session.commit()
    browser, guest = sign_in(author), sign_in(outsider)
    assert "No meeting is planned" in guest.get(URL).text
    assert guest.get(f"{URL}/meeting.ics").status == 404
    fields = {"starts_at": "2026-03-09T14:00", "timezone": "Europe/Stockholm", "minutes": "45"}
    form = browser.get(f"{URL}/meeting").forms[-1]
    assert form.data["timezone"] == [author.timezone]
    assert browser.post(f"{URL}/meeting", {**form.data, **fields, "place": "Room 4"}).location == URL
    # Sent twice: one meeting, and nothing to decide.
    assert browser.post(f"{URL}/meeting", {**form.data, **fields, "place": "Room 4"}).location == URL
    # Somebody else had the empty form open, and meant something else.
    late = browser.post(f"{URL}/meeting", {**form.data, **fields, "place": "Room 5"})
    assert late.status == 409
    assert "Room 4" in late.text
    assert "Room 5" in late.html
    session.expire_all()
    [meeting] = session.scalars(select(ReviewMeeting)).all()
    assert (meeting.starts_at, meeting.minutes, meeting.place) == (AT, 45, "Room 4")

    outsider.timezone = "Asia/Tokyo"
    session.commit()
    page = guest.get(URL)
    assert "9 Mar 2026, 22:00 JST" in page.text
    assert f"With {author.name}, {outsider.name}" in page.text
    assert f"{URL}/meeting" not in page.links
    calendar = guest.client.get(f"{URL}/meeting.ics")
    assert calendar.headers["Content-Type"] == "text/calendar; charset=utf-8"
    [event] = Calendar.from_ical(calendar.data).walk("VEVENT")
    assert (event["DTSTART"].dt, str(event["SUMMARY"])) == (AT, "Review: The cache that remembered")
    assert set(event) == {
        *("UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND"),
        *("SUMMARY", "LOCATION", "DESCRIPTION", "URL", "STATUS"),
    }
    assert b"@" not in calendar.data

    # Only who works on it changes it; for anybody else it is not there.
    for refused, status in ((guest, 403), (sign_in(reader), 404)):
        assert refused.get(f"{URL}/meeting").status == status
        assert refused.post(f"{URL}/meeting", fields).status == status
        assert refused.post(f"{URL}/meeting/cancel", {"version": "1"}).status == status
    assert sign_in(reader).get(f"{URL}/meeting.ics").status == 404


def test_who_is_asked_later_is_shown_as_not_invited_yet(
    session: Session, writeup: Writeup, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    plan(session, writeup, author)
    ask(session, writeup, outsider, note="", actor=author)
    session.commit()
    browser = sign_in(author)
    assert f"{outsider.name} is not invited yet" in browser.get(URL).text
    assert browser.submit(f"{URL}/meeting", form=-2).status == 303
    assert "not invited yet" not in browser.get(URL).text
    session.expire_all()
    [meeting] = session.scalars(select(ReviewMeeting)).all()
    assert (outsider in meeting.guests, meeting.sequence) == (True, 1)


def test_a_meeting_that_is_over_stays_and_another_can_be_planned(
    session: Session, writeup: Writeup, author: Person, sign_in: SignIn, frozen: Frozen
) -> None:
    plan(session, writeup, author)
    frozen(AT + timedelta(minutes=44))
    assert "The meeting is over" not in sign_in(author).get(URL).text
    frozen(AT + timedelta(minutes=45))
    browser = sign_in(author)
    assert "The meeting is over" in browser.get(URL).text
    assert browser.post(f"{URL}/meeting/cancel", {"version": "1"}).location == URL
    again = {"starts_at": "2026-03-16T14:00", "timezone": "UTC", "minutes": "30"}
    assert browser.submit(f"{URL}/meeting", again).status == 303
    session.expire_all()
    first, second = session.scalars(select(ReviewMeeting).order_by(ReviewMeeting.id))
    assert (first.cancelled_at, first.starts_at) == (None, AT)
    assert second.uid != first.uid


def test_cancelling_on_the_page(
    session: Session, writeup: Writeup, author: Person, sign_in: SignIn, frozen: Frozen
) -> None:
    plan(session, writeup, author)
    browser = sign_in(author)
    assert browser.post(f"{URL}/meeting/cancel", {"version": "9"}).location == f"{URL}/meeting"
    assert browser.post(f"{URL}/meeting/cancel").status == 422
    for _ in range(2):
        # The second click finds nothing to cancel, and says so.
        assert browser.post(f"{URL}/meeting/cancel", {"version": "1"}).location == URL
    assert "No meeting is planned" in browser.get(URL).text
    assert browser.get(f"{URL}/meeting.ics").status == 404


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"starts_at": ""}, "Enter when it begins"),
        ({"starts_at": "2026-03-09"}, "Enter a time beside the day"),
        ({"starts_at": "2026-03-01T10:00"}, "This time is past"),
        # The night in which clocks go forward, and the one in which they go back.
        ({"starts_at": "2026-03-29T02:30"}, "02:30 did not exist"),
        ({"starts_at": "2026-10-25T02:30"}, "02:30 happened twice"),
        ({"minutes": "9" * 400}, "Plan between 5 and 480 minutes"),
        ({"minutes": "soon"}, "Minutes"),
        ({"timezone": "Nowhere"}, "Enter a time zone by its name"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    session: Session, writeup: Writeup, author: Person, sign_in: SignIn, typed: dict[str, str], problem: str
) -> None:
    fields = {
        "starts_at": "2026-03-09T14:00",
        "timezone": "Europe/Stockholm",
        "minutes": "45",
        "place": "Room 4",
    }
    page = sign_in(author).submit(f"{URL}/meeting", fields | typed)
    assert page.status == 422
    assert problem in page.text
    assert "Room 4" in page.html
    assert session.scalars(select(ReviewMeeting)).all() == []


@pytest.mark.parametrize(("fold", "hour"), [("0", 0), ("1", 1)])
def test_the_hour_that_comes_twice_is_the_one_that_was_meant(
    session: Session, writeup: Writeup, author: Person, sign_in: SignIn, fold: str, hour: int
) -> None:
    fields = {"starts_at": "2026-10-25T02:30", "timezone": "Europe/Stockholm", "starts_at_fold": fold}
    browser = sign_in(author)
    assert browser.submit(f"{URL}/meeting", fields).status == 303
    [event] = Calendar.from_ical(browser.client.get(f"{URL}/meeting.ics").data).walk("VEVENT")
    begins = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
    # The hour that clocks go through twice is still one hour.
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (begins, begins + timedelta(hours=1))


def test_strange_words_in_a_calendar_stay_words() -> None:
    title = "Ends;\nBEGIN:VALARM, \\ and “” \N{SNOWMAN}" + " long" * 40
    invitation = Invitation("u", 2, AT, 30, NOW, title=title, place="a,b;c", url="https://p.example/x")
    document = icalendar_of(
        invitation, Method.REQUEST, organizer="p@example.com", guest=('Q "X";Y', "q@e.com")
    )
    assert max(len(line.encode()) for line in document.split("\r\n")) <= 75
    calendar = Calendar.from_ical(document)
    [event] = calendar.walk("VEVENT")
    assert str(event["SUMMARY"]) == f"Review: {title}"
    assert str(event["LOCATION"]) == "a,b;c"
    assert calendar.walk("VALARM") == []
    assert event["ATTENDEE"].params["RSVP"] == "FALSE"
