"""“This helped me”: pressed and taken back, counted without anybody being known."""

from collections.abc import Callable
from threading import Barrier, Thread

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from postmortem.readers.models import Reaction
from postmortem.writeups.operations import withdraw
from postmortem.writeups.voters import voter
from tests.factories.accounts import make_person
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser
from tests.support.sql import counted

SignIn = Callable[[Person], Browser]


def reactions(session: Session) -> list[Reaction]:
    session.expire_all()
    return list(session.scalars(select(Reaction)))


def test_the_button_says_so_and_takes_it_back(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    path = f"/writeups/{publish_writeup(session, author).slug}"
    browser = sign_in(reader)
    before = browser.get(path)
    assert 'aria-pressed="false"' in before.html
    assert browser.post(f"{path}/helped", {"helped": "yes"}).location == f"{path}#given-back"
    after = browser.get(path)
    assert "It helped one person, you among them." in after.text
    assert 'aria-pressed="true"' in after.html
    # Exactly what its form sends now.
    button = next(form for form in after.forms if form.action == f"{path}/helped")
    browser.post(f"{path}/helped", button.data)
    assert reactions(session) == []
    assert "It helped" not in browser.get(path).text


def test_sent_twice_it_counts_once(
    session: Session, author: Person, reader: Person, outsider: Person, sign_in: SignIn
) -> None:
    path = f"/writeups/{publish_writeup(session, author).slug}"
    for person in (reader, outsider):
        browser = sign_in(person)
        for _ in range(2):
            assert browser.post(f"{path}/helped", {"helped": "yes"}).status == 303
    assert len(reactions(session)) == 2
    for _ in range(2):
        assert browser.post(f"{path}/helped", {"helped": "no"}).status == 303
    assert len(reactions(session)) == 1
    assert "It helped one person." in browser.get(path).text


def test_at_the_very_same_time_it_counts_once(
    session: Session, author: Person, reader: Person, app: Flask
) -> None:
    path = f"/writeups/{publish_writeup(session, author).slug}/helped"
    start, answers = Barrier(4), []

    def press() -> None:
        browser = Browser(app)
        browser.sign_in(reader)
        start.wait()
        answers.append(browser.post(path, {"helped": "yes"}).status)

    threads = [Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303] * 4
    assert len(reactions(session)) == 1


def test_neither_its_row_nor_history_knows_who(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    first, second = publish_writeup(session, author), publish_writeup(session, author, "Another")
    entries = session.scalars(select(HistoryEntry.id)).all()
    for writeup in (first, second):
        sign_in(reader).post(f"/writeups/{writeup.slug}/helped", {"helped": "yes"})
    rows = reactions(session)
    assert len({row.reader for row in rows}) == 2
    assert set(Reaction.__table__.columns.keys()) == {"id", "writeup_id", "reader"}
    # A visit of the same reader to the same write-up has another code.
    assert rows[0].reader != voter(session, "visit", first, reader)
    told = session.scalars(select(HistoryEntry).where(HistoryEntry.id.not_in(entries))).all()
    assert [entry.verb for entry in told if entry.verb != "signed in as"] == []


def test_authors_do_not_praise_themselves(
    session: Session, author: Person, admin: Person, sign_in: SignIn
) -> None:
    path = f"/writeups/{publish_writeup(session, author).slug}"
    browser = sign_in(author)
    assert "This helped me" not in browser.get(path).text
    assert browser.post(f"{path}/helped", {"helped": "yes"}).status == 403
    assert reactions(session) == []
    # Whoever only put it in, for another, may.
    imported = publish_writeup(session, admin, "Told by another", authors=[author.email])
    assert sign_in(admin).post(f"/writeups/{imported.slug}/helped").status == 303
    assert len(reactions(session)) == 1


def test_only_what_one_reads_can_help(
    session: Session, author: Person, reader: Person, anonymous: Browser, sign_in: SignIn
) -> None:
    draft = make_writeup(session, author, "Not yet")
    gone = publish_writeup(session, author, "Taken back")
    withdraw(session, gone, reason="", actor=author)
    session.commit()
    helper = sign_in(make_person(session, "Fay Two", role="facilitator"))
    for slug in (draft.slug, gone.slug, "nowhere"):
        for act in ("helped", "visit", "used"):
            assert sign_in(reader).post(f"/writeups/{slug}/{act}").status == 404
            # Also not for who sees its working copy.
            assert helper.post(f"/writeups/{slug}/{act}").status == 404
    answer = anonymous.post(f"/writeups/{publish_writeup(session, author, 'Told').slug}/helped")
    assert answer.location.startswith("/login")
    assert reactions(session) == []


def test_who_is_not_signed_in_gets_nothing_of_it(
    session: Session, author: Person, reader: Person, make_app: Callable[..., Flask]
) -> None:
    site = make_app(public_reading=True)
    path = f"/writeups/{publish_writeup(session, author, is_public=True).slug}"
    somebody = Browser(site)
    somebody.sign_in(reader)
    somebody.post(f"{path}/helped", {"helped": "yes"})
    somebody.post(f"{path}/used", {"url": "https://wiki.example/secret-runbook"})
    anybody = Browser(site)
    page = anybody.get(path)
    assert "given-back" not in page.html
    assert "secret-runbook" not in page.html
    assert anybody.get(f"{path}/used").location.startswith("/login")


def test_the_page_asks_for_all_of_it_at_once(
    session: Session, author: Person, reader: Person, database: Database, sign_in: SignIn
) -> None:
    path = f"/writeups/{publish_writeup(session, author).slug}"
    browser = sign_in(reader)

    def statements() -> list[str]:
        """What is asked for the first page after a change."""
        with counted(database) as sent:
            browser.get(path)
        return sent

    # The text itself is read once and kept.
    statements()
    browser.post(f"{path}/used", {"url": "https://wiki.example/1"})
    browser.post(f"{path}/helped", {"helped": "yes"})
    one = statements()
    assert len([each for each in one if "reactions" in each and "citations" in each]) == 1
    for number in range(2, 9):
        browser.post(f"{path}/used", {"url": f"https://wiki.example/{number}"})
    sign_in(make_person(session, "Rob Reader", role="reader")).post(f"{path}/helped", {"helped": "yes"})
    assert len(statements()) == len(one)
    # And not again while nobody writes anything.
    assert not any("reactions" in each for each in statements())
