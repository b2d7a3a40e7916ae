"""Times as pages show them: in the reader's zone, with UTC beside them."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from postmortem.accounts.models import Person
from postmortem.web import filters


@pytest.fixture
def as_reader(app: Flask, author: Person):
    """Call a filter for a reader whose zone is this."""

    def call(function, zone: str, value):
        author.timezone = zone
        with app.test_request_context():
            from flask import g

            from postmortem.accounts.sign_in import SignedIn

            g._login_user = SignedIn(author, "token")
            return function(value)

    return call


SUMMER, WINTER, OLD = (
    datetime(2026, 7, 9, 22, 5, tzinfo=UTC),
    datetime(2026, 3, 9, 13, 5, 36, tzinfo=UTC),
    datetime(1628, 8, 10, 14, 47, 48, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("zone", "moment", "local", "utc"),
    [
        ("UTC", SUMMER, "9 Jul 2026, 22:05 UTC", "22:05 UTC"),
        ("Europe/Stockholm", SUMMER, "10 Jul 2026, 00:05 CEST", "9 Jul, 22:05 UTC"),
        ("Europe/Stockholm", WINTER, "9 Mar 2026, 14:05:36 CET", "13:05 UTC"),
        ("America/Sao_Paulo", SUMMER, "9 Jul 2026, 19:05 UTC−3", "22:05 UTC"),
        ("Australia/Lord_Howe", WINTER, "10 Mar 2026, 00:05:36 UTC+11", "9 Mar, 13:05 UTC"),
        ("Europe/Stockholm", OLD, "10 Aug 1628, 16:00 local mean time", "14:47 UTC"),
    ],
)
def test_a_moment_is_shown_where_the_reader_is(as_reader, zone, moment, local, utc) -> None:
    assert as_reader(filters.datetime_local, zone, moment) == local
    assert as_reader(filters.datetime_utc, zone, moment) == utc


def test_a_day_is_the_readers_day(as_reader) -> None:
    assert as_reader(filters.date_long, "Europe/Stockholm", SUMMER) == "10 July 2026"
    assert as_reader(filters.date_long, "UTC", SUMMER) == "9 July 2026"
    assert as_reader(filters.date_long, "Europe/Stockholm", date(2026, 7, 9)) == "9 July 2026"


def test_a_zone_that_was_retired_is_read_as_utc(as_reader) -> None:
    assert as_reader(filters.datetime_local, "Mars/Olympus", SUMMER) == "9 Jul 2026, 22:05 UTC"


def test_an_asset_has_its_contents_hash_in_its_address(app: Flask) -> None:
    with app.test_request_context():
        address = filters.asset("app.js")
        assert address.startswith("/static/app.js?v=")
        assert len(address.split("v=")[1]) == 12
        assert filters.asset("base.css").split("v=")[1] != address.split("v=")[1]
