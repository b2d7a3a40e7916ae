"""The reader's pages: front page, archives, one write-up, its history; and that nothing leaks through them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.operations import edit_action
from postmortem.config_parts import SessionLimits
from postmortem.db import Database
from postmortem.incidents.enums import Visibility
from postmortem.incidents.operations import edit_incident
from postmortem.timeline.operations import edit_event
from postmortem.writeups import operations
from postmortem.writeups.drafts import WriteupDraft
from postmortem.writeups.enums import Audience
from tests.factories.accounts import make_service, make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event, make_factor
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser
from tests.support.sql import counted

SignIn = Callable[[Person], Browser]
NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)


@pytest.fixture
def public_site(make_app: Callable[..., Flask]) -> Browser:
    """Somebody who is not signed in, on a site that allows public reading."""
    return Browser(make_app(public_reading=True))


# --- front page


def test_an_empty_blog_says_what_it_is_and_what_to_do(
    author: Person, reader: Person, sign_in: SignIn
) -> None:
    page = sign_in(author).get("/")
    assert "Nothing published yet" in page.text
    assert "/writeups/new" in page.links
    assert "/writeups/new" not in sign_in(reader).get("/").links


def test_the_newest_stands_first_with_what_one_wants_to_know(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    make_service(session, "Playback")
    publish_writeup(session, author, "Older", published_at=NOON)
    publish_writeup(
        session,
        author,
        "Newer",
        published_at=NOON + timedelta(hours=1),
        tldr="In two sentences.",
        tags=["clock skew"],
        services=["playback"],
    )
    page = sign_in(author).get("/")
    assert page.text.index("Newer") < page.text.index("Older")
    for words in (
        "In two sentences.",
        "Aino Author",
        "12 March 2026",
        "1 min read",
        "clock-skew",
        "2 write-ups",
    ):
        assert words in page.text
    assert {"/writeups/newer", "/tags/clock-skew", "/services/playback", "/archive/2026"} <= set(page.links)


def test_imported_entries_are_marked_and_name_nobody(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    draft = WriteupDraft(
        title="Vasa", body="It sank.", source_name="The collection", source_url="https://example.org/vasa"
    )
    [writeup] = operations.start_writeups(session, [draft], actor=author)
    operations.publish(session, writeup, actor=author)
    session.commit()
    browser = sign_in(reader)
    assert "From elsewhere" in browser.get("/").text
    page = browser.get("/writeups/vasa")
    assert "written elsewhere: The collection" in page.text
    assert "https://example.org/vasa" in page.links
    assert "Aino" not in page.text


def test_a_source_that_is_no_web_address_is_no_link(session: Session, author: Person) -> None:
    draft = WriteupDraft(title="T", source_name="x", source_url="javascript:alert(1)")
    [writeup] = operations.start_writeups(session, [draft], actor=author)
    assert writeup.source_url == ""


def test_pages_of_the_blog_hold_every_entry_once(session: Session, author: Person, sign_in: SignIn) -> None:
    for number in range(30):
        # Three at each moment: the order must not depend on the time alone.
        publish_writeup(
            session, author, f"Entry {number:02}", published_at=NOON + timedelta(days=number // 3)
        )
    browser = sign_in(author)
    seen: list[str] = []
    page = browser.get("/")
    first = page.links
    while True:
        seen += [link for link in dict.fromkeys(page.links) if link.startswith("/writeups/entry-")]
        onward = [link for link in page.links if "after=" in link]
        if not onward:
            break
        page = browser.get(onward[0])
    assert seen == [f"/writeups/entry-{number:02}" for number in reversed(range(30))]
    back = [link for link in page.links if "before=" in link]
    page = browser.get(back[0])
    page = browser.get(next(link for link in page.links if "before=" in link))
    assert [link for link in page.links if "entry" in link] == [link for link in first if "entry" in link]
    assert "30 write-ups" in page.text


@pytest.mark.parametrize(
    "cursor", ["after=nonsense", "after=2026-01-01~x", "before=~~~", "after=2026-01-01~-1"]
)
def test_a_page_that_does_not_exist_says_so(author: Person, sign_in: SignIn, cursor: str) -> None:
    assert sign_in(author).get(f"/?{cursor}").status == 422


def test_behind_the_last_page_there_is_a_way_back(session: Session, author: Person, sign_in: SignIn) -> None:
    publish_writeup(session, author, published_at=NOON)
    page = sign_in(author).get("/?after=1990-01-01T00:00:00~1")
    assert page.status == 200
    assert "Nothing further here" in page.text


def test_what_is_edited_since_publishing_is_not_in_the_list(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    writeup = publish_writeup(session, author, "As published", tldr="Published words.")
    operations.save_writeup(
        session, writeup, {"title": "Half rewritten", "tldr": "Not yet."}, version=None, actor=author
    )
    session.commit()
    text = sign_in(author).get("/").text
    assert "As published" in text
    assert "Half rewritten" not in text
    assert "Not yet." not in text


def test_my_drafts_stand_on_my_front_page_only(
    session: Session, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    make_writeup(session, author, "Unfinished thoughts")
    assert "Unfinished thoughts" in sign_in(author).get("/").text
    assert "Unfinished thoughts" not in sign_in(outsider).get("/").text


def test_signed_out_visitors_are_asked_to_sign_in(
    session: Session, author: Person, anonymous: Browser
) -> None:
    writeup = publish_writeup(session, author, is_public=True)
    for path in (
        "/",
        f"/writeups/{writeup.slug}",
        f"/writeups/{writeup.slug}/history",
        "/archive/2026",
        "/tags/",
    ):
        assert (anonymous.get(path).location or "").startswith("/login"), path


def test_the_list_of_write_ups_is_the_front_page(author: Person, sign_in: SignIn) -> None:
    assert sign_in(author).get("/writeups/").location == "/"


@pytest.mark.parametrize("path", ["/", "/archive/2026", "/tags/dns", "/tags/"])
def test_lists_need_as_many_statements_with_three_entries_as_with_one(
    session: Session, author: Person, sign_in: SignIn, database: Database, path: str
) -> None:
    def publish(title: str) -> None:
        incident = make_incident(session, author, severity="sev2")
        publish_writeup(session, author, title, published_at=NOON, tags=["dns"], incidents=[incident])

    browser = sign_in(author)
    browser.get("/")
    # Both times somebody has just written something, so that nothing is remembered.
    publish("One")
    with counted(database) as once:
        browser.get(path)
    publish("Two")
    publish("Three")
    with counted(database) as thrice:
        assert "Three" in browser.get(path).text or path == "/tags/"
    assert len(once) == len(thrice) == {"/": 7, "/archive/2026": 5, "/tags/dns": 8, "/tags/": 3}[path]


# --- one write-up


def test_a_published_page_is_frozen_and_its_actions_are_live(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    team = make_team(session, "Catalogue Team")
    incident = make_incident(session, author, severity="sev2", impact_started_at=NOON)
    event = make_event(session, incident, "The alarm rang.", NOON)
    make_event(session, incident, "Kept for ourselves.", NOON, in_writeup=False)
    make_factor(session, incident, "Two clocks.", was_present_before=True)
    action = make_action(session, incident, "Add an alarm", owner=author, team=team, end_state="It rings.")
    writeup = publish_writeup(session, author, incidents=[incident], authors=[], body="The **text**.")

    edit_event(session, event, {"text": "Rewritten since."}, version=None, actor=author)
    edit_action(
        session, action, {"title": "Renamed since", "status": "in_progress"}, version=None, actor=author
    )
    session.commit()
    page = sign_in(reader).get(f"/writeups/{writeup.slug}")
    for words in ("The alarm rang.", "Two clocks.", "Add an alarm", "Catalogue Team", "In progress", "SEV 2"):
        assert words in page.text, words
    for words in ("Rewritten", "Kept for ourselves", "Renamed", "Aino Author"):
        assert words not in page.text, words
    assert "<strong>text</strong>" in page.html
    assert f"/incidents/{incident.id}" in page.links
    assert "Was there before" in page.text


def test_a_page_about_a_restricted_incident_shows_nothing_live(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    incident = make_incident(
        session, author, "Secret title", severity="sev1", restricted=True, impact_started_at=NOON
    )
    make_event(session, incident, "Frozen event.", NOON)
    action = make_action(session, incident, "Frozen action", end_state="It rings.")
    writeup = publish_writeup(session, author, incidents=[incident])
    edit_action(session, action, {"status": "in_progress"}, version=None, actor=author)
    session.commit()
    for person in (reader, author):
        page = sign_in(person).get(f"/writeups/{writeup.slug}")
        assert "Frozen event." in page.text
        assert "Frozen action" in page.text
        for words in ("Secret title", "SEV 1", "In progress", f"INC-{incident.id}"):
            assert words not in page.html, (person.name, words)
        assert f"/incidents/{incident.id}" not in page.links
    assert "SEV 1" not in sign_in(reader).get("/").text


def test_restricting_the_incident_later_takes_what_is_live_away_at_once(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    incident = make_incident(session, author, severity="sev1")
    make_action(session, incident, "Add an alarm")
    writeup = publish_writeup(session, author, incidents=[incident])
    browser = sign_in(reader)
    first = browser.get(f"/writeups/{writeup.slug}")
    assert "Proposed" in first.text
    edit_incident(session, incident, {"visibility": Visibility.RESTRICTED}, version=None, actor=author)
    session.commit()
    page = browser.get(f"/writeups/{writeup.slug}", headers={"If-None-Match": first.headers["ETag"]})
    assert page.status == 200
    assert "Proposed" not in page.text
    assert "INC-" not in page.text


def test_contents_are_listed_for_a_long_text_only(session: Session, author: Person, sign_in: SignIn) -> None:
    long = publish_writeup(
        session, author, "Long", body="\n\n".join(f"## Part {n}\n\ntext" for n in range(4))
    )
    short = publish_writeup(session, author, "Short", body="## Part 0\n\ntext")
    browser = sign_in(author)
    page = browser.get(f"/writeups/{long.slug}")
    assert "In this write-up" in page.text
    assert "#h-part-0" in page.links
    assert "In this write-up" not in browser.get(f"/writeups/{short.slug}").text


def test_neighbours_in_time(session: Session, author: Person, reader: Person, sign_in: SignIn) -> None:
    for number, title in enumerate(("First", "Second", "Third")):
        publish_writeup(session, author, title, published_at=NOON + timedelta(days=number))
    make_writeup(session, author, "Draft between")
    browser = sign_in(reader)
    middle = browser.get("/writeups/second")
    assert {"/writeups/first", "/writeups/third"} <= set(middle.links)
    assert "/writeups/second" not in browser.get("/writeups/second").links
    assert "Draft between" not in middle.text


def test_a_draft_page_is_for_its_people(
    session: Session, author: Person, facilitator: Person, reader: Person, outsider: Person, sign_in: SignIn
) -> None:
    incident = make_incident(session, author)
    make_event(session, incident, "The alarm rang.")
    writeup = make_writeup(session, author, body="A **draft**.", incidents=[incident])
    for person in (author, facilitator):
        page = sign_in(person).get(f"/writeups/{writeup.slug}")
        assert "<strong>draft</strong>" in page.html
        assert "The alarm rang." in page.text
        assert page.headers["Cache-Control"] == "no-store"
    for person in (reader, outsider):
        assert sign_in(person).get(f"/writeups/{writeup.slug}").status == 404


@pytest.mark.parametrize("slug", ["no-such", "No-Such", "x" * 3000, "..%2f", "feed"])
def test_an_address_that_leads_nowhere(author: Person, sign_in: SignIn, slug: str) -> None:
    assert sign_in(author).get(f"/writeups/{slug}").status == 404


def test_unpublished_changes_are_offered_to_those_who_may_publish(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    writeup = publish_writeup(session, author)
    path = f"/writeups/{writeup.slug}"
    assert f"{path}/publish" not in sign_in(author).get(path).links
    operations.save_writeup(session, writeup, {"body": "New."}, version=None, actor=author)
    session.commit()
    assert f"{path}/publish" in sign_in(author).get(path).links
    links = sign_in(reader).get(path).links
    assert not {f"{path}/edit", f"{path}/publish", f"{path}/withdraw"} & set(links)


def test_one_page_needs_the_same_statements_whatever_hangs_on_it(
    session: Session, author: Person, sign_in: SignIn, database: Database
) -> None:
    browser = sign_in(author)
    browser.get("/")
    counts = []
    for number in (1, 3):
        incidents = [make_incident(session, author) for _ in range(number)]
        for incident in incidents:
            make_event(session, incident)
            make_action(session, incident)
        writeup = publish_writeup(
            session, author, f"With {number}", incidents=incidents, tags=[f"t{n}" for n in range(number)]
        )
        for _ in range(2):
            with counted(database) as sent:
                browser.get(f"/writeups/{writeup.slug}")
            counts.append(len(sent))
    # Nothing is read twice while nobody writes, but who it is that asks.
    assert counts == [6, 1, 6, 1]


# --- conditional answers


def test_a_reader_who_has_the_page_gets_304_until_something_changes(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    incident = make_incident(session, author)
    action = make_action(session, incident, end_state="It rings.")
    writeup = publish_writeup(session, author, incidents=[incident])
    path = f"/writeups/{writeup.slug}"
    browser = sign_in(author)
    browser.get(path)

    def tag() -> str:
        return browser.get(path).headers["ETag"]

    def again(etag: str) -> int:
        return browser.get(path, headers={"If-None-Match": etag}).status

    first = tag()
    assert again(first) == 304
    edit_action(session, action, {"status": "in_progress"}, version=None, actor=author)
    session.commit()
    assert again(first) == 200
    second = tag()
    assert again(second) == 304
    publish_writeup(session, author, "A newer neighbour")
    assert again(second) == 200
    third = tag()
    operations.withdraw(session, writeup, reason="", actor=author)
    session.commit()
    page = browser.get(path, headers={"If-None-Match": third})
    assert "Withdrawn on" in page.text


def test_a_cached_page_is_one_persons_own(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    path = f"/writeups/{publish_writeup(session, author).slug}"
    mine = sign_in(author).get(path)
    assert mine.headers["Cache-Control"] == "private, no-cache"
    assert "Cookie" in mine.headers["Vary"]
    theirs = sign_in(reader).get(path, headers={"If-None-Match": mine.headers["ETag"]})
    assert theirs.status == 200


def test_a_page_with_a_message_is_kept_nowhere(session: Session, author: Person, sign_in: SignIn) -> None:
    writeup = make_writeup(session, author)
    page = sign_in(author).submit(f"/writeups/{writeup.slug}/publish", follow=True)
    assert "Published. It is on the front page now." in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "ETag" not in page.headers


def test_a_cached_page_never_outlives_its_form_token(
    session: Session, author: Person, make_app: Callable[..., Flask], frozen: Callable[[datetime], None]
) -> None:
    """Where people stay signed in for longer than a form's token holds."""
    frozen(NOON)
    path = f"/writeups/{publish_writeup(session, author).slug}"
    browser = Browser(make_app(session_limits=SessionLimits(timedelta(days=2), timedelta(days=2))))
    browser.sign_in(author)
    browser.get(path)
    etag = browser.get(path).headers["ETag"]
    assert browser.get(path, headers={"If-None-Match": etag}).status == 304
    frozen(NOON + timedelta(hours=13))
    assert browser.get(path, headers={"If-None-Match": etag}).status == 200


