"""The list: what each filter finds, orders, pages at any depth, and that nothing hidden is counted."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import quote

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.db import Database
from postmortem.incidents.drafts import IncidentDraft, MomentDraft
from postmortem.incidents.models import Incident
from postmortem.incidents.operations import edit_incident, report_incidents
from tests.factories.accounts import make_service, make_team
from tests.factories.incidents import make_incident
from tests.support.client import Browser
from tests.support.pages import Page
from tests.support.sql import counted

NOON = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
SignIn = Callable[[Person], Browser]


def numbers(page: Page) -> list[int]:
    """The incidents that a page of the list shows, in order."""
    paths = [link.removeprefix("/incidents/") for link in page.links if link.startswith("/incidents/")]
    return [int(path) for path in paths if path.isdigit()]


def titles(session: Session, page: Page) -> list[str]:
    return [session.get_one(Incident, number).title for number in numbers(page)]


def walk(browser: Browser, path: str) -> tuple[list[list[int]], list[str]]:
    """All pages of a list from the first to the last, and the addresses they stand at."""
    pages, addresses = [], [path]
    while True:
        page = browser.get(addresses[-1])
        assert page.status == 200
        pages.append(numbers(page))
        following = [link for link in page.links if "after=" in link]
        if not following:
            return pages, addresses
        addresses.append(following[0])


def test_without_any_it_says_how_to_begin(sign_in: SignIn, author: Person, reader: Person) -> None:
    page = sign_in(author).get("/incidents/")
    assert "No incidents yet" in page.text
    assert "0 incidents" in page.text
    assert "/incidents/new" in page.links
    assert "/incidents/new" not in sign_in(reader).get("/incidents/").links


def test_what_nobody_here_filed_is_marked(session: Session, sign_in: SignIn, author: Person) -> None:
    make_incident(session, author, "Ours", impact_started_at=NOON)
    assert "From elsewhere" not in sign_in(author).get("/incidents/").text
    make_incident(session, None, "Theirs", impact_started_at=NOON - timedelta(days=1))
    page = sign_in(author).get("/incidents/")
    assert page.text.count("From elsewhere") == 1
    assert page.text.index("Theirs") < page.text.index("From elsewhere")


def test_a_row_says_the_essentials(session: Session, sign_in: SignIn, author: Person) -> None:
    from postmortem.actions.drafts import ActionDraft
    from postmortem.actions.operations import add_actions, edit_action

    make_service(session, "Playback")
    incident = make_incident(
        session,
        author,
        "Songs <b>stop</b>",
        severity="sev2",
        services=["playback"],
        impact_started_at=MomentDraft(NOON, confidence="minutes"),  # type: ignore[arg-type]
        resolved_at=NOON + timedelta(hours=2, minutes=23),
    )
    drafts = [ActionDraft(title=f"Action {number}") for number in range(3)]
    actions = add_actions(session, incident, drafts, actor=author)
    edit_action(session, actions[0], {"status": "done"}, version=None, actor=author)
    session.commit()
    page = sign_in(author).get("/incidents/")
    assert "Songs <b>stop</b>" in page.text
    for part in (
        "INC-1",
        "Playback",
        "SEV 2",
        "Open",
        "about 9 Mar 2026, 13:00 CET",
        "2 h 23 min",
        "1 incident",
    ):
        assert part in page.text
    assert '<td data-label="Open actions" class="num">2</td>' in page.html


def test_newest_first_and_without_time_last_in_both_directions(
    session: Session, sign_in: SignIn, author: Person
) -> None:
    make_incident(session, author, "No time")
    make_incident(session, author, "1628", impact_started_at=datetime(1628, 8, 10, 15, tzinfo=UTC))
    make_incident(session, author, "2026", resolved_at=NOON)
    make_incident(session, author, "No time either")
    browser = sign_in(author)
    page = browser.get("/incidents/")
    assert titles(session, page) == ["2026", "1628", "No time either", "No time"]
    assert page.text.index("1628") < page.text.index("Time not recorded") < page.text.index("No time either")
    page = browser.get("/incidents/?sort=oldest")
    assert titles(session, page) == ["1628", "2026", "No time", "No time either"]
    assert page.text.index("2026") < page.text.index("Time not recorded") < page.text.index("No time either")
    page = browser.get("/incidents/?sort=filed")
    assert titles(session, page) == ["No time either", "2026", "1628", "No time"]


@pytest.fixture
def many(session: Session, author: Person) -> Sequence[Incident]:
    """120 incidents, many at the same moment, a sixth without any."""
    make_service(session, "Playback")
    drafts = [
        IncidentDraft(
            title=f"Number {number}",
            services=["playback"] if number % 2 else [],
            detected_at=MomentDraft(NOON + timedelta(hours=number % 7)) if number % 6 else None,
        )
        for number in range(120)
    ]
    incidents = report_incidents(session, drafts, actor=author)
    session.commit()
    return incidents


def test_paging_forth_and_back_shows_each_once_in_order(
    many: Sequence[Incident], session: Session, sign_in: SignIn, author: Person
) -> None:
    browser = sign_in(author)
    for sort in ("", "oldest", "filed"):
        for more in ("", "service=playback", "status=open", "service=playback&severity=none"):
            check_paging(many, session, browser, sort, more)


def check_paging(many: Sequence[Incident], session: Session, browser: Browser, sort: str, more: str) -> None:
    pages, addresses = walk(browser, f"/incidents/?sort={sort}&{more}")
    shown = [number for page in pages for number in page]
    wanted = [row for row in many if "service" not in more or row.services]
    assert sorted(shown) == sorted(row.id for row in wanted)
    assert {len(page) for page in pages[:-1]} == {25}

    def key(number: int) -> tuple[object, ...]:
        row = session.get_one(Incident, number)
        return (row.id,) if sort == "filed" else (row.sort_at, row.id)

    recorded = [
        number for number in shown if session.get_one(Incident, number).detected_at or sort == "filed"
    ]
    assert all((key(a) < key(b)) == (sort == "oldest") for a, b in pairwise(recorded))
    assert shown[: len(recorded)] == recorded

    page = browser.get(addresses[-1])
    backward = []
    while previous := [link for link in page.links if "before=" in link]:
        page = browser.get(previous[0])
        backward.append(numbers(page))
    assert backward == pages[-2::-1]


# What the address asks for, and the titles that it finds.
FILTERS: list[tuple[str, list[str]]] = [
    ("q=stop", ["Songs stop"]),
    ("q=SONGS+stop", ["Songs stop"]),
    ("q=stop+search", []),
    ("q=INC-2", ["Ångström drifts"]),
    ("q=%232", ["Ångström drifts"]),
    ("q=ÅNGSTRÖM", ["Ångström drifts"]),
    ("q=100%25", ["100% of disks_full"]),
    ("q=s_f", ["100% of disks_full"]),
    ("q=!", []),
    ("q=wound", ["Songs stop"]),
    ("severity=sev1", ["Songs stop"]),
    ("severity=none", ["100% of disks_full", "Ångström drifts"]),
    ("kind=near_miss", ["Ångström drifts"]),
    ("kind=incident", ["100% of disks_full", "Songs stop"]),
    ("status=closed", ["Songs stop"]),
    ("detected_by=customer", ["Songs stop"]),
    ("service=playback", ["Songs stop"]),
    ("team=sound", ["Ångström drifts"]),
    ("tag=clock-skew", ["Songs stop"]),
    ("tag=Clock+Skew", ["Songs stop"]),
    ("service=nowhere", []),
    ("team=nobody", []),
    ("tag=nothing", []),
    ("service=playback&severity=sev1&tag=clock-skew&status=closed", ["Songs stop"]),
    ("service=playback&team=sound", []),
    ("since=2026-03-09&until=2026-03-09", ["Songs stop"]),
    ("since=2026-03-10", []),
    ("until=2026-03-08", ["Ångström drifts"]),
    ("period=this-year", ["Songs stop"]),
    ("period=last-year", ["Ångström drifts"]),
    ("is_drill=yes", ["Drill"]),
    ("is_drill=all", ["Drill", "100% of disks_full", "Songs stop", "Ångström drifts"]),
    ("is_drill=yes&severity=sev1", []),
    ("severity=&status=&since=", ["100% of disks_full", "Songs stop", "Ångström drifts"]),
]


def test_each_filter_finds_what_it_says(
    session: Session, sign_in: SignIn, author: Person, frozen: Callable[[datetime], None]
) -> None:
    make_service(session, "Playback")
    make_team(session, "Sound", author)
    make_incident(
        session,
        author,
        "Songs stop",
        summary="An old wound.",
        severity="sev1",
        status="closed",
        detected_by="customer",
        services=["playback"],
        tags=["clock skew"],
        # Late in the evening of the 9th in Stockholm.
        detected_at=datetime(2026, 3, 9, 22, 30, tzinfo=UTC),
    )
    make_incident(
        session,
        author,
        "Ångström drifts",
        kind="near_miss",
        teams=["sound"],
        impact_started_at=datetime(2025, 6, 1, tzinfo=UTC),
    )
    make_incident(session, author, "100% of disks_full")
    make_incident(session, author, "Drill", is_drill=True)
    frozen(datetime(2026, 8, 1, tzinfo=UTC))
    browser = sign_in(author)
    for query, found in FILTERS:
        page = browser.get(f"/incidents/?{quote(query, safe='=&+%')}")
        assert page.status == 200, query
        assert sorted(titles(session, page)) == sorted(found), query
        assert f"{len(found)} incident{'' if len(found) == 1 else 's'}" in page.text, query
        assert ("No incident fits" in page.text) == (not found), query


def test_filters_stand_in_the_page_and_can_be_taken_away_one_by_one(sign_in: SignIn, author: Person) -> None:
    page = sign_in(author).get("/incidents/?severity=sev1&service=nowhere&sort=oldest")
    assert "/incidents/?service=nowhere&sort=oldest" in page.links
    assert "/incidents/?severity=sev1&sort=oldest" in page.links
    assert "Service: nowhere" in page.text
    form = next(form for form in page.outline.forms if form.action == "/incidents/")
    assert form.data["severity"] == ["sev1"]
    assert form.data["service"] == ["nowhere"]


BAD_ADDRESSES = [
    ("severity=banana", "There is no “banana” to choose here."),
    ("since=yesterday", "Enter a day like 2026-03-09."),
    ("until=9999-12-31", "Enter a year between"),
    ("since=2026-03-09&until=2026-03-08", "The period ends before it starts."),
    ("severity=sev1&severity=sev2", "more than once"),
    ("after=nonsense", "That page of the list does not exist."),
    ("after=0001-01-01T00:00:00%2B14:00~1", "That page of the list does not exist."),
    ("after=2026-03-09T00:00:00~99999999999", "That page of the list does not exist."),
    ("sort=filed&after=2026-03-09T00:00:00~1", "That page of the list does not exist."),
    ("q=" + "x" * 300, "Shorten this to 200 characters."),
]


def test_what_an_address_cannot_ask_for_gets_a_sentence(
    session: Session, sign_in: SignIn, author: Person
) -> None:
    make_incident(session, author)
    browser = sign_in(author)
    for query, sentence in BAD_ADDRESSES:
        page = browser.get(f"/incidents/?{query}")
        assert page.status == 422, query
        assert sentence in page.text, query


def test_a_page_behind_the_last_says_so(session: Session, sign_in: SignIn, author: Person) -> None:
    make_incident(session, author)
    page = sign_in(author).get("/incidents/?after=0001-01-01T00:00:00~1")
    assert "Nothing more here" in page.text


def test_restricted_ones_are_neither_shown_nor_counted(
    session: Session, sign_in: SignIn, author: Person, outsider: Person, admin: Person
) -> None:
    make_service(session, "Playback")
    make_team(session, "Sound", author)
    make_incident(
        session,
        author,
        "Hidden matter",
        restricted=True,
        services=["playback"],
        teams=["sound"],
        tags=["secret"],
        severity="sev1",
    )
    questions = (
        "",
        "service=playback",
        "team=sound",
        "tag=secret",
        "severity=sev1",
        "q=hidden",
        "sort=filed",
    )
    for person, count in ((outsider, "0 incidents"), (author, "1 incident"), (admin, "1 incident")):
        browser = sign_in(person)
        for query in questions:
            page = browser.get(f"/incidents/?{query}")
            assert count in page.text, (person.name, query)
            assert ("Hidden matter" in page.text) == (person is not outsider), (person.name, query)
    assert "secret" not in sign_in(outsider).get("/incidents/").text


def test_counts_follow_every_change(session: Session, sign_in: SignIn, author: Person) -> None:
    browser = sign_in(author)
    incident = make_incident(session, author, status="open")
    assert "1 incident" in browser.get("/incidents/?status=open").text
    make_incident(session, author, "Another")
    assert "2 incidents" in browser.get("/incidents/?status=open").text
    edit_incident(session, incident, {"status": "closed"}, version=None, actor=author)
    session.commit()
    assert "1 incident" in browser.get("/incidents/?status=open").text


def test_signed_out_there_is_no_list(session: Session, anonymous: Browser, author: Person) -> None:
    make_incident(session, author)
    page = anonymous.get("/incidents/?severity=sev1")
    assert page.status == 303
    assert page.location == "/login?next=/incidents/?severity%3Dsev1"


def test_the_number_of_statements_does_not_grow(
    session: Session, sign_in: SignIn, author: Person, database: Database
) -> None:
    make_service(session, "Playback")
    browser = sign_in(author)
    for count in (1, 3):
        while len(numbers(browser.get("/incidents/"))) < count:
            make_incident(session, author, services=["playback"], tags=["clock"], detected_at=NOON)
        with counted(database) as sent:
            browser.get("/incidents/?service=playback")
        # Who asks; rows, their services, their number. The choices were read before, and nobody wrote since.
        assert len(sent) == 4, sent
