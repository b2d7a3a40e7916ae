"""Tags: what is in use, the page of each, and no trace of what a reader may not see."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]


def test_without_any_the_page_says_where_they_come_from(author: Person, sign_in: SignIn) -> None:
    assert "No tags yet" in sign_in(author).get("/tags/").text


def test_tags_are_counted_over_what_the_reader_sees(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    make_incident(session, author, tags=["dns", "tls"])
    make_incident(session, author, tags=["dns", "secret"], restricted=True)
    make_incident(session, author, tags=["dns"], is_drill=True)
    publish_writeup(session, author, tags=["dns"])
    make_writeup(session, author, tags=["dns", "draft"])
    page = sign_in(reader).get("/tags/")
    assert "2 tags" in page.text
    assert "dns 2" in page.text
    assert "tls 1" in page.text
    assert "secret" not in page.text
    assert "draft" not in page.text
    page = sign_in(author).get("/tags/")
    assert "dns 3" in page.text
    assert "secret 1" in page.text
    assert "draft" not in page.text


def test_many_tags_stand_under_their_initials_below_those_used_most(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    names = [f"{initial}-{number}" for initial in "abc" for number in range(30)]
    make_incident(session, author, tags=[*names, "404"])
    make_incident(session, author, tags=["c-7"])
    page = sign_in(author).get("/tags/")
    assert "91 tags" in page.text
    assert page.text.index("Used most c-7 2") < page.text.index("0–9 404 1") < page.text.index("A a-0 1")
    assert page.text.count("c-7 2") == 2


def test_the_page_of_a_tag_lists_its_write_ups_and_leads_to_its_incidents(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    make_incident(session, author, tags=["clock skew"])
    make_incident(session, author, tags=["clock skew"], restricted=True)
    publish_writeup(session, author, "With it", tags=["Clock Skew"])
    publish_writeup(session, author, "Without it", tags=["dns"])
    page = sign_in(reader).get("/tags/clock-skew")
    assert "With it" in page.text
    assert "Without it" not in page.text
    assert "1 incident carries it too" in page.text
    assert {"/incidents/?tag=clock-skew", "/tags/clock-skew/feed.atom"} <= set(page.links)
    assert "2 incidents carry it too" in sign_in(author).get("/tags/clock-skew").text


def test_another_spelling_leads_to_the_tag(session: Session, author: Person, sign_in: SignIn) -> None:
    publish_writeup(session, author, tags=["clock skew", "日本語"])
    browser = sign_in(author)
    assert browser.get("/tags/Clock Skew").location == "/tags/clock-skew"
    assert browser.get("/tags/日本語").status == 200


@pytest.mark.parametrize("tag", ["none", "draft-tag", "secret-tag", "%20", "..", "x" * 500])
def test_a_tag_that_nothing_visible_carries_is_not_there(
    session: Session, author: Person, reader: Person, sign_in: SignIn, tag: str
) -> None:
    make_writeup(session, author, tags=["draft-tag"])
    make_incident(session, author, tags=["secret-tag"], restricted=True)
    assert sign_in(reader).get(f"/tags/{tag}").status == 404


def test_a_tag_of_incidents_alone_has_a_page(session: Session, author: Person, sign_in: SignIn) -> None:
    make_incident(session, author, tags=["dns"])
    page = sign_in(author).get("/tags/dns")
    assert "No write-up with this tag yet" in page.text


def test_a_page_behind_the_last_has_a_way_back(session: Session, author: Person, sign_in: SignIn) -> None:
    publish_writeup(session, author, tags=["dns"], published_at=datetime(2026, 3, 1, tzinfo=UTC))
    page = sign_in(author).get("/tags/dns?after=1990-01-01T00:00:00~1")
    assert "Nothing further here" in page.text


def test_tags_ask_to_sign_in(anonymous: Browser, author: Person) -> None:
    for path in ("/tags/", "/tags/dns"):
        assert (anonymous.get(path).location or "").startswith("/login")
