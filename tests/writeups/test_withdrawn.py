"""What stands at the address of a write-up that was withdrawn, for each who may have had it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.history.operations import record
from postmortem.incidents.enums import Visibility
from postmortem.incidents.operations import edit_incident
from postmortem.incidents.operations_deletion import delete_incident
from postmortem.writeups import operations
from postmortem.writeups.enums import Audience
from postmortem.writeups.models import Writeup
from postmortem.writeups.operations_deletion import delete_writeup
from tests.factories.accounts import make_person
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser
from tests.support.pages import Page

SignIn = Callable[[Person], Browser]
WHY = "Its numbers were wrong."


@pytest.fixture
def anybody(make_app: Callable[..., Flask]) -> Browser:
    return Browser(make_app(public_reading=True))


def withdrawn(session: Session, author: Person, reason: str = WHY, **given: Any) -> Writeup:
    writeup = publish_writeup(
        session,
        author,
        "The quiet valve",
        tldr="It hissed.",
        body="A **pump** broke.",
        tags=["rust"],
        **given,
    )
    operations.withdraw(session, writeup, reason=reason, actor=author)
    session.commit()
    return writeup


def says_only_that_it_was_there(page: Page) -> bool:
    assert page.status == 410
    assert "This write-up was withdrawn" in page.text
    said = page.html.lower()
    assert not [word for word in ("quiet", "valve", "hissed", "pump", "rust") if word in said]
    return True


def test_readers_are_told_that_it_was_withdrawn_when_and_why(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    writeup = withdrawn(session, author)
    writeup.slug = "an-address"
    session.commit()
    browser = sign_in(reader)
    page = browser.get("/writeups/an-address")
    assert says_only_that_it_was_there(page)
    assert WHY in page.text
    assert writeup.withdrawn_at is not None
    assert str(writeup.withdrawn_at.year) in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert browser.client.head("/writeups/an-address").status_code == 410
    assert browser.get("/writeups/an-address/history").status == 404
    # Whoever works on it still sees the text.
    assert "hissed" in sign_in(author).get("/writeups/an-address").text


def test_without_a_reason_it_is_withdrawn_all_the_same(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    page = sign_in(reader).get(f"/writeups/{withdrawn(session, author, reason='').slug}")
    assert page.status == 410
    assert "Why" not in page.text


def test_a_stranger_learns_only_of_what_was_public(
    session: Session, author: Person, anybody: Browser
) -> None:
    public = withdrawn(session, author, is_public=True)
    assert anybody.get(f"/writeups/{public.slug}").status == 410
    public.audience = Audience.INTERNAL
    session.commit()
    assert anybody.get(f"/writeups/{public.slug}").status == 404
    internal = withdrawn(session, author)
    # To want a wider audience is not to have had it.
    internal.audience = Audience.PUBLIC
    session.commit()
    assert anybody.get(f"/writeups/{internal.slug}").status == 404


def test_where_nobody_reads_without_signing_in_nothing_is_said(
    session: Session, author: Person, app: Flask
) -> None:
    public = withdrawn(session, author, is_public=True)
    assert "/login" in (Browser(app).get(f"/writeups/{public.slug}").location or "")


def test_drafts_and_deleted_ones_leave_nothing(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    draft = make_writeup(session, author)
    gone = withdrawn(session, author)
    delete_writeup(session, gone, version=None, actor=author)
    session.commit()
    browser = sign_in(reader)
    assert [browser.get(f"/writeups/{each.slug}").status for each in (draft, gone)] == [404, 404]


@pytest.mark.parametrize("later", ["restricted", "deleted"])
def test_an_incident_that_is_hidden_by_now_hides_the_rest(
    session: Session, author: Person, reader: Person, sign_in: SignIn, later: str
) -> None:
    incident = make_incident(session, author)
    writeup = withdrawn(session, author, incidents=[incident])
    browser = sign_in(reader)
    assert browser.get(f"/writeups/{writeup.slug}").status == 410
    if later == "deleted":
        delete_incident(session, incident, version=incident.version, actor=author)
    else:
        edit_incident(session, incident, {"visibility": Visibility.RESTRICTED}, version=None, actor=author)
    session.commit()
    assert browser.get(f"/writeups/{writeup.slug}").status == 404


def test_a_reason_that_was_promised_to_the_authors_alone_stays_with_them(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    incident = make_incident(session, author, restricted=True)
    writeup = publish_writeup(session, author, "The quiet valve", incidents=[incident])
    form = sign_in(author).get(f"/writeups/{writeup.slug}/withdraw")
    assert "for its authors and facilitators" in form.text
    operations.withdraw(session, writeup, reason=WHY, actor=author)
    edit_incident(session, incident, {"visibility": Visibility.OPEN}, version=None, actor=author)
    session.commit()
    page = sign_in(reader).get(f"/writeups/{writeup.slug}")
    assert page.status == 410
    assert WHY not in page.text

    # An earlier release promised nobody that readers see it, and said nothing of it in history.
    older = withdrawn(session, author)
    record(session, "withdrew", older, actor=author, changes={"withdrawn_reason": ["", WHY]})
    session.commit()
    page = sign_in(reader).get(f"/writeups/{older.slug}")
    assert page.status == 410
    assert WHY not in page.text


def test_the_reason_carries_roles_like_the_text_did(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    make_person(session, "Zuzanna Wierzbicka")
    writeup = withdrawn(session, author, reason="Zuzanna Wierzbicka asked for it.")
    page = sign_in(reader).get(f"/writeups/{writeup.slug}")
    assert "asked for it" in page.text
    assert "Zuzanna" not in page.text


def test_published_again_it_is_read_again(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    writeup = withdrawn(session, author)
    operations.publish(session, writeup, actor=author)
    session.commit()
    assert sign_in(reader).get(f"/writeups/{writeup.slug}").status == 200
    assert (writeup.withdrawn_at, writeup.withdrawn_reason) == (None, "")