# --- public reading


def test_the_public_reads_what_is_public_and_finds_no_trace_of_the_rest(
    session: Session, author: Person, public_site: Browser
) -> None:
    incident = make_incident(session, author, severity="sev1", tags=["inner-tag"])
    make_action(session, incident, "Add an alarm")
    publish_writeup(session, author, "Inner earlier", published_at=NOON, tags=["inner-tag"])
    publish_writeup(
        session,
        author,
        "For all",
        is_public=True,
        tags=["open-tag"],
        incidents=[incident],
        published_at=NOON + timedelta(days=1),
    )
    publish_writeup(
        session, author, "Inner later", published_at=NOON + timedelta(days=400), tags=["inner-tag"]
    )
    make_writeup(session, author, "Draft for all", audience=Audience.PUBLIC)

    front = public_site.get("/")
    assert "For all" in front.text
    assert "1 write-up" in front.text
    entry = public_site.get("/writeups/for-all")
    assert entry.headers["Cache-Control"] == "public, no-cache"
    assert "Add an alarm" in entry.text
    archive = public_site.get("/archive/2026")
    for page in (
        front,
        entry,
        archive,
        public_site.get("/tags/"),
        public_site.get("/writeups/for-all/history"),
    ):
        for words in ("Inner", "inner-tag", "Draft for all", "2027", "SEV 1", f"INC-{incident.id}"):
            assert words not in page.html, (page.title, words)
    for path in ("/writeups/inner-earlier", "/writeups/draft-for-all", "/archive/2027", "/tags/inner-tag"):
        assert public_site.get(path).status == 404, path
    assert public_site.get("/incidents/").location.startswith("/login")  # type: ignore[union-attr]


