"""What is kept for speed never shows what is no longer so, and never shows one person what is another's.

Each test asks often enough first that everything which can be kept is kept.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person
from postmortem.accounts.operations import edit_person
from postmortem.actions.operations import edit_action
from postmortem.history.operations import CLI
from postmortem.incidents.enums import Visibility
from postmortem.incidents.operations import edit_incident
from postmortem.writeups.operations import withdraw
from tests.factories.accounts import make_person, make_service
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.writeups import publish_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]
OFTEN = 3


@pytest.fixture
def public_site(make_app: Callable[..., Flask]) -> Flask:
    return make_app(public_reading=True)


def ask_often(browser: Browser, path: str, status: int = 200) -> None:
    for _ in range(OFTEN):
        assert browser.get(path).status == status


def signed_in(app: Flask, person: Person) -> Browser:
    browser = Browser(app)
    browser.sign_in(person)
    return browser


def test_a_withdrawn_write_up_is_gone_at_once_for_everybody(
    session: Session, author: Person, reader: Person, public_site: Flask
) -> None:
    writeup = publish_writeup(session, author, is_public=True)
    path = f"/writeups/{writeup.slug}"
    anybody, somebody = Browser(public_site), signed_in(public_site, reader)
    etags = []
    for browser in (anybody, somebody):
        ask_often(browser, path)
        etags.append(browser.client.get(path).headers["ETag"])
    withdraw(session, writeup, reason="It named somebody.", actor=author)
    session.commit()
    for browser, etag in zip((anybody, somebody), etags, strict=True):
        assert browser.get(path).status == 410
        assert browser.client.get(path, headers={"If-None-Match": etag}).status_code == 410


def test_an_action_shows_its_state_today_and_no_old_page_is_fresh(
    session: Session, author: Person, reader: Person, sign_in: SignIn
) -> None:
    incident = make_incident(session, author)
    action = make_action(session, incident, title="Add an alarm")
    path = f"/writeups/{publish_writeup(session, author, incidents=[incident]).slug}"
    browser = sign_in(reader)
    ask_often(browser, path)
    etag = browser.client.get(path).headers["ETag"]
    assert browser.client.get(path, headers={"If-None-Match": etag}).status_code == 304
    edit_action(session, action, {"status": "done"}, version=None, actor=author)
    session.commit()
    assert browser.client.get(path, headers={"If-None-Match": etag}).status_code == 200
    assert "Done" in browser.get(path).text


def test_a_new_role_counts_from_the_next_click(session: Session, admin: Person, sign_in: SignIn) -> None:
    person = make_person(session, "Rolf Rising", role="contributor")
    path = f"/writeups/{publish_writeup(session, person).slug}"
    browser = sign_in(person)
    for page in (path, "/incidents/"):
        ask_often(browser, page)
    assert f"{path}/edit" in browser.get(path).links
    assert "/incidents/new" in browser.get("/incidents/").links
    edit_person(session, person, {"role": Role.READER}, version=None, actor=CLI)
    session.commit()
    assert f"{path}/edit" not in browser.get(path).links
    assert "/incidents/new" not in browser.get("/incidents/").links
    assert browser.get("/incidents/new").status == 403


def test_a_deactivated_person_is_out_at_once(session: Session, admin: Person, sign_in: SignIn) -> None:
    person = make_person(session, "Lea Leaving")
    browser = sign_in(person)
    ask_often(browser, "/incidents/")
    edit_person(session, person, {"is_active": False}, version=None, actor=CLI)
    session.commit()
    assert browser.get("/incidents/").status == 303


def test_nobody_gets_the_page_of_another(
    session: Session, author: Person, reader: Person, public_site: Flask
) -> None:
    make_incident(session, author)
    path = f"/writeups/{publish_writeup(session, author, is_public=True).slug}"
    people = {author: signed_in(public_site, author), reader: signed_in(public_site, reader)}
    anybody = Browser(public_site)
    for _ in range(OFTEN):
        for person, browser in people.items():
            other = reader if person is author else author
            for page in (path, "/incidents/"):
                shown = browser.get(page).html
                assert person.email in shown
                assert other.email not in shown
        shown = anybody.get(path).html
        assert author.email not in shown
        assert reader.email not in shown
        assert "csrf_token" not in shown


def test_a_page_for_anybody_sets_no_cookie_and_is_no_answer_to_a_person(
    session: Session, author: Person, reader: Person, public_site: Flask
) -> None:
    path = f"/writeups/{publish_writeup(session, author, is_public=True).slug}"
    anybody, somebody = Browser(public_site), signed_in(public_site, reader)
    ask_often(anybody, path)
    ask_often(somebody, path)
    for headers in ({}, {"If-None-Match": anybody.client.get(path).headers["ETag"]}):
        answer = anybody.client.get(path, headers=headers)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "public, no-cache"
        # A cache between must ask again for who comes with a cookie.
        assert "Cookie" in answer.headers["Vary"]
    # Neither takes the other's tag for their own page's.
    for mine, other in ((somebody, anybody), (anybody, somebody)):
        etag = other.client.get(path).headers["ETag"]
        assert mine.client.get(path, headers={"If-None-Match": etag}).status_code == 200
    assert somebody.client.get(path).headers["Cache-Control"] == "private, no-cache"


def test_after_signing_out_one_is_anybody(
    session: Session, author: Person, reader: Person, public_site: Flask
) -> None:
    public = f"/writeups/{publish_writeup(session, author, is_public=True).slug}"
    internal = f"/writeups/{publish_writeup(session, author, 'Among ourselves').slug}"
    browser = signed_in(public_site, reader)
    ask_often(browser, public)
    ask_often(browser, internal)
    browser.post("/logout")
    assert browser.get(internal).status == 404
    assert reader.email not in browser.get(public).html


def test_a_list_hides_what_was_restricted_a_moment_ago(
    session: Session, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    incident = make_incident(session, author, "Hidden matter")
    make_incident(session, author, "Open matter")
    browser, insider = sign_in(outsider), sign_in(author)
    for each in (browser, insider):
        ask_often(each, "/incidents/")
    edit_incident(session, incident, {"visibility": Visibility.RESTRICTED}, version=None, actor=author)
    session.commit()
    page = browser.get("/incidents/")
    assert "Hidden matter" not in page.text
    assert "1 incident" in page.text
    assert "2 incidents" in insider.get("/incidents/").text


def test_a_list_shows_each_reader_their_own_times(session: Session, author: Person, sign_in: SignIn) -> None:
    make_incident(session, author, detected_at=datetime(2026, 3, 9, 12, 0, tzinfo=UTC))
    tokyo = make_person(session, "Tomo Tokyo", timezone="Asia/Tokyo")
    here, there = sign_in(author), sign_in(tokyo)
    for _ in range(OFTEN):
        assert "13:00" in here.get("/incidents/").text
        assert "21:00" in there.get("/incidents/").text
        assert "13:00" not in there.get("/incidents/").text


def test_a_new_service_can_be_chosen_at_once(session: Session, author: Person, sign_in: SignIn) -> None:
    make_incident(session, author)
    browser = sign_in(author)
    ask_often(browser, "/incidents/")
    make_service(session, "Search index")
    assert ">Search index</option>" in browser.get("/incidents/").html


def test_many_at_once_each_get_their_own(session: Session, author: Person, app: Flask) -> None:
    make_incident(session, author)
    path = f"/writeups/{publish_writeup(session, author).slug}"
    people = [make_person(session, f"Person {n}", timezone="UTC") for n in range(6)]
    start = Barrier(len(people))
    wrong: list[str] = []

    def read(person: Person) -> None:
        browser = signed_in(app, person)
        start.wait()
        for page in (path, "/incidents/") * 5:
            shown = browser.client.get(page).get_data(as_text=True)
            if person.email not in shown or any(p.email in shown for p in people if p is not person):
                wrong.append(f"{person.email}: {page}")

    threads = [Thread(target=read, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
