"""Asking for access tells nobody what is there; answering shows, and gives, what the answerer sees."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.history.models import HistoryEntry
from postmortem.incidents.models import Incident
from postmortem.incidents.operations import edit_incident
from postmortem.permissions.enums import RequestState
from postmortem.permissions.models import AccessRequest
from postmortem.permissions.router import name_of
from postmortem.permissions.things import Name
from tests.factories.accounts import make_person
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser
from tests.support.crawl import without_tokens
from tests.support.pages import Page

SignIn = Callable[[Person], Browser]
ASK = "/access/ask"


def ask(browser: Browser, path: str, reason: str = "") -> Page:
    return browser.submit(f"{ASK}?path={path}", {"reason": reason})


def requests(session: Session) -> list[AccessRequest]:
    session.expire_all()
    return list(session.scalars(select(AccessRequest).order_by(AccessRequest.id)))


def test_a_page_that_is_not_there_leads_to_asking_for_it(
    author: Person, outsider: Person, admin: Person, sign_in: SignIn, anonymous: Browser
) -> None:
    browser = sign_in(outsider)
    page = browser.get("/incidents/12")
    assert "Should something be here?" in page.text
    assert "/access/ask?path=/incidents/12" in page.links
    form = browser.get("/access/ask?path=/incidents/12").forms[-1]
    assert form.data["path"] in ("/incidents/12", ["/incidents/12"])
    assert "Should something be here?" not in sign_in(admin).get("/incidents/12").text
    assert "Should something be here?" not in anonymous.get("/no/such/page").text


def test_asking_is_answered_alike_whatever_is_there(
    session: Session, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    """A hidden incident, one that does not exist, one that is open, and what is no page at all."""
    make_incident(session, author, restricted=True)
    make_incident(session, author)
    browser = sign_in(outsider)
    answers = set()
    for path in ("/incidents/1", "/incidents/2", "/incidents/9", "/no/such"):
        before = without_tokens(browser.get(f"{ASK}?path={path}").html).replace(path, "…")
        page = ask(browser, path)
        after = browser.get("/me").html.count("not answered yet") - len(requests(session))
        answers.add((before, page.status, page.location, after))
    assert len(answers) == 1
    assert [request.path for request in requests(session)] == [
        "/incidents/1",
        "/incidents/2",
        "/incidents/9",
        "/no/such",
    ]


def test_asking_again_says_so_and_nothing_more(session: Session, outsider: Person, sign_in: SignIn) -> None:
    browser = sign_in(outsider)
    assert ask(browser, "/incidents/1").status == 303
    page = ask(browser, "/incidents/1")
    assert page.status == 422
    assert "You have asked about this address already." in page.text
    assert len(requests(session)) == 1


def test_a_form_sent_twice_asks_once(session: Session, outsider: Person, sign_in: SignIn) -> None:
    browser = sign_in(outsider)
    data = browser.get(f"{ASK}?path=/incidents/1").forms[-1].data
    assert [browser.client.post(ASK, data=data).status_code for _ in range(2)] == [303, 303]
    assert len(requests(session)) == 1
    entries = session.scalars(
        select(HistoryEntry).where(HistoryEntry.subject_type == "access_requests")
    ).all()
    assert [(entry.actor_id, entry.changes["path"]) for entry in entries] == [
        (outsider.id, [None, "/incidents/1"])
    ]


def test_the_eleventh_open_request_waits(session: Session, outsider: Person, sign_in: SignIn) -> None:
    browser = sign_in(outsider)
    for number in range(10):
        assert ask(browser, f"/incidents/{number}").status == 303
    page = ask(browser, "/incidents/99")
    assert page.status == 422
    assert "10 requests that nobody has answered yet" in page.text
    requests(session)[0].state = RequestState.DECLINED
    session.commit()
    assert ask(browser, "/incidents/99").status == 303


@pytest.mark.parametrize(
    "path",
    [
        "",
        "incidents/1",
        "//evil.example/x",
        "/\\evil.example",
        "https://evil.example/",
        "/a b",
        "/" + "x" * 500,
    ],
)
def test_what_is_no_path_of_this_site_is_refused(
    session: Session, outsider: Person, sign_in: SignIn, path: str
) -> None:
    page = sign_in(outsider).submit(ASK, {"path": path})
    assert page.status == 422
    assert requests(session) == []


def test_a_reason_has_an_end(session: Session, outsider: Person, sign_in: SignIn) -> None:
    page = sign_in(outsider).submit(ASK, {"path": "/incidents/1", "reason": "x" * 501})
    assert page.status == 422
    assert "x" * 501 in page.html


def test_an_admin_gives_access_with_one_click(
    session: Session, author: Person, outsider: Person, admin: Person, sign_in: SignIn
) -> None:
    incident = make_incident(session, author, restricted=True, participants=[(author.email, "scribe")])
    make_action(session, incident)
    asking, granting = sign_in(outsider), sign_in(admin)
    ask(asking, "/actions/1", "I mended it.")
    page = granting.get("/settings/access-requests")
    assert "I mended it." in page.text
    assert "ACT-1" in page.text
    answer = granting.get("/access/requests/1")
    assert "becomes a participant of INC-1" in answer.text
    done = granting.post("/access/requests/1/grant")
    assert (done.status, done.location) == (303, "/settings/access-requests")
    assert asking.get("/actions/1").status == 200
    assert "you may see it now" in asking.get("/me").text
    session.expire_all()
    assert [str(row) for row in session.get_one(Incident, 1).participants] == [
        f"{author.email} (scribe)",
        f"{outsider.email} (given access)",
    ]
    verbs = session.scalars(
        select(HistoryEntry.verb).where(HistoryEntry.actor_id == admin.id).order_by(HistoryEntry.id)
    ).all()
    assert verbs == ["edited", "granted"]
    assert granting.post("/access/requests/1/grant").status == 409
    assert granting.post("/access/requests/1/decline").status == 409
    assert "Granted by Ada Admin" in granting.get("/settings/access-requests?show=answered").text


def test_lead_and_filer_answer_on_the_incidents_page(
    session: Session, author: Person, facilitator: Person, outsider: Person, reader: Person, sign_in: SignIn
) -> None:
    incident = make_incident(
        session, author, restricted=True, lead=facilitator.email, participants=[(reader.email, "")]
    )
    event = make_event(session, incident)
    ask(sign_in(outsider), "/incidents/1/edit", "Let me help.")
    ask(sign_in(make_person(session, "Third Person")), f"/events/{event.id}/edit")
    for person in (author, facilitator):
        page = sign_in(person).get("/incidents/1")
        assert "Let me help." in page.text
        assert "Third Person" in page.text
    insider = sign_in(reader)
    assert "Who asks for access" not in insider.get("/incidents/1").text
    assert insider.get("/access/requests/1").status == 404
    assert insider.post("/access/requests/1/grant").status == 404
    page = sign_in(facilitator).post("/access/requests/1/grant")
    assert (page.status, page.location) == (303, "/incidents/1")
    assert sign_in(outsider).get("/incidents/1").status == 200
    assert sign_in(author).submit("/access/requests/2", {"answer": "Ask your lead."}).status == 303
    assert "Who asks for access" not in sign_in(author).get("/incidents/1").text


def test_nobody_else_comes_near_a_request(
    session: Session, author: Person, outsider: Person, facilitator: Person, sign_in: SignIn
) -> None:
    """Not facilitators, not who asked, not the lead of another incident: as if there were none."""
    make_incident(session, author, restricted=True)
    make_incident(session, outsider, restricted=True)
    for path in ("/incidents/1", "/no/such"):
        ask(sign_in(outsider), path)
    for person in (outsider, facilitator):
        browser = sign_in(person)
        for number in (1, 2, 9):
            nowhere = "/access/requests/999999"
            there = browser.get(f"/access/requests/{number}").html.replace(f"requests/{number}", "…")
            assert without_tokens(there) == without_tokens(
                browser.get(nowhere).html.replace("requests/999999", "…")
            )
            assert browser.post(f"/access/requests/{number}/grant").status == 404
            assert browser.post(f"/access/requests/{number}/decline").status == 404
        assert browser.get("/settings/access-requests").status == 403
    assert {request.state for request in requests(session)} == {RequestState.OPEN}


def test_declining_says_what_was_said_and_not_whether_it_is_there(
    session: Session, author: Person, outsider: Person, admin: Person, sign_in: SignIn
) -> None:
    make_incident(session, author, restricted=True, title="Secret")
    asking, deciding = sign_in(outsider), sign_in(admin)
    for path in ("/incidents/1", "/incidents/9"):
        ask(asking, path)
    assert "Nothing that you see" in deciding.get("/access/requests/2").text
    page = deciding.post("/access/requests/2/grant")
    assert page.status == 422
    assert "nothing to grant" in page.text
    for number in (1, 2):
        deciding.submit(f"/access/requests/{number}", {"answer": "Please ask your lead."})
    mine = asking.get("/me").html
    assert mine.count("declined. “Please ask your lead.”") == 2
    assert "Secret" not in mine
    assert asking.get("/incidents/1").status == 404


def test_a_draft_is_granted_by_naming_an_author_first(
    session: Session, author: Person, outsider: Person, admin: Person, sign_in: SignIn
) -> None:
    incident = make_incident(session, author, restricted=True)
    draft = make_writeup(session, author, incidents=[incident])
    ask(sign_in(outsider), f"/writeups/{draft.slug}")
    deciding = sign_in(admin)
    page = deciding.get("/access/requests/1")
    assert f"/writeups/{draft.slug}/edit" in page.links
    assert "/incidents/1/edit" in page.links
    assert deciding.post("/access/requests/1/grant").status == 422
    assert [request.state for request in requests(session)] == [RequestState.OPEN]
    edit_incident(session, incident, {"participants": [(outsider.email, "")]}, version=None, actor=admin)
    draft.authors = [author, outsider]
    session.commit()
    assert "sees it by now" in deciding.get("/access/requests/1").text
    assert deciding.post("/access/requests/1/grant").status == 303
    assert [request.state for request in requests(session)] == [RequestState.GRANTED]


def test_who_left_is_given_nothing(
    session: Session, author: Person, outsider: Person, admin: Person, sign_in: SignIn
) -> None:
    make_incident(session, author, restricted=True)
    ask(sign_in(outsider), "/incidents/1")
    outsider.is_active = False
    session.commit()
    page = sign_in(admin).post("/access/requests/1/grant")
    assert page.status == 422
    assert "not active" in page.text
    session.expire_all()
    assert session.get_one(Incident, 1).participants == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("INC-12", Name("incident", 12)),
        ("act-7", Name("action", 7)),
        ("/incidents/12", Name("incident", 12)),
        ("/incidents/12/events/new", Name("incident", 12)),
        ("http://localhost/incidents/12?x=1#y", Name("incident", 12)),
        ("/events/3/restore", Name("event", 3)),
        ("/factors/3/edit", Name("factor", 3)),
        ("/actions/7/edit", Name("action", 7)),
        ("/writeups/the-cache/history", Name("writeup", "the-cache")),
        ("/writeups/new", None),
        ("/people/1", None),
        ("/incidents/", None),
        ("/incidents/99999999999999999999", None),
        ("incidents/12", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_what_addresses_name(app: Flask, text: str, name: Name | None) -> None:
    with app.app_context():
        assert name_of(text) == name


def test_a_published_write_up_may_be_asked_for_too(
    session: Session, author: Person, outsider: Person, admin: Person, sign_in: SignIn
) -> None:
    writeup = publish_writeup(session, author)
    ask(sign_in(outsider), f"/writeups/{writeup.slug}")
    assert "sees it by now" in sign_in(admin).get("/access/requests/1").text
