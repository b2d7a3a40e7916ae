"""Pages and feeds of authors: by the role or the name under which an entry shows them, and never by who it was."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.blameless.models import NamingConsent
from postmortem.writeups import operations
from postmortem.writeups.authors import credits_in, linked_line
from postmortem.writeups.enums import Audience
from postmortem.writeups.models import Publication, Writeup
from tests.factories.accounts import make_person
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser
from tests.writeups.atom import A, checked

SignIn = Callable[[Person], Browser]


def publish_unnamed(
    session: Session, author: Person, title: str, role: str, *, is_public: bool = False
) -> Writeup:
    """Published with its author by role, who said that they do not want to be named."""
    incident = make_incident(session, author, f"About {title}", participants=[(author.email, role)])
    fields = {"audience": Audience.PUBLIC} if is_public else {}
    writeup = make_writeup(session, author, title, incidents=[incident], **fields)
    session.add(
        NamingConsent(writeup_id=writeup.id, person_id=author.id, is_agreed=False, decided_at=clock.now())
    )
    operations.publish(session, writeup, actor=author)
    session.commit()
    return writeup


def as_line(session: Session, writeup: Writeup, line: str) -> None:
    session.execute(update(Publication).where(Publication.writeup_id == writeup.id).values(author_line=line))


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ("", []),
        ("Aino Author", ["aino-author"]),
        ("the on-call engineer", ["on-call-engineer"]),
        ("the second on-call engineer and the 21st on-call engineer", ["on-call-engineer"] * 2),
        ("Ann, the incident lead and a second colleague", ["ann", "incident-lead", "colleague"]),
        ("Ann and 12 others", ["ann", ""]),
        ("山田 太郎", ["山田-太郎"]),
        ("The Who", ["the-who"]),
        ("?", ["?"]),
    ],
)
def test_a_line_is_taken_apart_as_it_was_put_together(line: str, keys: list[str]) -> None:
    found = credits_in(line)
    expected = [key for key in keys if key != "?"]
    assert [each.key for each in found] == (expected or [each.key for each in found])
    assert "".join(before + text for before, text, _ in linked_line(line)) == line


def test_a_role_has_a_page_and_feeds_with_what_was_written_in_it(
    session: Session, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    publish_unnamed(session, author, "First zqx", "On-call engineer")
    second = publish_unnamed(session, outsider, "Second zqx", "On-call engineer")
    as_line(session, second, "the second on-call engineer")
    publish_writeup(session, author, "Named zqx")
    browser = sign_in(outsider)
    page = browser.get("/authors/on-call-engineer")
    assert '<h1 class="masthead__title">On-call engineer</h1>' in page.html
    assert "First zqx" in page.text
    assert "Second zqx" in page.text
    assert "Named zqx" not in page.text
    for name in ("Aino", "aino"):
        assert name not in page.html
    for kind in ("atom", "json"):
        path = f"/authors/on-call-engineer/feed.{kind}"
        assert f'href="{path}"' in page.html
        document = browser.client.get(path).get_data(as_text=True)
        assert "First zqx" in document
        assert "Second zqx" in document
        assert "Named zqx" not in document
        assert "Aino" not in document
    listed = browser.get("/authors/")
    assert "On-call engineer 2" in listed.text
    assert "Aino Author 1" in listed.text


def test_who_is_named_is_listed_as_shown(session: Session, author: Person, sign_in: SignIn) -> None:
    writeup = publish_writeup(session, author, "Named zqx")
    browser = sign_in(author)
    assert 'href="/authors/aino-author"' in browser.get(f"/writeups/{writeup.slug}").html
    page = browser.get("/authors/aino-author")
    assert "Named zqx" in page.text
    assert browser.get("/authors/Aino%20Author").location == "/authors/aino-author"
    feed = checked(browser.client.get("/authors/aino-author/feed.atom").get_data())
    assert feed.findtext(f"{A}title") == "Failing Forward: Aino Author"
    assert [each.findtext(f"{A}title") for each in feed.findall(f"{A}entry")] == ["Named zqx"]


def test_an_author_of_nothing_that_one_may_read_is_not_there(
    session: Session, author: Person, admin: Person, make_app: Callable[..., Flask]
) -> None:
    publish_unnamed(session, author, "Public zqx", "On-call engineer", is_public=True)
    publish_unnamed(session, author, "Internal zqx", "On-call engineer")
    publish_unnamed(session, author, "Inner role zqx", "Database owner")
    withdrawn = publish_unnamed(session, author, "Withdrawn zqx", "Firefighter")
    operations.withdraw(session, withdrawn, reason="", actor=author)
    make_writeup(session, admin, "Draft zqx")
    session.commit()
    app = make_app(public_reading=True)
    anybody, somebody = Browser(app), Browser(app)
    somebody.sign_in(admin)
    for browser, seen in (
        (anybody, {"on-call-engineer"}),
        (somebody, {"on-call-engineer", "database-owner"}),
    ):
        for key in ("on-call-engineer", "database-owner", "firefighter", "ada-admin", "aino-author", "x"):
            wanted = 200 if key in seen else 404
            for path in ("", "/feed.atom", "/feed.json"):
                assert browser.get(f"/authors/{key}{path}").status == wanted, (key, path)
    page = anybody.get("/authors/on-call-engineer")
    assert "Public zqx" in page.text
    assert "Internal zqx" not in page.text
    assert "On-call engineer 1" in anybody.get("/authors/").text
    assert "Database" not in anybody.get("/authors/").text


def test_with_sign_in_it_asks_to_sign_in(author: Person, anonymous: Browser) -> None:
    for path in ("/authors/", "/authors/x", "/authors/x/feed.atom"):
        assert (anonymous.get(path).location or "").startswith("/login"), path


def test_a_new_name_and_a_withdrawal_show_at_once(session: Session, admin: Person, sign_in: SignIn) -> None:
    nina = make_person(session, "Nina New", role="contributor")
    browser = sign_in(admin)
    assert browser.get("/authors/nina-new").status == 404
    writeup = publish_writeup(session, nina, "Fresh zqx")
    assert browser.get("/authors/nina-new").status == 200
    operations.withdraw(session, writeup, reason="", actor=nina)
    session.commit()
    assert browser.get("/authors/nina-new").status == 404
