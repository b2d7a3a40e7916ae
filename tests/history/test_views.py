"""The page of all history: what it finds, what it counts, what it hands out as files."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.operations import edit_person, edit_team
from postmortem.db import Base, Database
from postmortem.history import listing
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI, IMPORT, SITE, blank, record
from postmortem.models import metadata
from tests.factories.accounts import make_team
from tests.factories.incidents import make_incident
from tests.support.client import Browser
from tests.support.sql import counted

PAGE = "/settings/history"


@pytest.fixture
def browser(sign_in: Callable[[Person], Browser], admin: Person) -> Browser:
    return sign_in(admin)


@pytest.fixture
def filled(session: Session, admin: Person, author: Person, frozen) -> Session:
    """Three days: a team by the program, an incident by Aino, an edit and an import by Ada and the importer."""
    frozen(datetime(2026, 3, 9, 23, 30, tzinfo=UTC))
    team = make_team(session, "Playback")
    frozen(datetime(2026, 3, 10, 12, 0, tzinfo=UTC))
    make_incident(session, author, "Search is slow", summary="Very")
    frozen(datetime(2026, 3, 11, 12, 0, tzinfo=UTC))
    edit_team(session, team, {"name": "Noise"}, version=None, actor=admin)
    record(session, "imported", SITE, actor=IMPORT)
    session.commit()
    return session


def found(browser: Browser, query: str = "") -> list[str]:
    page = browser.get(f"{PAGE}{query}")
    assert page.status == 200
    return [line for line in SENTENCES if line in page.text]


SENTENCES = (
    "added team Playback",
    "reported INC-1",
    "edited team Noise",
    "imported this site",
    "added person Ada Admin",
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("?person=aino-author@example.com", [1]),
        ("?person=Ada-Admin@Example.com", [2]),
        ("?person=import", [3]),
        ("?person=cli&noun=teams", [0]),
        ("?verb=added&noun=people", [4]),
        ("?verb=edited", [2]),
        ("?noun=teams", [0, 2]),
        ("?incident=INC-1", [1]),
        ("?incident=1", [1]),
        ("?since=2026-03-10&until=2026-03-10", [1]),
        ("?since=2026-03-11", [2, 3, 4]),
        ("?person=ada-admin@example.com&verb=edited&noun=teams&since=2026-03-11", [2]),
        ("?incident=99", []),
    ],
)
def test_each_filter_finds_what_it_says(
    filled: Session, browser: Browser, query: str, expected: list[int]
) -> None:
    # The admin was added before time stood still.
    assert found(browser, query) == [SENTENCES[number] for number in expected]


def test_days_are_the_readers_own(filled: Session, browser: Browser, admin: Person) -> None:
    """Half past eleven in the evening in London was the next day in Stockholm."""
    assert found(browser, "?since=2026-03-09&until=2026-03-09") == ["added team Playback"]
    edit_person(filled, admin, {"timezone": "Europe/Stockholm"}, version=None, actor=CLI)
    filled.commit()
    assert found(browser, "?since=2026-03-09&until=2026-03-09") == []
    assert "added team Playback" in found(browser, "?since=2026-03-10&until=2026-03-10")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?person=nobody@example.com", "Nobody here has the address nobody@example.com."),
        ("?incident=many", "Enter a number like INC-12."),
        ("?since=yesterday", "Enter a day like 2026-03-09."),
        ("?since=2026-03-10&until=2026-03-09", "The period ends before it starts."),
        ("?verb=invented", "There is no “invented” to choose here."),
    ],
)
def test_what_cannot_be_asked_is_said(filled: Session, browser: Browser, query: str, says: str) -> None:
    page = browser.get(f"{PAGE}{query}")
    assert page.status == 422
    assert says in page.text
    assert browser.get(f"{PAGE}.csv{query}").status == 422


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}.csv", f"{PAGE}.jsonl"])
def test_only_admins_read_all_of_it(sign_in, facilitator: Person, anonymous: Browser, path: str) -> None:
    assert sign_in(facilitator).get(path).status == 403
    assert anonymous.get(path).status == 303


def test_pages_hold_every_entry_once(session: Session, browser: Browser) -> None:
    for number in range(70):
        record(session, "did", SITE, actor=CLI, changes={"number": [None, number]})
    session.commit()
    seen: list[int] = []
    page = browser.get(f"{PAGE}?verb=did")
    assert "70 entries" in page.text
    while True:
        seen += [int(word) for word in page.text.split() if word.isdigit() and int(word) < 70]
        later = [link for link in page.links if "after=" in link]
        if not later:
            break
        page = browser.get(later[0])
    assert {*range(70)} <= {*seen}


def test_a_page_asks_as_often_with_many_entries(
    session: Session, browser: Browser, database: Database
) -> None:
    def asked() -> int:
        with counted(database) as sent:
            browser.get(f"{PAGE}?verb=did")
        return len(sent)

    record(session, "did", SITE, actor=CLI)
    session.commit()
    browser.get(PAGE)
    once = asked()
    for _ in range(300):
        record(session, "did", SITE, actor=CLI)
    session.commit()
    assert asked() == once <= 5


FILTERS = {
    "at": listing.Wanted(),
    "since": listing.Wanted(since=datetime(2026, 3, 9, tzinfo=UTC)),
    "person": listing.Wanted(person_id=1),
    "program": listing.Wanted(actor_name="cli"),
    "verb": listing.Wanted(verb="did"),
    "noun": listing.Wanted(noun="site"),
    "incident": listing.Wanted(incident_id=3),
}


@pytest.mark.parametrize("name", FILTERS)
def test_each_filter_has_its_index(session: Session, database: Database, name: str) -> None:
    """On 100,000 entries: no table is read from end to end, and nothing is sorted but one incident's entries."""
    if not database.is_sqlite:
        pytest.skip("SQLite explains itself the same way each time")
    start = datetime(2020, 1, 1, tzinfo=UTC)
    with database.writing.begin() as connection:
        connection.execute(
            metadata.tables["history_entries"].insert(),
            [
                {
                    "at": start + timedelta(minutes=number),
                    "actor_name": "cli",
                    "verb": f"did {number % 7}",
                    "subject_type": "site",
                    "subject_id": 0,
                    "subject_label": "this site",
                    "incident_id": number % 1000,
                    "changes": {},
                    "digest": "",
                }
                for number in range(100_000 if name == "at" else 200)
            ],
        )
    with database.session(writes=False) as reading, counted(database) as sent:
        wanted = FILTERS[name]
        listing.entry_rows(reading, wanted, key=(start, 5), is_backward=False, limit=26)
        listing.found_count(reading, wanted, cap=10_000)
        assert len(listing.verbs_in_use(reading)) <= 8
    for statement in sent:
        with database.reading.connect() as connection:
            marks = statement.count("?")
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (1,) * marks).all()
        steps = [str(row[3]) for row in plan]
        assert not [step for step in steps if step == "SCAN history_entries"], (statement, steps)
        if name != "incident":
            assert not [step for step in steps if "TEMP B-TREE" in step], (statement, steps)


