"""Anniversaries: which week of which year, to the day, over 29 February, New Year and zones; on the front page."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.operations import edit_person
from postmortem.db import Database
from postmortem.history.operations import CLI
from postmortem.web import zones
from postmortem.writeups.anniversaries import anniversaries, years_before
from postmortem.writeups.operations import withdraw
from postmortem.writeups.operations_months import choose_entry
from tests.factories.writeups import publish_writeup
from tests.support.client import Browser
from tests.support.sql import counted

SignIn = Callable[[Person], Browser]
# A Tuesday.
TODAY = datetime(2026, 11, 24, 12, tzinfo=UTC)
BOX = "anniversaries__when"


def found(session: Session, person: Person | None, today: date, zone: str = "UTC") -> list[tuple[str, str]]:
    return [(each.title, each.label) for each in anniversaries(session, person, today, zones.zone(zone))]


def at(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def test_this_week_of_earlier_years_this_very_day_first(session: Session, author: Person) -> None:
    for title, moment in (
        ("Monday", at(2025, 11, 23)),
        ("Sunday", at(2025, 11, 29, 23)),
        ("Before", at(2025, 11, 22, 23)),
        ("After", at(2025, 11, 30, 0)),
        ("Three years", at(2023, 11, 24)),
        ("This year", at(2026, 11, 23)),
    ):
        publish_writeup(session, author, title, published_at=moment)
    assert found(session, author, date(2026, 11, 24)) == [
        ("Three years", "3 years ago today"),
        ("Sunday", "A year ago this week"),
        ("Monday", "A year ago this week"),
    ]
    assert found(session, author, date(2026, 11, 22)) == [("Before", "A year ago today")]
    assert ("After", "A year ago today") in found(session, author, date(2026, 11, 30))


@pytest.mark.parametrize(
    ("today", "label"),
    [
        (date(2025, 2, 28), "A year ago today"),
        (date(2025, 2, 24), "A year ago this week"),
        (date(2025, 3, 1), "A year ago this week"),
        (date(2028, 2, 29), "4 years ago today"),
        (date(2028, 2, 28), "4 years ago this week"),
        # Monday, 1 March 2027 begins a week of its own.
        (date(2027, 3, 1), ""),
        (date(2027, 2, 28), "3 years ago today"),
    ],
)
def test_the_29th_of_february_comes_back_on_the_28th(
    session: Session, author: Person, today: date, label: str
) -> None:
    publish_writeup(session, author, "Leap", published_at=at(2024, 2, 29))
    assert found(session, author, today) == ([("Leap", label)] if label else [])


def test_no_day_of_any_year_is_left_out_or_comes_twice() -> None:
    for years in (1, 3, 4):
        day, ends = date(2024, 1, 1), years_before(date(2024, 1, 1), years)
        while day < date(2029, 1, 1):
            start, end = years_before(day, years), years_before(day + timedelta(days=1), years)
            assert start == ends
            assert timedelta(0) <= end - start <= timedelta(days=2)
            day, ends = day + timedelta(days=1), end


def test_a_week_over_new_year_has_both_ends(session: Session, author: Person) -> None:
    publish_writeup(session, author, "December", published_at=at(2024, 12, 30))
    publish_writeup(session, author, "January", published_at=at(2025, 1, 2))
    both = {"December", "January"}
    assert {title for title, _ in found(session, author, date(2025, 12, 31))} == both
    assert {title for title, _ in found(session, author, date(2026, 1, 2))} == both
    assert found(session, author, date(2026, 1, 2))[0] == ("January", "A year ago today")


def test_the_day_is_the_readers(session: Session, author: Person) -> None:
    publish_writeup(session, author, "Late", published_at=at(2025, 11, 23, 23))
    assert found(session, author, date(2026, 11, 24), "Asia/Tokyo") == [("Late", "A year ago today")]
    assert found(session, author, date(2026, 11, 24), "UTC") == [("Late", "A year ago this week")]


def test_the_front_page_has_a_few_and_follows_the_day(
    session: Session, author: Person, sign_in: SignIn, frozen
) -> None:
    for year in (2020, 2021, 2022, 2023):
        publish_writeup(session, author, f"From {year}", published_at=at(year, 11, 25))
    for number in range(14):
        publish_writeup(session, author, f"Newer {number}", published_at=at(2026, 11, 1, number))
    # An hour before and half an hour after midnight in Stockholm.
    frozen(at(2026, 11, 24, 22))
    browser = sign_in(author)
    for _ in range(3):
        page = browser.get("/")
    assert "3 years ago this week From 2023" in page.text
    assert page.html.count(BOX) == 3
    assert "From 2020" not in page.text
    frozen(at(2026, 11, 24, 23))
    assert "3 years ago today From 2023" in browser.get("/").text
    frozen(TODAY + timedelta(days=7))
    assert BOX not in sign_in(author).get("/").html


def test_what_stands_large_at_the_top_is_left_out(
    session: Session, facilitator: Person, sign_in: SignIn, frozen
) -> None:
    frozen(TODAY)
    old = publish_writeup(session, facilitator, "Old and good", published_at=at(2025, 11, 24))
    browser = sign_in(facilitator)
    assert BOX not in browser.get("/").html
    publish_writeup(session, facilitator, "Newer", published_at=at(2026, 11, 1))
    assert browser.get("/").html.count(BOX) == 1
    choose_entry(session, old, month="2026-11", note="Still true.", actor=facilitator)
    session.commit()
    assert BOX not in browser.get("/").html


def test_only_what_the_reader_may_read_comes_back(
    session: Session, author: Person, make_app: Callable[..., Flask], frozen
) -> None:
    frozen(TODAY)
    publish_writeup(session, author, "Open one", published_at=at(2025, 11, 24), is_public=True)
    publish_writeup(session, author, "Inner one", published_at=at(2024, 11, 24))
    gone = publish_writeup(session, author, "Taken back", published_at=at(2023, 11, 24))
    for number in range(14):
        publish_writeup(
            session, author, f"Newer {number}", published_at=at(2026, 11, 1, number), is_public=True
        )
    withdraw(session, gone, reason="It named somebody.", actor=author)
    session.commit()
    assert found(session, None, TODAY.date()) == [("Open one", "A year ago today")]
    assert [title for title, _ in found(session, author, TODAY.date())] == ["Open one", "Inner one"]
    anybody = Browser(make_app(public_reading=True))
    for _ in range(3):
        shown = anybody.get("/").text
        assert "A year ago today Open one" in shown
        assert "Inner one" not in shown
    edit_person(session, author, {"is_active": False}, version=None, actor=CLI)
    assert found(session, author, TODAY.date()) == []


def test_while_nobody_writes_nothing_is_asked(
    session: Session, author: Person, database: Database, sign_in: SignIn, frozen
) -> None:
    frozen(TODAY)
    browser = sign_in(author)
    for number in range(14):
        publish_writeup(session, author, f"Newer {number}", published_at=at(2026, 11, 1, number))
    browser.get("/")
    with counted(database) as without:
        browser.get("/")
    publish_writeup(session, author, "Old", published_at=at(2025, 11, 24))
    browser.get("/")
    with counted(database) as with_one:
        assert browser.get("/").html.count(BOX) == 1
    assert len(with_one) == len(without)
