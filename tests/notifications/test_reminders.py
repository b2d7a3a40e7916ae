"""Reminders by the calendar: each step once, none at night, one after a long downtime, anew after a new date."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.operations import edit_person
from postmortem.actions import reminders
from postmortem.actions.enums import ActionStatus
from postmortem.actions.models import Action
from postmortem.actions.operations import delete_action
from postmortem.actions.reminders import _remind, day_for, due_reminders, overdue_step, remind
from postmortem.history.operations import CLI
from postmortem.notifications.models import Reminder
from postmortem.outbox.models import OutboxMessage
from postmortem.outbox.workplace import Workplace
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.notifications.news_fixtures import settings

DUE = date(2026, 3, 10)


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.fixture
def action(session: Session, author: Person, outsider: Person, frozen) -> Action:
    """Due on 10 March, of somebody in UTC; added long before."""
    frozen(at(date(2026, 1, 1)))
    return make_action(session, make_incident(session, author), owner=outsider, due_on=DUE)


def told(session: Session) -> list[tuple[str, int]]:
    """The reminders that were given, and as many pieces of news."""
    session.expire_all()
    rows = session.scalars(select(Reminder).order_by(Reminder.id)).all()
    events = ("overdue", "due_soon", "verification_due")
    news = [row.payload for row in session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))]
    news = [payload for payload in news if payload.get("event") in events]
    assert [payload["event"] for payload in news] == [row.event for row in rows]
    return [(row.event, row.step) for row in rows]


def test_overdue_reminders_grow_apart() -> None:
    first_of_step = [days for days in range(400) if overdue_step(days) > overdue_step(days - 1)]
    assert first_of_step == [1, 3, 7, 14, 30, 60, 120, 180, 240, 300, 360]


def test_a_long_year_of_it(session: Session, action: Action, site: Workplace, frozen) -> None:
    days = []
    for number in range(-20, 130):
        frozen(at(DUE + timedelta(days=number)))
        before = len(told(session))
        for _ in range(2):
            remind(site)
        if len(told(session)) > before:
            days.append(number)
    assert days == [-7, 1, 3, 7, 14, 30, 60, 120]
    assert told(session)[0] == ("due_soon", 1)


def test_after_sixty_days_of_downtime_there_is_one_reminder(
    session: Session, action: Action, site: Workplace, frozen
) -> None:
    frozen(at(DUE + timedelta(days=61)))
    remind(site)
    remind(site)
    assert told(session) == [("overdue", 6)]


def test_a_round_gives_so_many_and_the_next_the_rest(
    session: Session, action: Action, site: Workplace, author: Person, frozen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever piled up while no worker ran keeps nobody waiting for one long round."""
    frozen(at(DUE + timedelta(days=1)))
    for number in range(6):
        make_action(session, action.incident, f"Ring {number}", owner=author, due_on=DUE)
    monkeypatch.setattr(reminders, "MOST_A_ROUND", 3)
    monkeypatch.setattr(reminders, "AT_A_TIME", 2)
    given = []
    for _ in range(4):
        remind(site)
        given.append(len(told(session)))
    assert given == [3, 6, 7, 7]


def test_two_workers_at_the_same_moment_remind_once(
    session: Session, action: Action, site: Workplace, frozen
) -> None:
    frozen(at(DUE + timedelta(days=1)))
    with site.reading() as reading:
        [due] = due_reminders(reading, at(DUE + timedelta(days=1)))
    remind(site)
    with pytest.raises(IntegrityError), site.writing() as writing:
        _remind(writing, [due])
    assert told(session) == [("overdue", 1)]


@pytest.mark.parametrize(
    ("timezone", "begins", "now", "expected"),
    [
        ("UTC", "08:00", "2026-03-10T08:00", date(2026, 3, 10)),
        ("UTC", "08:00", "2026-03-10T07:59", date(2026, 3, 9)),
        ("America/Los_Angeles", "08:00", "2026-03-10T15:00", date(2026, 3, 10)),
        ("America/Los_Angeles", "08:00", "2026-03-10T14:59", date(2026, 3, 9)),
        # There it is the 11th already, and by everything else here the 10th.
        ("Pacific/Auckland", "08:00", "2026-03-10T20:00", date(2026, 3, 10)),
        # The night in which clocks go forward.
        ("Europe/Stockholm", "02:30", "2026-03-29T01:00", date(2026, 3, 29)),
    ],
)
def test_the_day_of_an_owner_begins_at_their_hour(
    timezone: str, begins: str, now: str, expected: date
) -> None:
    assert day_for(timezone, begins, datetime.fromisoformat(now).replace(tzinfo=UTC)) == expected


def test_a_new_date_starts_anew(session: Session, action: Action, site: Workplace, frozen) -> None:
    frozen(at(DUE + timedelta(days=7)))
    remind(site)
    action.due_on = DUE + timedelta(days=30)
    session.commit()
    frozen(at(DUE + timedelta(days=31)))
    remind(site)
    assert told(session) == [("overdue", 3), ("overdue", 1)]


def test_nobody_is_reminded_at_night(
    session: Session, action: Action, outsider: Person, site: Workplace, frozen
) -> None:
    edit_person(session, outsider, {"timezone": "America/Los_Angeles"}, version=None, actor=CLI)
    settings(session, outsider, digest_at="09:00")
    frozen(datetime(2026, 3, 11, 15, 59, tzinfo=UTC))
    remind(site)
    assert ("overdue", 1) not in told(session)
    frozen(datetime(2026, 3, 11, 16, 0, tzinfo=UTC))
    remind(site)
    assert told(session)[-1] == ("overdue", 1)


@pytest.mark.parametrize("case", ["closed", "deleted", "no owner", "owner left", "incident deleted"])
def test_who_is_not_reminded(
    session: Session, action: Action, outsider: Person, site: Workplace, frozen, case: str
) -> None:
    if case == "closed":
        action.status = ActionStatus.NOT_DOING
    elif case == "deleted":
        delete_action(session, action, actor=CLI)
    elif case == "no owner":
        action.owner = None
    elif case == "owner left":
        edit_person(session, outsider, {"is_active": False}, version=None, actor=CLI)
    else:
        from postmortem.incidents.operations_deletion import delete_incident

        delete_incident(session, action.incident, version=action.incident.version, actor=CLI)
    session.commit()
    frozen(at(DUE + timedelta(days=1)))
    remind(site)
    assert told(session) == []


def test_verification_is_asked_for_once(session: Session, action: Action, site: Workplace, frozen) -> None:
    action.status = ActionStatus.DONE
    action.verify_on = DUE
    session.commit()
    for days in (-1, 0, 1, 30):
        frozen(at(DUE + timedelta(days=days)))
        remind(site)
    assert told(session) == [("verification_due", 1)]