def test_files_hold_what_the_filters_find(filled: Session, browser: Browser) -> None:
    query = "?noun=teams"
    answer = browser.get(f"{PAGE}.csv{query}").response
    assert answer.headers["Content-Disposition"] == 'attachment; filename="history.csv"'
    assert answer.headers["Cache-Control"] == "no-store"
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True), newline="")))
    assert [row["verb"] for row in rows] == ["added", "edited"]
    assert json.loads(rows[1]["changes"]) == {"name": ["Playback", "Noise"]}
    lines = browser.get(f"{PAGE}.jsonl{query}").response.get_data(as_text=True).splitlines()
    parsed = [json.loads(line) for line in lines]
    assert [line.get("subject_label") for line in parsed] == ["team Playback", "team Noise", None]
    assert len(parsed[-1]["head"]["chain"]) == 64


def test_a_formula_in_a_name_is_none_in_the_file(session: Session, browser: Browser) -> None:
    make_team(session, "=cmd|calc")
    actor = type("Odd", (), {"id": None, "name": "=HYPERLINK(1)"})()
    record(session, "@did", SITE, actor=actor)
    session.commit()
    document = browser.get(f"{PAGE}.csv").response.get_data(as_text=True)
    cells = [cell for row in csv.reader(io.StringIO(document, newline="")) for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert "'@did" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_what_was_emptied_says_so(filled: Session, browser: Browser) -> None:
    because = record(filled, "destroyed", SITE, actor=CLI, changes={"reason": [None, "Asked to"]})
    blank(filled, HistoryEntry.subject_type == "teams", because=because)
    filled.commit()
    page = browser.get(PAGE)
    assert "Noise" not in page.text
    assert f"Its contents were taken out for good; entry {because.id} says why." in page.text


def test_every_kind_of_record_can_be_chosen() -> None:
    kinds = {
        mapper.local_table.name  # type: ignore[attr-defined]
        for mapper in Base.registry.mappers
        if hasattr(mapper.class_, "history_label")
    }
    assert kinds | {"site"} == set(listing.NOUNS)


def test_a_filter_is_taken_away_by_its_chip(filled: Session, browser: Browser) -> None:
    page = browser.get(f"{PAGE}?noun=teams&verb=edited")
    assert "Kind of record: Teams" in page.text
    assert f"{PAGE}?verb=edited" in page.links
    assert f"{PAGE}.csv?noun=teams&verb=edited" in page.links
