"""Pages of a list: where they start, their neighbours' addresses, and what a forged one gets."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from postmortem.errors import Refused
from postmortem.web.paging import Cursor, found_text, id_key, moment_key, page_of

ROWS = [(f"n{number:02}", number) for number in range(1, 8)]


def cut(app: Flask, url: str, *, size: int = 3, rows: list = ROWS):
    """The page of ROWS that this address stands for, as a view and its query would make it."""
    with app.test_request_context(url):
        cursor = Cursor.from_request()
        key = cursor.parse(str, id_key)
        if cursor.is_backward:
            found = [row for row in reversed(rows) if key is None or row < key]
        else:
            found = [row for row in rows if key is None or row > key]
        return page_of(
            found[: size + 1], cursor=cursor, key=lambda row: row, found=len(rows), noun="person", size=size
        )


def test_walking_forward_and_back_shows_every_row_once_and_the_same_pages(app: Flask) -> None:
    forward, url = [], "/people/"
    while url:
        page = cut(app, url)
        forward.append([row[1] for row in page.rows])
        last, url = url, page.next_url
    assert forward == [[1, 2, 3], [4, 5, 6], [7]]
    backward, url = [], cut(app, last).previous_url
    while url:
        page = cut(app, url)
        backward.append([row[1] for row in page.rows])
        url = page.previous_url
    assert backward == [[4, 5, 6], [1, 2, 3]]


def test_one_page_has_no_neighbours(app: Flask) -> None:
    page = cut(app, "/people/", size=7)
    assert (page.previous_url, page.next_url) == (None, None)
    page = cut(app, "/people/", rows=[])
    assert (list(page.rows), page.previous_url, page.next_url, page.found_text) == (
        [],
        None,
        None,
        "0 persons",
    )


def test_filters_stay_in_the_addresses_and_the_old_cursor_goes(app: Flask) -> None:
    page = cut(app, "/people/?q=%C3%A5+%26&role=admin&role=reader&after=n01~1&before=x")
    query = parse_qs(urlsplit(page.next_url).query)
    assert query == {"q": ["å &"], "role": ["admin", "reader"], "after": ["n04~4"]}


@pytest.mark.parametrize(
    "query",
    ["_scheme=javascript&_external=1", "_external=1", "_anchor=x", "_method=POST", "endpoint=static", "values=1",
     "self=1", "person_id=3"],
)  # fmt: skip
def test_a_query_cannot_bend_the_addresses(app: Flask, query: str) -> None:
    page = cut(app, f"/people/?{query}")
    assert page.next_url == f"/people/?{query}&after=n03~3"


@pytest.mark.parametrize("name", ["a~b", "100%", "%7E", "~", "", "é & ü", "a+b c", "%00"])
def test_any_text_survives_in_a_cursor(app: Flask, name: str) -> None:
    page = cut(app, "/people/", size=1, rows=[(name, 1), (name + "z", 2)])
    with app.test_request_context(page.next_url):
        assert Cursor.from_request().parse(str, id_key) == (name, 1)


def test_a_moment_survives_in_a_cursor(app: Flask) -> None:
    moment = datetime(1628, 8, 10, 14, 47, 48, 123456, tzinfo=UTC)
    page = cut_moments(app, "/people/", [(moment, 1), (moment, 2)])
    with app.test_request_context(page.next_url):
        assert Cursor.from_request().parse(moment_key, id_key) == (moment, 1)


def cut_moments(app: Flask, url: str, rows: list):
    with app.test_request_context(url):
        return page_of(rows, cursor=Cursor(), key=lambda row: row, found=2, noun="event", size=1)


@pytest.mark.parametrize(
    "cursor",
    ["x", "1", "n~x", "n~1~2", "n~-1", f"n~{2**31}", f"n~{2**63}", f"n~{10**400}", f"n~{'9' * 5000}", "~", "n~1.5",
     "n~nan"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["after", "before"])
def test_a_forged_cursor_is_refused_with_a_sentence(app: Flask, name: str, cursor: str) -> None:
    with app.test_request_context(f"/people/?{name}={cursor}"), pytest.raises(Refused, match="first page"):
        Cursor.from_request().parse(str, id_key)


@pytest.mark.parametrize(
    "text",
    ["x", "2026-13-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00+99:99"],
)
def test_a_forged_moment_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(Refused, match="first page"):
        Cursor(values=(text,)).parse(moment_key)


def test_a_moment_in_another_zone_is_the_same_moment() -> None:
    there = moment_key("2026-03-09T16:05:00+02:00")
    assert (there, there.utcoffset()) == (datetime(2026, 3, 9, 14, 5, tzinfo=UTC), timedelta(0))
    assert moment_key("2026-03-09T14:05:00") == there


def test_a_forged_cursor_gets_a_page_that_says_so(sign_in, admin) -> None:
    page = sign_in(admin).get("/people/?after=nonsense")
    assert page.status == 422
    assert "Start from its first page" in page.text


@pytest.mark.parametrize(
    ("found", "text"),
    [(0, "0 incidents"), (1, "1 incident"), (243, "243 incidents"), (10_000, "10,000 incidents"),
     (10_001, "10,000+ incidents")],
)  # fmt: skip
def test_how_many_were_found(found: int, text: str) -> None:
    assert found_text(found, "incident") == text


def test_a_noun_may_have_a_plural_of_its_own() -> None:
    assert [found_text(n, "person", "people") for n in (1, 2, 99_999)] == [
        "1 person",
        "2 people",
        "10,000+ people",
    ]
