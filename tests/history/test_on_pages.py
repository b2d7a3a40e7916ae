"""Each record shows its history, a hundred entries at a time, to whoever may see it there."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.history.operations import CLI, record
from postmortem.writeups.operations import save_writeup
from tests.factories.accounts import make_service, make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]


@pytest.fixture
def records(session: Session, author: Person) -> dict[str, object]:
    """One of each kind that has a page, by the page's address, and 230 entries about each."""
    incident = make_incident(session, author)
    team = make_team(session, "Playback", author)
    found: dict[str, object] = {
        "/incidents/1": incident,
        "/actions/1": make_action(session, incident, owner=author),
        "/writeups/a-draft/history": make_writeup(session, author, "A draft"),
        "/teams/playback": team,
        "/services/radio": make_service(session, "Radio", team),
        f"/people/{author.id}": author,
    }
    for path, subject in found.items():
        about = incident.id if path.startswith(("/incidents", "/actions")) else None
        for number in range(230):
            record(
                session, "did", subject, actor=CLI, changes={"n": [None, f"<{number}>"]}, incident_id=about
            )
    session.commit()
    return found


PATHS = ("/incidents/1", "/actions/1", "/writeups/a-draft/history", "/teams/playback", "/services/radio")


def walk(browser: Browser, path: str) -> list[str]:
    """The numbers shown on each page of a record's history."""
    pages = []
    at: str | None = path
    while at:
        page = browser.get(at)
        assert page.status == 200
        pages.append(page.text)
        links = [link for link in page.links if link.startswith("?earlier=")]
        at = path + links[0].removesuffix("#history") if links else None
    return pages


@pytest.mark.parametrize("number", range(6))
def test_all_of_it_is_reached_page_by_page(
    records: dict[str, object], sign_in: SignIn, admin: Person, number: int
) -> None:
    path = list(records)[number]
    pages = walk(sign_in(admin), path)
    assert len(pages) >= 3
    for each in range(230):
        assert sum(f"<{each}>" in page for page in pages) == (2 if path == "/incidents/1" else 1), each


def test_nonsense_in_the_address_is_refused(
    records: dict[str, object], sign_in: SignIn, admin: Person
) -> None:
    browser = sign_in(admin)
    for path in PATHS:
        assert browser.get(f"{path}?earlier=nonsense").status == 422
        assert browser.get(f"{path}?earlier={2**40}").status == 422


def test_signing_in_is_seen_by_admins_and_by_oneself(
    session: Session, sign_in: SignIn, admin: Person, author: Person, facilitator: Person
) -> None:
    record(session, "signed in as", author, actor=author, changes={"address": [None, "192.0.2.7"]})
    session.commit()
    path = f"/people/{author.id}"
    for person, sees in ((admin, True), (author, True), (facilitator, False)):
        page = sign_in(person).get(path)
        assert page.status == 200
        assert ("192.0.2.7" in page.text) == sees, person.name


def test_a_writeups_history_names_no_hidden_incident(
    session: Session, sign_in: SignIn, author: Person, facilitator: Person
) -> None:
    writeup = make_writeup(session, author, "A draft")
    hidden, shown = make_incident(session, author, restricted=True), make_incident(session, author)
    for incidents in ([hidden, shown], [shown]):
        save_writeup(session, writeup, {"incidents": incidents}, version=None, actor=author)
        session.commit()
    path = f"/writeups/{writeup.slug}/history"
    assert "INC-1" in sign_in(author).get(path).text
    page = sign_in(facilitator).get(path)
    assert "INC-2" in page.text
    assert "INC-1" not in page.text


def test_readers_of_a_published_one_see_texts_alone(
    session: Session, sign_in: SignIn, reader: Person, author: Person
) -> None:
    publish_writeup(session, author, "Told")
    page = sign_in(reader).get("/writeups/told/history")
    assert page.status == 200
    assert "Everything that was done" not in page.text
    assert "Everything that was done" in sign_in(author).get("/writeups/told/history").text
