"""A published write-up as Markdown: what readers see of it, and nothing of the working copy."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.writeups import operations
from tests.factories.accounts import make_person
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]
NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)


def head_and_body(text: str) -> tuple[dict[str, object], str]:
    """The front matter's values and what stands below; each value is JSON, which YAML reads alike."""
    opening, head, body = text.split("---\n", 2)
    assert opening == ""
    pairs = (line.split(": ", 1) for line in head.splitlines())
    return {name: json.loads(value) for name, value in pairs}, body


def test_the_published_text_stands_below_its_head(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    title = 'Caches: "clocks" & # more'
    body = "## What\n\nA **pump** broke.\n\n---\n\n```\nx: y\n```"
    tldr = "In short:\nit broke \u2028 \N{COLLISION SYMBOL}."
    writeup = publish_writeup(
        session, author, title, tldr=tldr, body=body, tags=["dns", "clock skew"], published_at=NOON
    )
    answer = sign_in(reader).client.get(f"/writeups/{writeup.slug}/markdown")
    assert (answer.status_code, answer.content_type) == (200, "text/markdown; charset=utf-8")
    # YAML would end a line at what JSON lets stand.
    assert "\u2028" not in answer.get_data(as_text=True)
    head, below = head_and_body(answer.get_data(as_text=True))
    assert below == f"\n{body}\n"
    assert head == {
        "title": title,
        "date": "2026-03-12",
        "updated": "2026-03-12",
        "authors": author.name,
        "summary": tldr,
        "tags": ["clock-skew", "dns"],
        "url": f"http://localhost/writeups/{writeup.slug}",
    }


def test_it_says_roles_and_nothing_that_was_saved_since(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    make_person(session, "Zuzanna Wierzbicka")
    body = "Zuzanna Wierzbicka saw it first."
    writeup = publish_writeup(session, author, "Told", body=body)
    operations.save_writeup(session, writeup, {"body": "Not out yet."}, version=None, actor=author)
    session.commit()
    for person in (reader, author):
        text = sign_in(person).client.get(f"/writeups/{writeup.slug}/markdown").get_data(as_text=True)
        assert "saw it first" in text
        assert "Zuzanna" not in text
        assert "Not out yet" not in text


def test_it_is_there_for_whoever_may_read_the_page(
    session: Session, author: Person, reader: Person, make_app: Callable[..., Flask]
) -> None:
    app = make_app(public_reading=True)
    anybody, somebody, writer = Browser(app), Browser(app), Browser(app)
    somebody.sign_in(reader)
    writer.sign_in(author)
    draft = make_writeup(session, author, "A draft")
    internal = publish_writeup(session, author, "For us")
    public = publish_writeup(session, author, "For everybody", is_public=True)
    session.commit()

    def statuses(browser: Browser) -> list[int]:
        return [browser.get(f"/writeups/{each.slug}/markdown").status for each in (draft, internal, public)]

    assert statuses(anybody) == [404, 404, 200]
    assert statuses(somebody) == statuses(writer) == [404, 200, 200]
    operations.withdraw(session, public, reason="", actor=author)
    session.commit()
    assert anybody.get(f"/writeups/{public.slug}/markdown").status == 404


def test_the_page_links_to_it_and_an_unchanged_one_is_not_sent_again(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    writeup = publish_writeup(session, author)
    browser = sign_in(reader)
    path = f"/writeups/{writeup.slug}/markdown"
    assert path in browser.get(f"/writeups/{writeup.slug}").links
    etag = browser.client.get(path).headers["ETag"]
    assert browser.client.get(path, headers={"If-None-Match": etag}).status_code == 304
    operations.save_writeup(session, writeup, {"body": "Another."}, version=None, actor=author)
    operations.publish(session, writeup, actor=author)
    session.commit()
    answer = browser.client.get(path, headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert "Another." in answer.get_data(as_text=True)
