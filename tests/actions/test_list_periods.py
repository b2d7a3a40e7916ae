"""Periods of the list by due date and by closing, and what it says of what is asked about again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.incidents.models import Incident
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.support.client import Browser

NIGHT = datetime(2026, 3, 9, 23, 59, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def dated(session: Session, incident: Incident) -> None:
    """Due and closed around 9 March; all were added today."""
    for title, due, closed in (
        ("Open, due before", NIGHT - DAY, None),
        ("Open, due then", NIGHT, None),
        ("Open, without date", None, None),
        ("Closed in time", NIGHT, NIGHT - DAY),
        ("Closed late that night", NIGHT - DAY, NIGHT),
        ("Closed the day after", NIGHT + DAY, NIGHT + timedelta(minutes=1)),
    ):
        make_action(
            session,
            incident,
            title,
            due_on=due.date() if due else None,
            closed_at=closed,
            status="verified" if closed else "accepted",
            end_state="It rings.",
        )


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("dates=due&since=2026-03-09&until=2026-03-09", {"Open, due then", "Closed in time"}),
        ("dates=due&until=2026-03-08", {"Open, due before", "Closed late that night"}),
        ("dates=due&since=2026-03-10", {"Closed the day after"}),
        ("dates=closed&since=2026-03-09&until=2026-03-09", {"Closed late that night"}),
        ("dates=closed&until=2026-03-08", {"Closed in time"}),
        ("dates=closed&since=2026-03-09", {"Closed late that night", "Closed the day after"}),
        ("dates=closed&since=2026-03-09&group=owner", {"Closed late that night", "Closed the day after"}),
        ("since=2026-03-09&until=2026-03-09", set()),
    ],
)
def test_a_period_can_be_of_due_dates_and_of_closing(
    dated: None, session: Session, browser: Browser, query: str, found: set[str]
) -> None:
    page = browser.get(f"/actions/?{query}")
    titles = {action.title for action in session.query(Action)}
    assert {title for title in titles if title in page.text} == found


def test_the_days_say_what_they_are_the_days_of(dated: None, browser: Browser) -> None:
    page = browser.get("/actions/?dates=closed&since=2026-03-01&until=2026-03-31")
    assert "Remove filter: Closed from: 2026-03-01" in page.text
    assert "Remove filter: Closed until: 2026-03-31" in page.text
    assert "Which date: Closed" not in page.text
    assert "Remove filter: Added from: 2026-03-01" in browser.get("/actions/?since=2026-03-01").text
    assert browser.get("/actions/?dates=born").status == 422


@pytest.mark.parametrize("path", ["/actions/?show=unverified", "/me"])
@pytest.mark.parametrize("is_hidden", [False, True])
def test_the_incident_that_asks_again_is_named_to_those_who_see_it(
    session: Session,
    incident: Incident,
    author: Person,
    sign_in: Callable[[Person], Browser],
    path: str,
    is_hidden: bool,
) -> None:
    later = make_incident(session, None, "Playback stops again", restricted=is_hidden)
    action = make_action(session, incident, status="done", owner=author, closed_at=NIGHT)
    action.questioned_by, action.questioned_at, action.verify_on = later, NIGHT + DAY, (NIGHT + DAY).date()
    make_action(session, incident, "Not asked about", status="done", owner=author, closed_at=NIGHT)
    session.commit()
    page = sign_in(author).get(path)
    assert page.text.count("Did it work? Asked again because of") == 1
    assert ("Playback stops again" in page.text) is not is_hidden
    assert (f"/incidents/{later.id}" in page.links) is not is_hidden
    assert ("Asked again because of another incident" in page.text) is is_hidden
