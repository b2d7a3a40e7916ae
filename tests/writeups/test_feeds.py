"""Atom feeds: valid, complete, and only with what their reader may read."""

import html
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element, ParseError

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.db import Database
from postmortem.history.operations import IMPORT
from postmortem.writeups import operations
from postmortem.writeups.drafts import WriteupDraft
from postmortem.writeups.feeds import Feed, FeedEntry, atom
from tests.factories.accounts import make_service, make_team
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser
from tests.support.sql import counted
from tests.writeups.atom import A, checked

SignIn = Callable[[Person], Browser]
NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)


def feed_at(browser: Browser, path: str) -> Element:
    answer = browser.client.get(path)
    assert (answer.status_code, answer.content_type) == (200, "application/atom+xml; charset=utf-8")
    return checked(answer.get_data())


def titles(feed: Element) -> list[str | None]:
    return [entry.findtext(f"{A}title") for entry in feed.findall(f"{A}entry")]


def test_an_empty_feed_is_valid(author: Person, sign_in: SignIn) -> None:
    feed = feed_at(sign_in(author), "/writeups/feed.atom")
    assert titles(feed) == []
    assert feed.findtext(f"{A}title") == "Failing Forward"


def test_an_entry_is_complete(session: Session, author: Person, sign_in: SignIn) -> None:
    writeup = publish_writeup(
        session,
        author,
        "Caches & <clocks>",
        tldr="In short.",
        body="See [INC-1](/incidents/1).\n\n## Part\n\n**All** of it.",
        tags=["dns", "clock skew"],
        published_at=NOON,
    )
    [entry] = feed_at(sign_in(author), "/writeups/feed.atom").findall(f"{A}entry")
    content = entry.findtext(f"{A}content") or ""
    assert entry.findtext(f"{A}title") == "Caches & <clocks>"
    assert entry.findtext(f"{A}summary") == "In short."
    assert "<strong>All</strong> of it." in content
    assert 'href="http://localhost/incidents/1"' in content
    assert f'href="http://localhost/writeups/{writeup.slug}#h-part"' in content
    assert entry.findtext(f"{A}author/{A}name") == "Aino Author"
    assert entry.findtext(f"{A}published") == entry.findtext(f"{A}updated") == "2026-03-12T12:00:00Z"
    assert [each.get("term") for each in entry.findall(f"{A}category")] == ["clock-skew", "dns"]
    links = [each.get("href") for each in entry.findall(f"{A}link")]
    assert links == [f"http://localhost/writeups/{writeup.slug}"]


def test_an_id_never_changes_and_says_nothing(session: Session, author: Person, sign_in: SignIn) -> None:
    writeup = publish_writeup(session, author, "First title", published_at=NOON)
    browser = sign_in(author)
    before = feed_at(browser, "/writeups/feed.atom").find(f"{A}entry")
    operations.save_writeup(session, writeup, {"title": "Second title"}, version=None, actor=author)
    operations.publish(session, writeup, actor=author)
    session.commit()
    after = feed_at(browser, "/writeups/feed.atom").find(f"{A}entry")
    assert before is not None
    assert after is not None
    assert after.findtext(f"{A}title") == "Second title"
    assert before.findtext(f"{A}id") == after.findtext(f"{A}id")
    assert (before.findtext(f"{A}id") or "").startswith("urn:uuid:")
    assert after.findtext(f"{A}published") == "2026-03-12T12:00:00Z"
    assert (after.findtext(f"{A}updated") or "") > "2026-03-12T12:00:00Z"


@pytest.mark.parametrize(
    "text", ["bell \x07 here", "lone \ud800 half", "not \ufffe one", "a ]]> b & <c>", "𝄞 café"]
)
def test_any_text_makes_a_well_formed_document(text: str) -> None:
    entry = FeedEntry(
        feed_id="urn:uuid:0",
        path="/writeups/x",
        title=text,
        summary=text,
        html=f"<p>{html.escape(text)}</p>",
        author=text,
        published_at=NOON,
        updated_at=NOON,
        categories=[text],
    )
    try:
        feed = checked(atom(Feed("F", "S", "/f", "/", [entry]), "https://p.example"))
    except ParseError as error:
        pytest.fail(f"not well-formed: {error}")
    kept = "".join(character for character in text if character not in "\x07\ud800\ufffe")
    assert titles(feed) == [kept]


def test_a_date_long_ago_is_still_a_date(session: Session, author: Person, sign_in: SignIn) -> None:
    publish_writeup(session, author, "Vasa", published_at=datetime(628, 8, 10, tzinfo=UTC))
    feed = feed_at(sign_in(author), "/writeups/feed.atom")
    assert feed.findtext(f"{A}entry/{A}published") == "0628-08-10T00:00:00Z"


