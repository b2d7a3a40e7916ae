"""Feed links: made and shown once, read without signing in, revoked; what they show and to whom."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.operations import edit_person
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from postmortem.writeups import operations
from postmortem.writeups.feeds import without_images
from postmortem.writeups.models import Publication
from postmortem.writeups.models_around import FeedLink
from postmortem.writeups.operations_feed_links import MOST_LINKS, make_feed_link
from tests.factories.accounts import make_service, make_team
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser
from tests.support.crawl import dump
from tests.support.sql import counted
from tests.writeups.atom import A, checked

SignIn = Callable[[Person], Browser]


def make_link(browser: Browser, page: str = "/", kind: str = "atom") -> str:
    """Make one and return its path, as it stands on the page that comes next."""
    shown = browser.submit("/me/feeds", {"page": page, "kind": kind}, follow=True)
    (path,) = set(re.findall(r'value="http://localhost(/feeds/[\w-]{43}\.\w+)"', shown.html))
    return str(path)


def titles(browser: Browser, path: str) -> list[str | None]:
    answer = browser.client.get(path)
    assert answer.status_code == 200, path
    return [
        each.findtext(f"{A}title")
        for each in checked(answer.get_data(), names_itself=False).findall(f"{A}entry")
    ]


def test_a_link_is_shown_once_and_only_its_hash_is_kept(
    session: Session, author: Person, sign_in: SignIn, database: Database
) -> None:
    browser = sign_in(author)
    token = make_link(browser).removeprefix("/feeds/").removesuffix(".atom")
    assert token not in browser.get("/me/feeds").html
    assert token not in repr(dump(database))
    (link,) = session.scalars(select(FeedLink))
    assert (link.person_id, link.path) == (author.id, "/writeups/feed.atom")
    (entry,) = session.scalars(select(HistoryEntry).where(HistoryEntry.subject_type == "feed_links"))
    assert (entry.verb, entry.actor_id) == ("made", author.id)
    assert entry.changes == {"person": [None, author.email], "path": [None, "/writeups/feed.atom"]}


def test_a_form_sent_twice_makes_one(session: Session, author: Person, sign_in: SignIn) -> None:
    browser = sign_in(author)
    form = browser.get("/me/feeds").forms[-1]
    for _ in "12":
        assert browser.post("/me/feeds", {**form.data, "page": "/", "kind": "atom"}).status == 303
    assert session.scalar(select(func.count()).select_from(FeedLink)) == 1


def test_it_is_read_without_signing_in_and_sent_once(
    session: Session, author: Person, reader: Person, sign_in: SignIn, anonymous: Browser
) -> None:
    publish_writeup(session, author, "For us", body="See [INC-1](/incidents/1).")
    make_writeup(session, author, "A draft")
    path = make_link(sign_in(reader))
    answer = anonymous.client.get(path)
    document = answer.get_data(as_text=True)
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Referrer-Policy"] == "strict-origin"
    assert "Set-Cookie" not in answer.headers
    # Its links lead to the ordinary pages, and nothing in it is the secret.
    assert path.removeprefix("/feeds/").removesuffix(".atom") not in document
    assert 'href="http://localhost/writeups/for-us"' in document
    assert 'href="http://localhost/incidents/1"' in (
        checked(answer.get_data(), names_itself=False).findtext(f"{A}entry/{A}content") or ""
    )
    assert 'rel="self"' not in document
    again = {"If-None-Match": answer.headers["ETag"]}
    assert anonymous.client.get(path, headers=again).status_code == 304
    writeup = publish_writeup(session, author, "News")
    assert titles(anonymous, path) == ["News", "For us"]
    operations.withdraw(session, writeup, reason="", actor=author)
    session.commit()
    assert titles(anonymous, path) == ["For us"]


def test_as_json(session: Session, author: Person, sign_in: SignIn, anonymous: Browser) -> None:
    publish_writeup(session, author, "For us")
    path = make_link(sign_in(author), kind="json")
    answer = anonymous.client.get(path)
    feed = json.loads(answer.get_data())
    assert answer.content_type == "application/feed+json; charset=utf-8"
    assert ([item["title"] for item in feed["items"]], "feed_url" in feed) == (["For us"], False)
    assert anonymous.get(path.replace(".json", ".atom")).status == 404


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        ("/", "/writeups/feed.atom"),
        ("/tags/dns", "/tags/dns/feed.atom"),
        (" http://localhost/tags/DNS/?before=x#top ", "/tags/dns/feed.atom"),
        ("/tags/dns/feed.json", "/tags/dns/feed.atom"),
        ("/tags/%E6%9D%B1%E4%BA%AC", "/tags/東京/feed.atom"),
        ("/archive/2026", "/archive/2026/feed.atom"),
        ("/teams/sound", "/teams/sound/feed.atom"),
        ("/services/playback", "/services/playback/feed.atom"),
        ("/authors/aino-author", "/authors/aino-author/feed.atom"),
    ],
)
def test_each_list_can_be_followed(
    session: Session, author: Person, sign_in: SignIn, anonymous: Browser, page: str, kept: str
) -> None:
    make_service(session, "Playback", make_team(session, "Sound", author))
    about: dict[str, Any] = {"tags": ["dns", "東京"], "teams": ["sound"], "services": ["playback"]}
    at = clock.now().replace(year=2026)
    publish_writeup(session, author, "About all of them", published_at=at, **about)
    browser = sign_in(author)
    path = make_link(browser, page)
    assert session.scalar(select(FeedLink.path)) == kept
    assert titles(anonymous, path) == ["About all of them"]
    listed = browser.get("/me/feeds")
    shown = "Everything" if page == "/" else kept.removesuffix("/feed.atom")
    assert shown in listed.text
    (url,) = {
        link
        for link in listed.links
        if link.startswith(("/tags/", "/arch", "/teams/s", "/services/p", "/authors/"))
    } or {"/"}
    assert browser.get(url).status == 200


@pytest.mark.parametrize(
    "page",
    [
        "",
        "/tags/none",
        "/nowhere",
        "/archive/1200",
        "/archive/٣",
        "//x/[",
        "/incidents/1",
        "/teams/",
        "/authors/x/y",
    ],
)
def test_what_has_no_feed_is_refused_and_kept(
    session: Session, author: Person, sign_in: SignIn, page: str
) -> None:
    browser = sign_in(author)
    form = browser.get("/me/feeds").forms[-1]
    answer = browser.post("/me/feeds", {**form.data, "page": page, "kind": "atom"})
    assert answer.status == 422
    assert answer.forms[-1].data["page"] == [page]
    assert session.scalar(select(func.count()).select_from(FeedLink)) == 0


def test_another_form_is_refused_and_so_are_too_many(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    browser = sign_in(author)
    form = browser.get("/me/feeds").forms[-1]
    assert browser.post("/me/feeds", {**form.data, "page": "/", "kind": "rdf"}).status == 422
    for _ in range(MOST_LINKS):
        make_feed_link(session, author, "/", "atom")
    session.commit()
    answer = browser.post("/me/feeds", {**form.data, "page": "/", "kind": "atom"})
    assert answer.status == 422
    assert f"You have {MOST_LINKS} links already" in answer.text


def test_it_ends_when_it_is_revoked_and_when_its_person_leaves(
    session: Session, author: Person, outsider: Person, admin: Person, sign_in: SignIn, anonymous: Browser
) -> None:
    publish_writeup(session, author, "For us")
    browser, other = sign_in(author), sign_in(outsider)
    first, second = make_link(browser), make_link(browser)
    unknown = anonymous.get(f"/feeds/{'x' * 43}.atom")
    assert unknown.status == 404
    number = session.scalar(select(func.min(FeedLink.id)))
    revoke = next(
        form for form in browser.get("/me/feeds").forms if form.action == f"/me/feeds/{number}/revoke"
    )
    assert other.post(f"/me/feeds/{number}/revoke", other.get("/me/feeds").forms[-1].data).status == 404
    for _ in "12":
        assert browser.post(revoke.action or "", revoke.data).status == 303
    assert anonymous.get(first).status == 404
    assert titles(anonymous, second) == ["For us"]
    entries = select(func.count()).select_from(HistoryEntry).where(HistoryEntry.verb == "revoked")
    assert session.scalar(entries) == 1
    edit_person(session, author, {"is_active": False}, version=None, actor=admin)
    session.commit()
    gone = anonymous.get(second)
    assert (gone.status, gone.text) == (404, unknown.text)


def test_last_use_is_noted_once_an_hour(
    session: Session, author: Person, sign_in: SignIn, anonymous: Browser
) -> None:
    browser = sign_in(author)
    path = make_link(browser)
    assert "Not yet" in browser.get("/me/feeds").text
    anonymous.get(path)
    assert "Not yet" not in browser.get("/me/feeds").text
    session.expire_all()
    first = session.scalar(select(FeedLink.last_used_at))
    anonymous.get(path)
    session.expire_all()
    assert session.scalar(select(FeedLink.last_used_at)) == first
    session.execute(update(FeedLink).values(last_used_at=clock.now() - timedelta(hours=2)))
    anonymous.get(path)
    session.expire_all()
    found = session.scalar(select(FeedLink.last_used_at))
    assert found is not None
    assert clock.now() - found < timedelta(minutes=5)


def test_pictures_stand_in_it_as_links_to_the_page(
    session: Session, author: Person, sign_in: SignIn, anonymous: Browser
) -> None:
    writeup = publish_writeup(session, author, "With a picture")
    html = '<p><img alt="CPU &gt; 90" height="8" src="/attachments/k/8x8"></p>'
    session.execute(update(Publication).where(Publication.writeup_id == writeup.id).values(body_html=html))
    path = make_link(sign_in(author))
    content = (
        checked(anonymous.client.get(path).get_data(), names_itself=False).findtext(f"{A}entry/{A}content")
        or ""
    )
    assert "<img" not in content
    assert f'<a href="http://localhost/writeups/{writeup.slug}">[Picture: CPU &gt; 90]</a>' in content
    linked = '<a href="/x" rel="y"><img alt="a" src="/b"></a> <img alt="" src="/c"> &lt;img'
    assert without_images(linked, "/p") == (
        '<a href="/x" rel="y">[Picture: a]</a> <a href="/p">[Picture]</a> &lt;img'
    )


def test_the_follow_of_a_list_leads_to_its_link(session: Session, author: Person, sign_in: SignIn) -> None:
    make_service(session, "Playback", make_team(session, "Sound", author))
    about: dict[str, Any] = {"tags": ["dns"], "teams": ["sound"], "services": ["playback"]}
    publish_writeup(session, author, "One", published_at=clock.now().replace(year=2026), **about)
    browser = sign_in(author)
    for page in (
        "/",
        "/tags/dns",
        "/archive/2026",
        "/teams/sound",
        "/services/playback",
        "/authors/aino-author",
    ):
        folder, html = ("/writeups" if page == "/" else page), browser.get(page).html
        for kind, mimetype in (("atom", "application/atom+xml"), ("json", "application/feed+json")):
            path = f"{folder}/feed.{kind}"
            assert re.search(
                rf'<link rel="alternate" type="{re.escape(mimetype)}" [^>]*href="{path}">', html
            ), path
            assert f">http://localhost{path}</a>" in html
            assert browser.client.get(path).status_code == 200
        form = browser.get(f"/me/feeds?of={folder}").forms[-1]
        assert form.data["page"] == [page]


def test_a_feed_link_asks_as_often_with_three_entries_as_with_one(
    session: Session, author: Person, sign_in: SignIn, anonymous: Browser, database: Database
) -> None:
    publish_writeup(session, author, "One", tags=["dns"])
    path = make_link(sign_in(author))
    anonymous.get(path)
    with counted(database) as once:
        anonymous.get(path)
    publish_writeup(session, author, "Two", tags=["dns"])
    publish_writeup(session, author, "Three", tags=["tls"])
    with counted(database) as thrice:
        anonymous.get(path)
    assert len(once) == len(thrice) == 3
