"""What wants somebody's eye: overdue, due soon, stale, without owner, owner left, to be verified."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions import listing, queries
from postmortem.actions.listing import SHOW_LABELS, Wanted
from postmortem.actions.models import Action
from postmortem.actions.policy import AS_SHIPPED
from tests.factories.accounts import make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.support.client import Browser

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = NOON.date()
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def at_noon(frozen: Callable[[datetime], None]) -> None:
    frozen(NOON)


def set_up(session: Session, author: Person, reader: Person) -> None:
    """One action on each side of each line. The reader has left."""
    incident = make_incident(session, author)
    soon = DAY * AS_SHIPPED.due_soon_days
    for title, values in {
        "yesterday": {"due_on": TODAY - DAY},
        "today": {"due_on": TODAY},
        "last soon day": {"due_on": TODAY + soon},
        "not soon": {"due_on": TODAY + soon + DAY},
        "promised": {"status": "accepted"},
    }.items():
        make_action(session, incident, title, owner=author, **{"status": "accepted", **values})
    make_action(session, incident, "nobody's", status="in_progress")
    make_action(session, incident, "proposed", owner=author)
    make_action(session, incident, "who left", owner=reader, status="accepted")
    make_action(session, incident, "closed of who left", owner=reader, status="verified")
    touched = {"stale": AS_SHIPPED.stale_days + 1, "not stale": AS_SHIPPED.stale_days - 1}
    verify = {"to verify": TODAY, "no day": None, "verify later": TODAY + DAY}
    for title in touched:
        make_action(session, incident, title, owner=author, status="accepted")
    for title in (*verify, "questioned"):
        make_action(session, incident, title, owner=author, status="done")
    make_action(session, incident, "questioned though verified", owner=author, status="verified")
    for title, days in touched.items():
        values = {"touched_at": NOON - DAY * days}
        session.execute(update(Action).where(Action.title == title).values(values))
    for title, day in verify.items():
        session.execute(update(Action).where(Action.title == title).values(verify_on=day))
    asked = {"questioned_by_id": incident.id, "questioned_at": NOON, "verify_on": TODAY + DAY}
    session.execute(update(Action).where(Action.title.startswith("questioned")).values(asked))
    reader.is_active = False
    session.commit()


@pytest.mark.parametrize(
    ("show", "found"),
    [
        ("overdue", {"yesterday"}),
        ("due_soon", {"today", "last soon day"}),
        ("stale", {"stale"}),
        ("unowned", {"nobody's"}),
        ("left", {"who left"}),
        ("unverified", {"to verify", "no day", "questioned", "questioned though verified"}),
        ("proposed", {"proposed"}),
    ],
)
def test_each_shows_its_own(
    session: Session, author: Person, reader: Person, show: str, found: set[str]
) -> None:
    set_up(session, author, reader)
    rows = listing.find_actions(session, author, Wanted(show=show))
    assert {row.title for row in rows} == found
    assert listing.count_actions(session, author, Wanted(show=show)) == len(found)


def test_every_one_is_a_link_and_a_filter(
    session: Session, author: Person, reader: Person, browser: Browser
) -> None:
    set_up(session, author, reader)
    for show, label in SHOW_LABELS.items():
        assert f"Remove filter: Show: {label}" in browser.get(f"/actions/?show={show}").text
    assert browser.get("/actions/?show=banana").status == 422
    assert browser.get("/actions/?since=2026-02-30").status == 422
    assert "Swap the two days" in browser.get("/actions/?since=2026-03-02&until=2026-03-01").text
    assert "Remove filter: Added from: 2026-03-02" in browser.get("/actions/?since=2026-03-02").text


def test_ones_own_page(session: Session, author: Person, outsider: Person, browser: Browser) -> None:
    team = make_team(session, "Sound", author)
    others = make_team(session, "Delivery")
    shown = make_incident(session, author)
    hidden = make_incident(session, outsider, restricted=True)
    for incident, word in ((shown, "seen"), (hidden, "hidden")):
        make_action(session, incident, f"Team has no owner {word}", team=team)
        make_action(session, incident, f"Team has done {word}", team=team, owner=outsider, status="done")
    make_action(session, shown, "Others have no owner", team=others)
    make_action(session, shown, "Others have done", team=others, owner=outsider, status="done")
    make_action(session, shown, "Late", owner=author, due_on=TODAY - DAY)
    make_action(session, shown, "Later", owner=author, due_on=TODAY + DAY)
    session.execute(update(Action).values(verify_on=None))
    session.commit()
    page = browser.get("/me")
    for title in ("Late", "Later", "Team has no owner seen", "Team has done seen"):
        assert title in page.text
    assert page.text.index("Late") < page.text.index("Later")
    assert "hidden" not in page.text and "Others have" not in page.text
    assert "/actions/?team=mine&show=unowned" in page.links
    assert [row.title for row in queries.mine_to_verify(session, author)] == ["Team has done seen"]
