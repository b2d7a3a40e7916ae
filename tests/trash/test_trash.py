"""The page that lists what was deleted."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.operations import delete_action
from postmortem.db import Database
from postmortem.ideas.operations import delete_idea
from postmortem.incidents.operations_deletion import delete_incident
from postmortem.timeline.operations import delete_event, delete_factor
from postmortem.writeups.operations_deletion import delete_writeup
from tests.factories.actions import make_action
from tests.factories.ideas import make_idea
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event, make_factor
from tests.factories.writeups import make_writeup
from tests.support.client import Browser
from tests.support.sql import counted

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
SignIn = Callable[[Person], Browser]


def fill(session: Session, by: Person, *, title: str = "Secret outage") -> None:
    """One deleted thing of each kind; the incident with an action and an event of its own."""
    incident = make_incident(session, by, title, restricted=True)
    make_action(session, incident)
    make_event(session, incident)
    make_idea(session, incident)
    delete_incident(session, incident, version=None, actor=by)
    other = make_incident(session, by, "Open one")
    delete_action(session, make_action(session, other, "Mend the pump"), actor=by)
    delete_event(session, make_event(session, other, "The *pump* stopped."), actor=by)
    delete_factor(session, make_factor(session, other, "Old pumps."), actor=by)
    delete_idea(session, make_idea(session, other, "Try a second pump"), actor=by)
    delete_writeup(session, make_writeup(session, by, "About pumps"), version=None, actor=by)
    session.commit()


def test_it_shows_each_kind_with_who_when_and_what_hangs_on_it(
    session: Session, admin: Person, author: Person, sign_in: SignIn
) -> None:
    fill(session, author)
    browser = sign_in(admin)
    page = browser.get("/settings/trash")
    for words in (
        *("Secret outage", "INC-1", "with 1 action, 1 idea, 1 event", "Restricted"),
        *("Mend the pump", "of INC-2", "The pump stopped.", "Old pumps.", "About pumps", "with 1 saved text"),
        *("by Aino Author", "6 deleted things", "Try a second pump"),
    ):
        assert words in page.text, words
    kinds = {
        "incident": "Secret outage",
        "writeup": "About pumps",
        "action": "Mend the pump",
        "event": "The pump stopped.",
        "factor": "Old pumps.",
        "idea": "Try a second pump",
    }
    for kind, words in kinds.items():
        narrowed = browser.get(f"/settings/trash?kind={kind}").text
        assert "1 deleted thing" in narrowed
        assert words in narrowed
        assert not any(other in narrowed for other in kinds.values() if other != words), kind
    assert browser.get("/settings/trash?kind=person").status == 422
    assert "/settings/trash" in browser.get("/settings/").links


def test_each_is_brought_back_from_there(
    session: Session, admin: Person, author: Person, sign_in: SignIn
) -> None:
    fill(session, author)
    browser = sign_in(admin)
    for form in browser.get("/settings/trash").forms:
        page = browser.post(form.action, form.data)
        assert page.status == 303
        assert browser.get((page.location or "").split("#")[0]).status == 200
        again = browser.post(form.action, form.data, follow=True)
        assert "not in the trash any more" in again.text
    assert "The trash is empty" in browser.get("/settings/trash").text
    assert "Restricted" in browser.get("/incidents/1").text


def test_what_belongs_to_a_deleted_incident_waits_for_it(
    session: Session, admin: Person, sign_in: SignIn
) -> None:
    incident = make_incident(session, admin)
    action = make_action(session, incident)
    delete_action(session, action, actor=admin)
    delete_incident(session, incident, version=None, actor=admin)
    session.commit()
    browser = sign_in(admin)
    assert "Bring INC-1 back first" in browser.get("/settings/trash").text
    page = browser.post(f"/settings/trash/action/{action.id}/restore")
    assert page.status == 422
    assert "Bring INC-1 back first" in page.text
    assert browser.post("/settings/trash/incident/1/restore").status == 303
    assert browser.post(f"/settings/trash/action/{action.id}/restore").status == 303


@pytest.mark.parametrize("who", ["reader", "author", "facilitator"])
def test_it_is_for_admins(
    session: Session, author: Person, facilitator: Person, reader: Person, sign_in: SignIn, who: str
) -> None:
    fill(session, author)
    browser = sign_in({"reader": reader, "author": author, "facilitator": facilitator}[who])
    assert browser.get("/settings/trash").status == 403
    assert browser.post("/settings/trash/incident/1/restore").status == 403


def test_pages_of_the_list_are_whole_and_each_thing_stands_once(
    session: Session, admin: Person, sign_in: SignIn, frozen: Callable[[datetime], None]
) -> None:
    """Also where many were deleted at the same moment."""
    wanted = set()
    for index in range(30):
        frozen(NOW + timedelta(minutes=index // 10))
        incident = make_incident(session, admin, f"Number {index}.")
        delete_incident(session, incident, version=None, actor=admin)
        wanted.add(incident.reference)
    session.commit()
    browser = sign_in(admin)
    first = browser.get("/settings/trash")
    assert "30 deleted things" in first.text
    [after] = [link for link in first.links if "after=" in link]
    second = browser.get(after)
    seen = [number for page in (first, second) for number in re.findall(r"Destroy (INC-\d+)", page.text)]
    assert len(seen) == 30
    assert set(seen) == wanted
    [before] = [link for link in second.links if "before=" in link]
    assert browser.get(before).text == first.text
    assert browser.get("/settings/trash?after=2026~nonsense~1").status == 422


def test_its_statements_do_not_grow(
    database: Database, session: Session, admin: Person, sign_in: SignIn
) -> None:
    browser = sign_in(admin)
    # The first request of a sign-in also notes when it was seen.
    browser.get("/settings/trash")
    counts = []
    for title in ("One", "Two", "Three"):
        fill(session, admin, title=title)
        with counted(database) as sent:
            assert browser.get("/settings/trash").status == 200
        counts.append(len(sent))
    assert len(set(counts)) == 1, counts
