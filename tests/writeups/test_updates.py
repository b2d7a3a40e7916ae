"""A text that is published again: with its reason, shown as updated, and what changed in words that readers may read."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.incidents.operations import edit_incident
from postmortem.text.paragraphs import one_a_line
from postmortem.writeups import operations
from postmortem.writeups.enums import Audience
from postmortem.writeups.models import Publication, Writeup
from tests.factories.accounts import make_person
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SignIn = Callable[[Person], Browser]
PATH = "/writeups/the-cache"


@pytest.fixture(autouse=True)
def at_noon(frozen: Callable[[datetime], None]) -> None:
    frozen(NOON)


@pytest.fixture
def entry(session: Session, author: Person) -> Writeup:
    make_person(session, "Zelda Quimby")
    return publish_writeup(
        session, author, "The cache", body="Zelda Quimby saw that\nthe cache was old.\n\nIt ended."
    )


@pytest.fixture
def public_site(make_app: Callable[..., Flask]) -> Browser:
    return Browser(make_app(public_reading=True))


def update(session: Session, entry: Writeup, author: Person, body: str, reason: str) -> None:
    operations.save_writeup(session, entry, {"body": body}, version=None, actor=author)
    operations.publish(session, entry, actor=author, reason=reason)
    session.commit()


def test_publishing_again_asks_for_the_reason_and_the_first_time_does_not(
    session: Session, author: Person, reader: Person, sign_in: SignIn, frozen: Callable[[datetime], None]
) -> None:
    make_writeup(session, author, "The cache")
    browser = sign_in(author)
    assert "What changed, and why" not in browser.get(f"{PATH}/publish").text
    assert browser.submit(f"{PATH}/publish").status == 303
    assert "Updated" not in sign_in(reader).get(PATH).text
    frozen(NOON + timedelta(days=4))
    browser = sign_in(author)
    browser.submit(f"{PATH}/edit", {"body": "It was the clock."})
    page = browser.submit(f"{PATH}/publish", {"audience": "public"})
    assert page.status == 422
    assert "Say in one sentence what changed" in page.text
    assert page.forms[-1].data["audience"] == ["public"]
    assert browser.post(f"{PATH}/publish").status == 422
    assert len(session.scalars(select(Publication)).all()) == 1
    done = browser.submit(f"{PATH}/publish", {"reason": "The clock was found."}, follow=True)
    assert "Readers see the new text now." in done.text
    text = sign_in(reader).get(PATH).text
    assert "Updated 24 November 2026: The clock was found. What changed" in text
    assert "Published 20 November 2026, changed 24 November 2026." in text


def test_with_nothing_new_readers_get_no_update(
    session: Session, author: Person, entry: Writeup, sign_in: SignIn
) -> None:
    page = sign_in(author).submit(f"{PATH}/publish", {"reason": "Again."}, follow=True)
    assert "Readers have just this text already, so nothing was published." in page.text
    assert "Updated" not in sign_in(author).get(PATH).text


def test_readers_see_each_publication_with_its_reason_and_words_that_changed(
    session: Session, author: Person, reader: Person, entry: Writeup, sign_in: SignIn
) -> None:
    update(
        session, entry, author, "Zelda saw that the cache\nwas stale.\n\nIt ended.", "Zelda Quimby said more."
    )
    update(
        session,
        entry,
        author,
        "Zelda saw that the cache\nwas stale.\n\nIt ended. It came back.",
        "It came back.",
    )
    browser = sign_in(reader)
    page = browser.get(f"{PATH}/history")
    listed = page.text[page.text.index("Published") : page.text.index("What changed on")]
    assert listed.count("Updated") == 2
    assert "Updated: It came back." in listed
    assert listed.index("It came back.") < listed.index("said more.") < listed.index("First published")
    assert "It ended.<ins> It came back.</ins>" in page.html
    second = browser.get(f"{PATH}/history?edition=2").html
    assert "<del>old</del><ins>stale</ins>" in second
    assert "1 unchanged" not in second
    first = browser.get(f"{PATH}/history?edition=1")
    assert "As it was first published" in first.text
    for seen in (page, first, browser.get(f"{PATH}/history?edition=2"), browser.get(PATH)):
        assert "Zelda" not in seen.html and "Quimby" not in seen.html
    for address in ("edition=4", "edition=0", "edition=x", "edition=", "text=9", "edition=1&text=2"):
        assert browser.get(f"{PATH}/history?{address}").status == 404, address


def test_timeline_and_actions_that_came_are_part_of_what_changed(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    incident = make_incident(session, author)
    entry = publish_writeup(session, author, "The cache", incidents=[incident])
    make_event(session, incident, "The **pager** rang.", NOON)
    make_action(session, incident, "Add an alarm", owner=author)
    operations.publish(session, entry, actor=author, reason="More of it.", audience=Audience.PUBLIC)
    session.commit()
    page = sign_in(reader).get(f"{PATH}/history")
    assert "2026-11-20 12:00 UTC: The pager rang." in page.text
    assert "Actions +3 −0 words Add an alarm" in page.text
    assert "Who may read it" in page.text
    assert author.name not in page.text[page.text.index("What changed on") :]


def test_writers_see_publications_and_saves_beside_each_other(
    session: Session, author: Person, entry: Writeup, sign_in: SignIn
) -> None:
    update(session, entry, author, "Zelda Quimby slept.", "More is known.")
    operations.save_writeup(session, entry, {"body": "Not published."}, version=None, actor=author)
    session.commit()
    browser = sign_in(author)
    page = browser.get(f"{PATH}/history")
    assert "Updated: More is known." in page.text
    assert "Text 3, and what changed since text 2" in page.text
    assert "Zelda" in browser.get(f"{PATH}/history?text=2").text
    changed = browser.get(f"{PATH}/history?edition=2").text
    assert "More is known." in changed
    assert "Not published." not in changed


def test_strangers_compare_only_what_was_public(
    session: Session, author: Person, public_site: Browser
) -> None:
    entry = publish_writeup(session, author, "The cache", body="Inner words.")
    operations.publish(session, entry, actor=author, reason="For all.", audience=Audience.PUBLIC)
    session.commit()
    page = public_site.get(f"{PATH}/history")
    assert "First published" in page.text
    assert "Who may read it" not in page.text
    assert "Updated" not in page.text
    assert public_site.get(f"{PATH}/history?edition=1").status == 404
    update(session, entry, author, "Outer words.", "Less is said.")
    assert "<del>Inner</del><ins>Outer</ins>" in public_site.get(f"{PATH}/history").html
    # Narrowed: gone at once, with its texts.
    operations.save_writeup(session, entry, {"audience": Audience.INTERNAL}, version=None, actor=author)
    session.commit()
    assert public_site.get(f"{PATH}/history").status == 404
    assert public_site.get(PATH).status == 404


def test_after_a_withdrawal_it_begins_anew(
    session: Session, author: Person, reader: Person, entry: Writeup, sign_in: SignIn
) -> None:
    operations.withdraw(session, entry, reason="Wrong.", actor=author)
    session.commit()
    browser = sign_in(author)
    assert "What changed, and why" not in browser.get(f"{PATH}/publish").text
    browser.submit(f"{PATH}/edit", {"body": "Right."})
    assert browser.submit(f"{PATH}/publish").status == 303
    page = sign_in(reader).get(f"{PATH}/history")
    assert "First published" in page.text
    assert "old" not in page.text


def test_feeds_carry_the_time_and_the_reason_of_an_update(
    session: Session, author: Person, entry: Writeup, sign_in: SignIn, frozen: Callable[[datetime], None]
) -> None:
    browser = sign_in(author)
    before = browser.get("/writeups/feed.atom")
    frozen(NOON + timedelta(days=4))
    update(session, entry, author, "Another.", "Zelda Quimby was asked.")
    browser = sign_in(author)
    feed = ElementTree.fromstring(browser.get("/writeups/feed.atom").sent)
    [found] = feed.iter("{http://www.w3.org/2005/Atom}entry")
    values = {each.tag.partition("}")[2]: each.text for each in found}
    assert values["published"] == "2026-11-20T12:00:00Z"
    assert values["updated"] == "2026-11-24T12:00:00Z"
    assert values["summary"] == "Two clocks disagreed.\n\nUpdated 24 November 2026: A colleague was asked."
    assert "Updated" not in before.sent
    item = browser.get("/writeups/feed.json")
    assert "Updated 24 November 2026: A colleague was asked." in item.sent


def test_names_in_a_reason_become_roles(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    zelda, incident = make_person(session, "Zelda Quimby"), make_incident(session, author)
    edit_incident(
        session, incident, {"participants": [(zelda.email, "On-call engineer")]}, version=None, actor=author
    )
    entry = publish_writeup(session, author, "The cache", incidents=[incident])
    operations.save_writeup(session, entry, {"body": "More."}, version=None, actor=author)
    session.commit()
    browser = sign_in(author)
    assert browser.submit(f"{PATH}/publish", {"reason": "Zelda was asked."}).status == 303
    assert "Updated 20 November 2026: The on-call engineer was asked." in sign_in(reader).get(PATH).text


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("one\ntwo\n\nthree", "one two\nthree"),
        ("# Head\ntext\n- a\n  goes on\n- b", "Head\ntext\n- a goes on\n- b"),
        ("a **bold\nword** and `2**3**4` 2**3**4", "a bold word and `2**3**4` 2**3**4"),
        ("```\n# **not**\n```", "```\n# **not**\n```"),
        ("```\na\n\nb\n```\nc\nd", "```\na\n\nb\n```\nc d"),
        ("| a |\n|---|\n| b |", "| a |\n|---|\n| b |"),
        ("hard  \nbreak\\\nhere", "hard\nbreak\\\nhere"),
        ("head\n====\ntext", "head\n====\ntext"),
        ("", ""),
    ],
)
def test_a_paragraph_stands_on_one_line(source: str, expected: str) -> None:
    assert one_a_line(source) == expected


def test_what_was_typed_stays_when_the_names_are_looked_at_again(
    session: Session, author: Person, entry: Writeup, sign_in: SignIn
) -> None:
    browser = sign_in(author)
    form = browser.get(f"{PATH}/publish").forms[-1].data
    typed = {"reason": "Zelda Quimby was asked.", "audience": "public", "publish_at": "2990-01-01T09:00"}
    assert browser.post(f"{PATH}/names", {**form, **typed}).status == 303
    other = publish_writeup(session, author, "Another")
    assert browser.get(f"/writeups/{other.slug}/publish").forms[-1].data["reason"] == [""]
    assert browser.post(f"{PATH}/names", {**form, **typed}).status == 303
    page = browser.get(f"{PATH}/publish")
    assert {name: page.forms[-1].data[name] for name in typed} == {
        name: [value] for name, value in typed.items()
    }
    assert page.forms[-1].data["version"] == form["version"]
    assert "Why it is published again" in page.text
    assert browser.get(f"{PATH}/publish").forms[-1].data["reason"] == [""]
