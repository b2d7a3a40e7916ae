"""What was promised, seen from afar: a reader looks at the pictures; an owner has due dates in the calendar they use."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta

from icalendar import Calendar
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from tests.factories.accounts import make_person, make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]


def test_a_reader_sees_how_promises_are_kept_and_takes_the_numbers_along(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    team, now = make_team(session, "Playback", author), clock.now()
    incident = make_incident(session, author, "Playback stops")
    past = (now - timedelta(days=10)).date()
    for number in range(6):
        is_done = number < 4
        make_action(
            session,
            incident,
            f"Add alarm {number}",
            owner=author,
            team=team,
            kind="detect",
            due_on=past,
            created_at=now - timedelta(days=40),
            status="done" if is_done else "accepted",
            closed_at=now - timedelta(days=20 if number < 3 else 1) if is_done else None,
        )
    browser = sign_in(make_person(session, "Rita Reader", role="reader"))
    page = browser.get("/actions/")
    page = browser.get(next(link for link in page.links if link.endswith("/pictures")))
    assert "3 of 6 (50 %) were done by their first due date." in page.text
    assert "2 actions are open" in page.text
    page = browser.get("/actions/pictures?team=playback&kind=detect")
    link = next(link for link in page.links if "/in-time.csv" in link)
    rows = list(csv.DictReader(io.StringIO(browser.get(link).html)))
    assert {row["Name"]: row["Done by then"] for row in rows} == {"All": "3", "Detect": "3", "Playback": "3"}
    assert author.name not in page.html + browser.get(link).html


def test_an_owner_subscribes_sees_a_new_date_and_ends_it(
    session: Session, author: Person, sign_in: SignIn, anonymous: Browser
) -> None:
    incident, day = make_incident(session, author, "Playback stops"), clock.today() + timedelta(days=5)
    action = make_action(session, incident, "Add an alarm", owner=author, due_on=day, end_state="It rings.")
    browser = sign_in(author)
    page = browser.get("/me")
    page = browser.get(next(link for link in page.links if link == "/me/calendar"))
    page = browser.submit("/me/calendar", {"team": ""}, follow=True)
    (path,) = set(re.findall(r'value="http://localhost(/calendar/[^"]+)"', page.html))

    def seen() -> list[tuple[str, str]]:
        calendar = Calendar.from_ical(anonymous.get(path).html)
        return [(str(each["UID"]), each["DTSTART"].dt.isoformat()) for each in calendar.walk("VEVENT")]

    ((uid, due),) = seen()
    assert due == day.isoformat()
    browser.submit(f"/actions/{action.id}/edit", {"due_on": (day + timedelta(days=7)).isoformat()})
    assert seen() == [(uid, (day + timedelta(days=7)).isoformat())]
    page = browser.get("/me/calendar")
    assert "Not yet" not in page.text
    revoke = next(form for form in page.forms if (form.action or "").endswith("/revoke"))
    browser.post(revoke.action or "", revoke.data)
    assert anonymous.get(path).status == 404