def test_an_imported_entry_names_its_source_as_author(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    draft = WriteupDraft(title="Vasa", body="It sank.", source_name="The collection")
    [writeup] = operations.start_writeups(session, [draft], actor=IMPORT)
    operations.publish(session, writeup, actor=IMPORT)
    session.commit()
    feed = feed_at(sign_in(author), "/writeups/feed.atom")
    assert feed.findtext(f"{A}entry/{A}author/{A}name") == "The collection"


def test_the_newest_fifty_are_in_it(session: Session, author: Person, sign_in: SignIn) -> None:
    drafts = [WriteupDraft(title=f"Entry {number:02}", body="x") for number in range(52)]
    made = operations.start_writeups(session, drafts, actor=author)
    due = [(writeup, NOON + timedelta(days=number)) for number, writeup in enumerate(made)]
    operations.publish_writeups(session, due, actor=author)
    session.commit()
    found = titles(feed_at(sign_in(author), "/writeups/feed.atom"))
    assert found == [f"Entry {number:02}" for number in range(51, 1, -1)]


def test_every_list_has_a_feed_of_its_own(session: Session, author: Person, sign_in: SignIn) -> None:
    make_team(session, "Catalogue")
    make_service(session, "Playback")
    publish_writeup(
        session,
        author,
        "In",
        tags=["clock skew"],
        teams=["catalogue"],
        services=["playback"],
        published_at=NOON,
    )
    publish_writeup(session, author, "Out", published_at=NOON - timedelta(days=400))
    browser = sign_in(author)
    for path in (
        "/tags/clock-skew/feed.atom",
        "/archive/2026/feed.atom",
        "/teams/catalogue/feed.atom",
        "/services/playback/feed.atom",
    ):
        feed = feed_at(browser, path)
        assert titles(feed) == ["In"], path
        links = {link.get("rel"): link.get("href") for link in feed.findall(f"{A}link")}
        assert links["self"] == feed.findtext(f"{A}id") == f"http://localhost{path}"
        assert links["alternate"] == f"http://localhost{path.removesuffix('/feed.atom')}"


@pytest.mark.parametrize(
    "path",
    [
        "/tags/none/feed.atom",
        "/archive/1999/feed.atom",
        "/archive/9999/feed.atom",
        "/teams/none/feed.atom",
        "/services/none/feed.atom",
    ],
)
def test_a_feed_of_nothing_is_not_there(author: Person, sign_in: SignIn, path: str) -> None:
    assert sign_in(author).get(path).status == 404


def test_drafts_and_withdrawn_texts_are_in_no_feed(
    session: Session, author: Person, admin: Person, sign_in: SignIn
) -> None:
    make_writeup(session, author, "Draft", tags=["draft-tag"])
    withdrawn = publish_writeup(session, author, "Withdrawn", tags=["gone-tag"])
    operations.withdraw(session, withdrawn, reason="", actor=author)
    session.commit()
    browser = sign_in(admin)
    assert titles(feed_at(browser, "/writeups/feed.atom")) == []
    for tag in ("draft-tag", "gone-tag"):
        assert browser.get(f"/tags/{tag}/feed.atom").status == 404


def test_what_is_edited_since_publishing_is_not_in_the_feed(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    writeup = publish_writeup(session, author, "Published", body="Published body.")
    operations.save_writeup(
        session, writeup, {"title": "Rewritten", "body": "Rewritten body."}, version=None, actor=author
    )
    session.commit()
    document = sign_in(author).client.get("/writeups/feed.atom").get_data(as_text=True)
    assert "Published body." in document
    assert "Rewritten" not in document


def test_the_public_feed_holds_what_is_public(
    session: Session, author: Person, make_app: Callable[..., Flask]
) -> None:
    make_team(session, "Catalogue")
    make_team(session, "Inner")
    publish_writeup(session, author, "For all", is_public=True, tags=["dns"], teams=["catalogue"])
    publish_writeup(session, author, "Inside", tags=["dns", "inner-tag"], teams=["catalogue", "inner"])
    public = Browser(make_app(public_reading=True))
    for path in ("/writeups/feed.atom", "/tags/dns/feed.atom", "/teams/catalogue/feed.atom"):
        assert titles(feed_at(public, path)) == ["For all"], path
    for path in ("/tags/inner-tag/feed.atom", "/teams/inner/feed.atom"):
        assert public.get(path).status == 404, path
    answer = public.client.get("/writeups/feed.atom")
    assert answer.headers["Cache-Control"] == "public, no-cache"


def test_without_public_reading_a_feed_asks_to_sign_in(
    session: Session, anonymous: Browser, author: Person
) -> None:
    publish_writeup(session, author, is_public=True)
    assert (anonymous.get("/writeups/feed.atom").location or "").startswith("/login")


def test_a_feed_that_has_not_changed_is_304(session: Session, author: Person, sign_in: SignIn) -> None:
    publish_writeup(session, author)
    browser = sign_in(author)
    etag = browser.client.get("/writeups/feed.atom").headers["ETag"]
    assert browser.client.get("/writeups/feed.atom", headers={"If-None-Match": etag}).status_code == 304
    publish_writeup(session, author, "News")
    assert browser.client.get("/writeups/feed.atom", headers={"If-None-Match": etag}).status_code == 200


def test_a_restricted_incident_adds_nothing_to_a_feed(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    incident = make_incident(session, author, "Secret title", restricted=True, tags=["secret-tag"])
    publish_writeup(session, author, "Told", incidents=[incident])
    document = sign_in(author).client.get("/writeups/feed.atom").get_data(as_text=True)
    assert "Told" in document
    for words in ("Secret", "secret-tag", f"INC-{incident.id}"):
        assert words not in document


def test_a_feed_needs_as_many_statements_with_three_entries_as_with_one(
    session: Session, author: Person, sign_in: SignIn, database: Database
) -> None:
    browser = sign_in(author)
    publish_writeup(session, author, "One", tags=["dns"])
    browser.client.get("/writeups/feed.atom")
    with counted(database) as once:
        browser.client.get("/writeups/feed.atom")
    publish_writeup(session, author, "Two", tags=["dns"])
    publish_writeup(session, author, "Three", tags=["tls"])
    with counted(database) as thrice:
        browser.client.get("/writeups/feed.atom")
    assert len(once) == len(thrice) == 3
