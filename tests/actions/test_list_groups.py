"""The list by owner, team or incident: order, headings, counts, and pages in both directions."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions import listing_groups
from postmortem.actions.listing import Wanted
from postmortem.actions.listing_groups import RowKey, row_key
from postmortem.actions.operations import delete_action
from postmortem.history.operations import CLI
from postmortem.web.paging import PAGE_SIZE
from tests.factories.accounts import make_person, make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.support.client import Browser

TODAY = datetime(2026, 3, 2, tzinfo=UTC).date()


def one_page(session: Session, person: Person, group: str, **how: Any) -> tuple[list[Any], dict[int, int]]:
    if group == "incident":
        rows, counts = listing_groups.find_by_incident(session, person, Wanted(), **how)
        return list(rows), counts
    found = listing_groups.find_by_name(session, person, Wanted(), group, **how)
    return list(found.rows), found.counts


def walk(session: Session, person: Person, group: str, **how: Any) -> tuple[list[Any], list[RowKey]]:
    """Every row from the first page to the last, and the key that each page ended with."""
    rows: list[Any] = []
    keys: list[RowKey] = []
    while True:
        page, _ = one_page(session, person, group, key=keys[-1] if keys else None, **how)
        if not page:
            return rows, keys
        rows += page[:PAGE_SIZE]
        keys.append(row_key(page[:PAGE_SIZE][-1], group))


def many(session: Session, author: Person) -> None:
    """Groups of every size: none, one, a page and more, and those without."""
    names = ("Zoë", "ada b", "Bob", "Ada")
    people = [make_person(session, name) for name in names]
    teams = [make_team(session, name) for name in ("Sound", "Delivery")]
    incidents = [make_incident(session, author, f"Incident {number}") for number in range(3)]
    sizes = (2 * PAGE_SIZE + 3, 1, PAGE_SIZE - 2, 2)
    for person, size in zip(people, sizes, strict=True):
        for number in range(size):
            make_action(
                session,
                incidents[number % 7 % 3],
                f"{person.name} {number}",
                owner=person,
                team=teams[number % 2] if number % 5 else None,
                due_on=TODAY + timedelta(days=number % 3) if number % 4 else None,
                status="done" if number % 6 == 5 else "accepted",
            )
    for number in range(3):
        make_action(session, incidents[0], f"Nobody {number}")


@pytest.mark.parametrize("group", ["owner", "team", "incident"])
def test_every_row_is_on_exactly_one_page_with_its_group(
    session: Session, author: Person, group: str
) -> None:
    many(session, author)
    for is_descending in (False, True):
        rows, keys = walk(session, author, group, is_descending=is_descending)
        assert len(rows) == len({row.id for row in rows}) == 3 * PAGE_SIZE + 7
        groups = [row_key(row, group)[:2] for row in rows]
        assert sorted(set(groups), key=groups.index) == [
            each for number, each in enumerate(groups) if number == 0 or groups[number - 1] != each
        ]
        inside = [(row_key(row, group).group_id, row.sort_key, row.id) for row in rows]
        for number in {each[0] for each in inside}:
            of_group = [each[1:] for each in inside if each[0] == number]
            assert of_group == sorted(of_group, reverse=is_descending)
        backward, _ = one_page(
            session, author, group, key=keys[-1], is_backward=True, is_descending=is_descending
        )
        expected = [row.id for row in rows[:-1]][::-1][: PAGE_SIZE + 1]
        assert [row.id for row in backward] == expected


def test_names_are_in_order_and_nobody_comes_first(session: Session, author: Person) -> None:
    many(session, author)
    rows, _ = walk(session, author, "owner")
    assert list(dict.fromkeys(row.owner_name for row in rows)) == [None, "Ada", "ada b", "Bob", "Zoë"]
    rows, _ = walk(session, author, "team")
    assert list(dict.fromkeys(row.team_name for row in rows)) == [None, "Delivery", "Sound"]
    rows, _ = walk(session, author, "incident")
    assert list(dict.fromkeys(row.incident_id for row in rows)) == [3, 2, 1]


def test_groups_count_all_that_the_reader_sees_and_nothing_else(
    session: Session, author: Person, reader: Person, outsider: Person
) -> None:
    team = make_team(session, "Sound")
    hidden = make_incident(session, author, "Hidden", restricted=True)
    shown = make_incident(session, author, "Shown")
    make_action(session, hidden, "Secret", owner=author, team=team)
    for number in range(PAGE_SIZE + 5):
        make_action(session, shown, f"Do {number}", owner=author, team=team)
    delete_action(session, make_action(session, shown, "Gone", owner=author, team=team), actor=CLI)
    session.commit()
    for group, number in (("owner", author.id), ("team", team.id), ("incident", shown.id)):
        own = PAGE_SIZE + 5 + (group != "incident")
        assert one_page(session, author, group)[1][number] == own
        rows, counts = one_page(session, outsider, group)
        assert counts == {number: PAGE_SIZE + 5}
        assert "Secret" not in [row.title for row in rows]


def test_who_was_renamed_between_two_pages_is_not_met_twice(session: Session, author: Person) -> None:
    many(session, author)
    first, _ = one_page(session, author, "owner")
    key = row_key(first[4], "owner")
    renamed = session.get_one(Person, key.group_id)
    renamed.name = "Zz"
    session.commit()
    rest, _ = one_page(session, author, "owner", key=key)
    assert not {row.id for row in first[:5]} & {row.id for row in rest}
    assert len({row.id for row in rest}) == len(rest)


def test_the_page_has_headings_with_counts_and_turns(
    session: Session, author: Person, browser: Browser
) -> None:
    many(session, author)
    page = browser.get("/actions/?group=owner&status=open")
    assert "Nobody yet 3" in page.text and "Ada 2" in page.text and "ada b 1" in page.text
    assert "Grouped by: Owner" in page.text
    following = browser.get(next(link for link in page.links if "after=" in link))
    assert "Nobody yet 3" not in following.text
    assert "Ada 2" in browser.get(next(link for link in following.links if "before=" in link)).text
    assert "INC-3 Incident 2" in browser.get("/actions/?group=incident").text
    assert browser.get("/actions/?group=planet").status == 422
    assert "does not exist" in browser.get("/actions/?group=owner&after=x~1").text
