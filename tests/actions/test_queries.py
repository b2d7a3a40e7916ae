"""What lists find, in which order, page by page; what published pages ask."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions import listing, queries
from postmortem.actions.listing import Wanted
from postmortem.actions.operations import delete_action
from postmortem.db import Database
from postmortem.errors import NotVisible
from postmortem.history.operations import CLI
from postmortem.web.paging import PAGE_SIZE
from tests.factories.accounts import make_service, make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.support.sql import counted

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = NOON.date()


@pytest.fixture(autouse=True)
def at_noon(frozen: Callable[[datetime], None]) -> None:
    frozen(NOON)


def titles(session: Session, person: Person, **wanted: Any) -> list[str]:
    """What the list shows; the count says the same."""
    rows = listing.find_actions(session, person, Wanted(**wanted))
    assert listing.count_actions(session, person, Wanted(**wanted)) == len(rows)
    return [row.title for row in rows]


def test_open_ones_come_first_by_due_date(session: Session, author: Person) -> None:
    incident = make_incident(session, author)
    make_action(session, incident, "Closed long ago", status="done", closed_at=NOON - timedelta(days=9))
    make_action(session, incident, "Undated")
    make_action(session, incident, "Late", due_on=TODAY - timedelta(days=1))
    make_action(session, incident, "Closed lately", status="verified", closed_at=NOON)
    make_action(session, incident, "Soon", due_on=TODAY)
    in_order = ["Late", "Soon", "Undated", "Closed lately", "Closed long ago"]
    assert titles(session, author) == in_order
    assert [action.title for action in queries.actions_of(session, incident.id)] == in_order
    backwards = listing.find_actions(session, author, Wanted(), is_descending=True)
    assert [row.title for row in backwards] == in_order[::-1]
    assert [row.title for row in backwards if row.is_overdue] == ["Late"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"status": "open"}, ["Rehearse", "Repair 100%"]),
        ({"status": "closed"}, ["Drop it"]),
        ({"status": "not_doing"}, ["Drop it"]),
        ({"status": "accepted"}, ["Repair 100%"]),
        ({"owner": "me"}, ["Repair 100%"]),
        ({"owner": "rita-reader@example.com"}, ["Rehearse"]),
        ({"owner": "nobody@example.com"}, []),
        ({"owner": "none"}, ["Drop it"]),
        ({"team": "playback"}, ["Rehearse"]),
        ({"priority": "p1"}, ["Rehearse"]),
        ({"kind": "repair"}, ["Repair 100%"]),
        ({"overdue": True}, ["Rehearse"]),
        ({"severity": "sev1"}, ["Rehearse"]),
        ({"service": "player"}, ["Rehearse"]),
        ({"service": "search"}, []),
        ({"q": "rehEARSE failover"}, ["Rehearse"]),
        ({"q": "EMPTY CACHÉ"}, ["Repair 100%"]),
        ({"q": "100%"}, ["Repair 100%"]),
        ({"q": "1_0"}, []),
        ({"q": "act-3"}, ["Drop it"]),
        ({"q": "3"}, ["Drop it"]),
        ({"q": "9999999999"}, []),
        ({"q": "failover", "status": "closed"}, []),
        ({"team": "mine"}, ["Rehearse"]),
        ({"team": "none"}, ["Repair 100%", "Drop it"]),
        ({"show": "overdue"}, ["Rehearse"]),
        ({"show": "due_soon"}, []),
        ({"show": "unowned"}, []),
        ({"show": "proposed"}, []),
        ({"since": TODAY, "until": TODAY}, ["Rehearse", "Repair 100%", "Drop it"]),
        ({"until": TODAY - timedelta(days=1)}, []),
        ({"since": TODAY + timedelta(days=1)}, []),
    ],
)
def test_each_filter_finds_its_own(
    session: Session, author: Person, reader: Person, wanted: dict[str, Any], found: list[str]
) -> None:
    team, service = make_team(session, "Playback", author), make_service(session, "Player")
    make_service(session, "Search")
    first = make_incident(session, author, severity="sev1", services=[service.slug])
    other = make_incident(session, author, "Another")
    make_action(
        session,
        first,
        "Rehearse",
        description="The *failover*.",
        owner=reader,
        team=team,
        priority="p1",
        due_on=TODAY - timedelta(days=1),
        status="in_progress",
    )
    make_action(
        session,
        other,
        "Repair 100%",
        end_state="A test with an empty Caché.",
        owner=author,
        kind="repair",
        status="accepted",
    )
    make_action(session, other, "Drop it", status="not_doing", status_reason="Gone.", due_on=date(2020, 1, 1))
    assert titles(session, author, **wanted) == found


def test_a_list_never_shows_or_counts_what_is_hidden(
    session: Session, author: Person, outsider: Person, admin: Person
) -> None:
    hidden = make_incident(session, author, restricted=True)
    make_action(session, hidden, "Hidden", owner=author)
    delete_action(session, make_action(session, make_incident(session, author), "Deleted"), actor=CLI)
    session.commit()
    assert titles(session, author) == titles(session, admin) == ["Hidden"]
    assert titles(session, outsider) == titles(session, outsider, q="hidden") == []
    assert titles(session, outsider, owner=author.email) == []


def test_every_row_is_on_exactly_one_page_in_both_directions(session: Session, author: Person) -> None:
    incident = make_incident(session, author)
    for number in range(2 * PAGE_SIZE + 3):
        due_on = None if number % 7 == 0 else TODAY + timedelta(days=number % 3)
        make_action(
            session, incident, f"Do {number}", due_on=due_on, status="done" if number % 5 == 0 else "accepted"
        )
    for is_descending in (False, True):
        forward: list[int] = []
        key = None
        while rows := listing.find_actions(session, author, Wanted(), key=key, is_descending=is_descending):
            page = rows[:PAGE_SIZE]
            forward += [row.id for row in page]
            last = page[-1]
            key = (last.sort_key, last.id)
        assert len(forward) == len(set(forward)) == 2 * PAGE_SIZE + 3
        before = listing.find_actions(
            session, author, Wanted(), key=key, is_backward=True, is_descending=is_descending
        )
        assert [row.id for row in before[:PAGE_SIZE]] == forward[-2 : -2 - PAGE_SIZE : -1]


def test_one_statement_a_page_and_one_a_count(session: Session, author: Person, database: Database) -> None:
    incident = make_incident(session, author)
    make_action(session, incident, owner=author)
    with database.session(writes=False) as reading, counted(database) as sent:
        listing.find_actions(reading, author, Wanted(severity="sev1", service="player", owner="me", q="a"))
        assert len(sent) == 1
        listing.count_actions(reading, author, Wanted())
        listing.filter_choices(reading)
        assert len(sent) == 3


def test_one_action_by_its_number(session: Session, author: Person, outsider: Person) -> None:
    action = make_action(session, make_incident(session, author, restricted=True))
    assert queries.visible_action(session, author, action.id) is action
    for person, number in (
        (outsider, action.id),
        (None, action.id),
        (author, 999),
        (author, 0),
        (author, 2**63),
    ):
        with pytest.raises(NotVisible):
            queries.visible_action(session, person, number)
    delete_action(session, action, actor=CLI)
    session.commit()
    with pytest.raises(NotVisible):
        queries.visible_action(session, author, action.id)
    assert queries.visible_or_deleted_action(session, author, action.id) is action
    with pytest.raises(NotVisible):
        queries.visible_or_deleted_action(session, outsider, action.id)


def test_my_open_actions(session: Session, author: Person, reader: Person) -> None:
    incident = make_incident(session, author)
    make_action(session, incident, "Later", owner=reader, due_on=TODAY)
    make_action(session, incident, "Sooner", owner=reader, due_on=date(2026, 2, 1))
    make_action(session, incident, "Done", owner=reader, status="done")
    make_action(session, incident, "Not mine", owner=author)
    mine = queries.my_open_actions(session, reader)
    assert [(row.title, row.is_overdue, row.incident_title) for row in mine] == [
        ("Sooner", True, "Playback stops"),
        ("Later", False, "Playback stops"),
    ]
    assert [row.title for row in queries.my_open_actions(session, reader, limit=1)] == ["Sooner"]


def test_the_state_today_of_frozen_actions(session: Session, author: Person) -> None:
    incident = make_incident(session, author, restricted=True)
    late = make_action(session, incident, due_on=date(2026, 2, 1))
    done = make_action(session, incident, due_on=date(2026, 2, 1), status="done")
    gone = make_action(session, incident)
    make_action(session, incident, "Not asked for")
    delete_action(session, gone, actor=CLI)
    session.commit()
    assert queries.state_of_actions(session, [late.id, done.id, gone.id]) == {
        late.id: ("proposed", True),
        done.id: ("done", False),
    }
    assert queries.state_of_actions(session, []) == {}
