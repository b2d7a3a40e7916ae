"""JSON feeds: valid, with the same entries and texts as the Atom feeds beside them, for the same readers."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.writeups import operations
from tests.factories.accounts import make_service, make_team
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser
from tests.writeups.atom import A, checked

SignIn = Callable[[Person], Browser]
NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)


def feed_at(browser: Browser, path: str) -> dict[str, Any]:
    """The feed, checked against version 1.1: what must be there, and of which kind."""
    answer = browser.client.get(path)
    assert (answer.status_code, answer.content_type) == (200, "application/feed+json; charset=utf-8")
    feed: dict[str, Any] = json.loads(answer.get_data())
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"http://localhost{path}"
    for item in feed["items"]:
        assert all(isinstance(item[name], str) for name in ("id", "url", "title", "content_html"))
        assert datetime.fromisoformat(item["date_published"]).tzinfo
        assert datetime.fromisoformat(item["date_modified"]).tzinfo
    return feed


def test_it_holds_what_the_atom_feed_holds(session: Session, author: Person, sign_in: SignIn) -> None:
    for number in range(3):
        publish_writeup(
            session,
            author,
            f"Caches & <clocks> {number}",
            tldr="In short." if number else "",
            body="See [INC-1](/incidents/1) and [below](#part).\n\n## Part\n\n**All** of it.",
            tags=["dns", "clock skew"],
            published_at=NOON.replace(day=number + 1),
        )
    browser = sign_in(author)
    feed = feed_at(browser, "/writeups/feed.json")
    entries = checked(browser.client.get("/writeups/feed.atom").get_data()).findall(f"{A}entry")
    assert (feed["title"], feed["home_page_url"]) == ("Failing Forward", "http://localhost/")
    assert len(feed["items"]) == len(entries) == 3
    for item, entry in zip(feed["items"], entries, strict=True):
        link = entry.find(f"{A}link")
        assert item["id"] == entry.findtext(f"{A}id")
        assert item["title"] == entry.findtext(f"{A}title")
        assert item["content_html"] == entry.findtext(f"{A}content")
        assert item.get("summary") == entry.findtext(f"{A}summary")
        assert item["date_published"] == entry.findtext(f"{A}published")
        assert item["date_modified"] == entry.findtext(f"{A}updated")
        assert item["authors"] == [{"name": entry.findtext(f"{A}author/{A}name")}]
        assert item["tags"] == [each.get("term") for each in entry.findall(f"{A}category")]
        assert link is not None
        assert item["url"] == link.get("href")


@pytest.mark.parametrize("folder", ["/tags/dns", "/archive/2026", "/teams/sound", "/services/playback"])
def test_each_list_has_one(session: Session, author: Person, sign_in: SignIn, folder: str) -> None:
    team = make_team(session, "Sound", author)
    make_service(session, "Playback", team)
    about: dict[str, Any] = {"tags": ["dns"], "teams": ["sound"], "services": ["playback"]}
    publish_writeup(session, author, "About all of them", published_at=NOON, **about)
    publish_writeup(session, author, "About nothing", published_at=NOON.replace(year=2025))
    browser = sign_in(author)
    assert [item["title"] for item in feed_at(browser, f"{folder}/feed.json")["items"]] == [
        "About all of them"
    ]
    if folder.startswith(("/tags", "/archive")):
        assert f"{folder}/feed.json" in browser.get(folder).html


def test_it_holds_only_what_its_reader_may_read(
    session: Session, author: Person, reader: Person, make_app: Callable[..., Flask]
) -> None:
    make_writeup(session, author, "A draft")
    publish_writeup(session, author, "For us")
    publish_writeup(session, author, "For everybody", is_public=True)
    operations.withdraw(session, publish_writeup(session, author, "Taken back"), reason="", actor=author)
    session.commit()
    app = make_app(public_reading=True)
    anybody, somebody = Browser(app), Browser(app)
    somebody.sign_in(reader)
    assert [item["title"] for item in feed_at(anybody, "/writeups/feed.json")["items"]] == ["For everybody"]
    titles = {item["title"] for item in feed_at(somebody, "/writeups/feed.json")["items"]}
    assert titles == {"For everybody", "For us"}


def test_who_has_the_newest_gets_304_until_something_is_withdrawn(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    writeup = publish_writeup(session, author)
    browser = sign_in(reader)
    path = "/writeups/feed.json"
    answer = browser.client.get(path)
    etag = answer.headers["ETag"]
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert etag != browser.client.get("/writeups/feed.atom").headers["ETag"]
    assert browser.client.get(path, headers={"If-None-Match": etag}).status_code == 304
    operations.withdraw(session, writeup, reason="", actor=author)
    session.commit()
    answer = browser.client.get(path, headers={"If-None-Match": etag})
    assert (answer.status_code, json.loads(answer.get_data())["items"]) == (200, [])