def test_the_public_gets_304_too(session: Session, author: Person, public_site: Browser) -> None:
    path = f"/writeups/{publish_writeup(session, author, is_public=True).slug}"
    etag = public_site.get(path).headers["ETag"]
    assert public_site.get(path, headers={"If-None-Match": etag}).status == 304


# --- history


def test_readers_see_published_texts_and_writers_see_all(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    writeup = make_writeup(session, author, body="First thought.")
    for body in ("Second thought.", "Third thought."):
        operations.save_writeup(session, writeup, {"body": body}, version=None, actor=author)
        session.flush()
    operations.publish(session, writeup, actor=author)
    operations.save_writeup(session, writeup, {"body": "Fourth, in progress."}, version=None, actor=author)
    session.commit()
    path = f"/writeups/{writeup.slug}/history"

    page = sign_in(reader).get(path)
    assert "Third thought." in page.text
    for words in ("First thought", "Second", "Fourth", "Aino"):
        assert words not in page.text
    for number in (1, 2, 4, 99):
        assert sign_in(reader).get(f"{path}?text={number}").status == 404

    page = sign_in(author).get(path)
    assert "what changed since text 3" in page.text
    assert "Fourth" in page.text
    assert "saved by Aino Author" in page.text
    assert "<del>First</del><ins>Second</ins>" in sign_in(author).get(f"{path}?text=2").html


def test_a_difference_is_text_and_never_markup(session: Session, author: Person, sign_in: SignIn) -> None:
    writeup = make_writeup(session, author, body="<b>old</b> words here")
    operations.save_writeup(
        session, writeup, {"body": "<img src=x onerror=alert(1)> words here"}, version=None, actor=author
    )
    session.commit()
    page = sign_in(author).get(f"/writeups/{writeup.slug}/history")
    assert "<img" not in page.html
    assert "onerror" in page.text


def test_a_text_that_was_withdrawn_stays_out_of_the_readers_history(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    writeup = publish_writeup(session, author, body="The customer was Acme.")
    operations.withdraw(session, writeup, reason="", actor=author)
    operations.save_writeup(session, writeup, {"body": "It was a customer."}, version=None, actor=author)
    operations.publish(session, writeup, actor=author)
    session.commit()
    path = f"/writeups/{writeup.slug}/history"
    page = sign_in(reader).get(path)
    assert "Acme" not in page.html
    assert sign_in(reader).get(f"{path}?text=1").status == 404
    assert "Acme" in sign_in(author).get(f"{path}?text=1").text


def test_the_public_does_not_see_what_was_published_inside(
    session: Session, author: Person, public_site: Browser
) -> None:
    writeup = publish_writeup(session, author, body="Inner words.")
    operations.save_writeup(session, writeup, {"body": "Outer words."}, version=None, actor=author)
    operations.publish(session, writeup, actor=author, audience=Audience.PUBLIC)
    session.commit()
    path = f"/writeups/{writeup.slug}/history"
    page = public_site.get(path)
    assert "Outer words." in page.text
    assert "Inner" not in page.text
    assert public_site.get(f"{path}?text=1").status == 404


@pytest.mark.parametrize("year", ["1999", "0", "9999", "-1", "2026x"])
def test_a_year_without_entries_is_not_there(
    session: Session, author: Person, sign_in: SignIn, year: str
) -> None:
    publish_writeup(session, author, published_at=NOON)
    assert sign_in(author).get(f"/archive/{year}").status == 404


def test_years_of_old_are_archived_too(session: Session, author: Person, sign_in: SignIn) -> None:
    publish_writeup(session, author, "Vasa", published_at=datetime(1628, 8, 10, tzinfo=UTC))
    page = sign_in(author).get("/archive/1628")
    assert "Vasa" in page.text
    assert "10 August 1628" in page.text
