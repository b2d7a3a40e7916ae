"""How far a write-up travelled: counted without anybody being known, shown so that no figure tells who read."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.history.models import HistoryEntry
from postmortem.readers.models import ReaderVisit
from postmortem.readers.operations_visits import note_visit
from postmortem.readers.reach import counted_before, reach_of, rounded
from postmortem.writeups.models import Writeup
from postmortem.writeups.voters import voter
from tests.factories.accounts import make_person, make_team
from tests.factories.writeups import publish_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]
Freeze = Callable[[datetime], None]
# A Wednesday, and the Monday after it.
WEDNESDAY = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)
MONDAY = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
SILENT = "How far it travelled shows here from five readers on."


def visits(session: Session) -> list[ReaderVisit]:
    session.expire_all()
    return list(session.scalars(select(ReaderVisit).order_by(ReaderVisit.id)))


def people(session: Session, count: int, start: int = 0) -> Iterator[Person]:
    for number in range(start, start + count):
        yield make_person(session, f"Reader {number}", role="reader")


def read_by(session: Session, writeup: Writeup, *readers: Person) -> None:
    for person in readers:
        note_visit(session, writeup, person)
    session.commit()


def said(browser: Browser, writeup: Writeup) -> str:
    """What stands at the end of the entry of how far it travelled."""
    text = " ".join(browser.get(f"/writeups/{writeup.slug}").text.split())
    return text[text.index("Say where you used it") : text.index("How this is counted")]


def test_a_visit_counts_once_and_again_after_ninety_days(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    path = f"/writeups/{publish_writeup(session, author).slug}"
    browser = sign_in(reader)
    assert f'data-visit="{path}/visit"' in browser.get(path).html
    assert visits(session) == []
    for _ in range(2):
        assert browser.post(f"{path}/visit").status == 204
    [visit] = visits(session)
    assert (visit.first_on, visit.is_beyond_team, visit.came_back) == (clock.today(), True, False)
    # Counted already: the page does not even ask.
    assert "data-visit" not in browser.get(path).html
    assert "visits.js" not in browser.get(path).html
    for days, came_back in ((89, False), (90, True), (400, True)):
        visit.first_on = clock.today() - timedelta(days=days)
        visit.came_back = False
        session.commit()
        assert ("data-visit" in browser.get(path).html) is came_back
        assert browser.post(f"{path}/visit").status == 204
        [visit] = visits(session)
        assert visit.came_back is came_back
        assert "data-visit" not in browser.get(path).html


@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
def test_who_asks_not_to_be_tracked_is_not_counted(
    session: Session, author: Person, reader: Person, sign_in: SignIn, header: str
) -> None:
    path = f"/writeups/{publish_writeup(session, author).slug}/visit"
    browser = sign_in(reader)
    assert browser.post(path, headers={header: "1"}).status == 204
    assert visits(session) == []
    browser.post(path, headers={header: "0"})
    assert len(visits(session)) == 1


def test_reading_alone_counts_nothing(
    session: Session, author: Person, reader: Person, anonymous: Browser, sign_in: SignIn
) -> None:
    path = f"/writeups/{publish_writeup(session, author).slug}"
    for _ in range(3):
        sign_in(reader).get(path)
    assert sign_in(reader).get(f"{path}/visit").status == 405
    assert anonymous.post(f"{path}/visit").location.startswith("/login")
    assert visits(session) == []


def test_its_authors_are_no_readers_and_its_teams_are_not_outside(
    session: Session, author: Person, reader: Person, outsider: Person
) -> None:
    team = make_team(session, "Sound", reader)
    make_team(session, "Vision", outsider)
    writeup = publish_writeup(session, author, teams=[team.slug])
    read_by(session, writeup, author, reader, outsider)
    assert [visit.is_beyond_team for visit in visits(session)] == [False, True]


def test_no_two_write_ups_share_a_code(session: Session, author: Person, reader: Person) -> None:
    writeups = [publish_writeup(session, author, f"Told {number}") for number in range(5)]
    for writeup in writeups:
        read_by(session, writeup, reader, *people(session, 3, 10 * writeup.id))
    codes = [visit.reader for visit in visits(session)]
    assert len(set(codes)) == len(codes) == 20
    # Only with the site's secret they can be told; another one gives others.
    mine = voter(session, "visit", writeups[0], reader)
    assert mine in codes
    session.info["secret_key"] = "another secret of another site, long enough"
    assert voter(session, "visit", writeups[0], reader) != mine


def test_history_knows_nothing_of_it(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    writeup = publish_writeup(session, author)
    browser = sign_in(reader)
    before = len(session.scalars(select(HistoryEntry)).all())
    browser.post(f"/writeups/{writeup.slug}/visit")
    assert len(visits(session)) == 1
    assert len(session.scalars(select(HistoryEntry)).all()) == before


def test_five_is_the_floor_and_this_week_does_not_count_yet(
    session: Session, author: Person, reader: Person, sign_in: SignIn, frozen: Freeze
) -> None:
    frozen(WEDNESDAY)
    writeup = publish_writeup(session, author)
    read_by(session, writeup, *people(session, 4))
    frozen(MONDAY)
    assert SILENT in said(sign_in(reader), writeup)
    read_by(session, writeup, *people(session, 1, 4))
    assert SILENT in said(sign_in(reader), writeup)
    frozen(MONDAY + timedelta(days=7))
    for person in (reader, author):
        text = sign_in(person).get(f"/writeups/{writeup.slug}").text
        assert "Read by at least 5 people." in text
        assert "count who came before 23 March 2026" in " ".join(text.split())


def test_parts_are_never_told_below_five(
    session: Session, author: Person, reader: Person, sign_in: SignIn, frozen: Freeze
) -> None:
    frozen(WEDNESDAY)
    mine = list(people(session, 6))
    team = make_team(session, "Sound", *mine)
    writeup = publish_writeup(session, author, teams=[team.slug])
    read_by(session, writeup, *mine)
    frozen(MONDAY)
    browser = sign_in(reader)
    nobody = "Read by at least 5 people, fewer than five of them outside the team."
    assert nobody in said(browser, writeup)
    frozen(WEDNESDAY)
    read_by(session, writeup, *people(session, 3, 10))
    frozen(MONDAY)
    # Three from outside look as none did.
    assert nobody in said(browser, writeup)
    frozen(WEDNESDAY)
    read_by(session, writeup, *people(session, 2, 20))
    frozen(MONDAY)
    assert "Read by at least 10 people, at least 5 of them outside the team." in said(browser, writeup)
    assert "came back" not in said(browser, writeup)
    frozen(WEDNESDAY + timedelta(days=91))
    browser = sign_in(reader)
    assert "Fewer than five came back after three months or later." in said(browser, writeup)
    read_by(session, writeup, *mine)
    assert "At least 5 came back" in said(browser, writeup)


def test_one_reader_more_shows_on_no_page(
    session: Session, author: Person, reader: Person, sign_in: SignIn, frozen: Freeze
) -> None:
    """The attack: look, wait for one colleague to read, look again, and subtract."""
    frozen(WEDNESDAY)
    writeup = publish_writeup(session, author)
    read_by(session, writeup, *people(session, 5))
    frozen(MONDAY)
    browser = sign_in(reader)
    before = said(browser, writeup)
    assert "at least 5 people" in before
    for number in range(5, 15):
        read_by(session, writeup, *people(session, 1, number))
        assert said(browser, writeup) == before
    frozen(MONDAY + timedelta(days=7))
    assert "at least 15 people" in said(sign_in(reader), writeup)


def test_no_figures_tell_a_part_or_what_is_left_of_it() -> None:
    """Whatever is shown fits at least five different truths about each part, and about what is left of it."""
    day = {"published_on": date(2026, 1, 1), "today": date(2026, 12, 1), "has_team": True}
    truths: dict[object, set[tuple[int, int, int]]] = {}
    for readers, beyond, back in product(range(31), repeat=3):
        if beyond <= readers and back <= readers:
            reach = reach_of(readers, beyond, back, **day)  # type: ignore[arg-type]
            assert (reach is None) is (readers < 5)
            truths.setdefault(reach, set()).add((readers, beyond, back))
    for reach, fitting in truths.items():
        readers_of = {readers for readers, _, _ in fitting}
        if reach is None or max(readers_of) > 25:
            continue
        assert len(readers_of) == 5
        for part in (1, 2):
            assert len({each[part] for each in fitting}) >= 5
            assert len({each[0] - each[part] for each in fitting}) >= 5


def test_weeks_begin_on_monday_and_fives_round_down() -> None:
    monday = date(2026, 3, 16)
    assert {counted_before(monday + timedelta(days=day)) for day in range(7)} == {monday}
    assert [rounded(count) for count in (0, 1, 4, 5, 9, 10, 1004)] == [0, 0, 0, 5, 5, 10, 1000]
