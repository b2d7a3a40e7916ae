"""The entry of the month: chosen by facilitators, first on the front page, only for who may read it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.history.models import HistoryEntry
from postmortem.writeups import operations
from postmortem.writeups.models import Writeup
from postmortem.writeups.models_around import EntryOfTheMonth
from postmortem.writeups.operations_months import choose_entry
from tests.factories.accounts import make_person
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
WHY = "It shows how a small thing grew."


@pytest.fixture(autouse=True)
def november(frozen: Callable[[datetime], None]) -> None:
    frozen(NOW)


@pytest.fixture
def old(session: Session, author: Person) -> Writeup:
    """An older entry, with a newer one above it."""
    writeup = publish_writeup(session, author, "The old one", published_at=NOW.replace(year=2025, month=8))
    publish_writeup(session, author, "The new one", published_at=NOW.replace(month=10))
    session.commit()
    return writeup


def chosen(session: Session, writeup: Writeup, by: Person, month: str = "2026-11") -> EntryOfTheMonth:
    entry = choose_entry(session, writeup, month=month, note=WHY, actor=by)
    session.commit()
    return entry


def test_a_facilitator_chooses_it_and_it_stands_first_once(
    session: Session, old: Writeup, facilitator: Person, reader: Person, sign_in: SignIn
) -> None:
    browser, watching = sign_in(facilitator), sign_in(reader)
    assert watching.get("/").text.index("The new one") < watching.get("/").text.index("The old one")
    assert f"/writeups/{old.slug}/month" in browser.get(f"/writeups/{old.slug}").links
    assert f"/writeups/{old.slug}/month" not in watching.get(f"/writeups/{old.slug}").links
    page = browser.submit(f"/writeups/{old.slug}/month", {"note": WHY}, follow=True)
    assert "entry of the month for November 2026" in page.text

    front = watching.get("/").text
    assert front.index("Entry of the month") < front.index("The old one") < front.index("The new one")
    assert WHY in front
    assert front.count("The old one") == 1
    listed = watching.get("/entries-of-the-month")
    assert "November 2026" in listed.text
    assert WHY in listed.text
    assert "Take it back" not in listed.text


def test_in_another_month_it_is_in_the_list_alone(
    session: Session, old: Writeup, facilitator: Person, reader: Person, sign_in: SignIn
) -> None:
    chosen(session, old, facilitator, "2026-10")
    chosen(session, old, facilitator, "2026-12")
    browser = sign_in(reader)
    assert WHY not in browser.get("/").text
    assert "October 2026" in browser.get("/entries-of-the-month").text
    # What is to come is for those who prepare it.
    assert "December 2026" not in browser.get("/entries-of-the-month").text
    assert "December 2026" in sign_in(facilitator).get("/entries-of-the-month").text


def test_withdrawn_it_is_pinned_no_more(
    session: Session, old: Writeup, facilitator: Person, reader: Person, sign_in: SignIn
) -> None:
    chosen(session, old, facilitator)
    browser = sign_in(reader)
    assert WHY in browser.get("/").text
    operations.withdraw(session, old, reason="", actor=facilitator)
    session.commit()
    for path in ("/", "/entries-of-the-month"):
        assert WHY not in browser.get(path).text
        assert "The old one" not in browser.get(path).text


def test_without_signing_in_only_a_public_one_is_shown(
    session: Session, old: Writeup, author: Person, facilitator: Person, make_app: Callable[..., Flask]
) -> None:
    public = publish_writeup(session, author, "For everybody", is_public=True)
    chosen(session, old, facilitator)
    anybody = Browser(make_app(public_reading=True))
    for path in ("/", "/entries-of-the-month"):
        page = anybody.get(path)
        assert page.status == 200
        assert WHY not in page.text
        assert "The old one" not in page.text
    chosen(session, public, facilitator)
    assert WHY in anybody.get("/").text


def test_another_choice_replaces_it_and_history_tells_both(
    session: Session, old: Writeup, author: Person, facilitator: Person, sign_in: SignIn
) -> None:
    chosen(session, old, facilitator)
    other = publish_writeup(session, author, "Another")
    chosen(session, other, facilitator)
    # The very same again is no change.
    chosen(session, other, facilitator)
    assert session.scalars(select(EntryOfTheMonth.writeup_id)).all() == [other.id]
    browser = sign_in(facilitator)
    for _ in range(2):
        assert browser.post("/entries-of-the-month/2026-11/take-back").status == 303
    session.expire_all()
    assert session.scalar(select(EntryOfTheMonth.id)) is None
    noun = HistoryEntry.subject_type == "entries_of_the_month"
    verbs = session.scalars(select(HistoryEntry.verb).where(noun).order_by(HistoryEntry.id)).all()
    assert verbs == ["chose", "chose", "took back"]


def test_what_is_refused(
    session: Session, old: Writeup, author: Person, facilitator: Person, sign_in: SignIn
) -> None:
    draft = make_writeup(session, author, "Not yet")
    session.commit()
    browser = sign_in(facilitator)
    assert "not published" in browser.get(f"/writeups/{draft.slug}/month").text
    assert browser.post(f"/writeups/{draft.slug}/month", {"month": "2026-11", "note": WHY}).status == 422
    path = f"/writeups/{old.slug}/month"
    for sent in ({"month": "2026-11", "note": " "}, {"month": "1999-01", "note": WHY}, {"note": "x" * 301}):
        assert browser.post(path, sent).status == 422
    assert browser.post("/entries-of-the-month/0000-01/take-back").status == 404
    assert sign_in(author).get(path).status == 403
    assert session.scalar(select(EntryOfTheMonth.id)) is None


def test_the_sentence_carries_roles(session: Session, old: Writeup, facilitator: Person) -> None:
    make_person(session, "Zuzanna Wierzbicka")
    entry = choose_entry(
        session, old, month="2026-11", note="Zuzanna Wierzbicka found it.", actor=facilitator
    )
    assert "Zuzanna" not in entry.note
    assert "found it" in entry.note
