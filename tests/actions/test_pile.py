"""An owner who leaves leaves a visible pile: where it shows, who sees what of it, and handing it over."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.accounts.operations import edit_person
from postmortem.actions.models import Action
from postmortem.actions.operations import edit_action
from postmortem.actions.operations_pile import hand_over
from postmortem.actions.queries_pile import leavers
from postmortem.errors import Refused
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI
from postmortem.incidents.models import Incident
from tests.factories.accounts import make_person
from tests.factories.actions import make_action, stored_actions
from tests.factories.incidents import make_incident
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]


@pytest.fixture
def pile(session: Session, incident: Incident, outsider: Person) -> list[Action]:
    """Two open ones and a closed one of somebody who left."""
    late = make_action(
        session, incident, "Add a late alarm", owner=outsider, due_on=incident.created_at.date()
    )
    late.due_on = late.due_on and late.due_on.replace(year=2020)
    other = make_action(session, incident, "Add another alarm", owner=outsider)
    closed = make_action(session, incident, "Long done", owner=outsider, status="verified")
    edit_person(session, outsider, {"is_active": False}, version=None, actor=CLI)
    session.commit()
    return [late, other, closed]


def test_leaving_says_what_is_left(
    session: Session, incident: Incident, admin: Person, outsider: Person, sign_in: SignIn
) -> None:
    make_action(session, incident, "Add an alarm", owner=outsider)
    make_action(session, incident, "Add another alarm", owner=outsider)
    page = sign_in(admin).post(f"/people/{outsider.id}/deactivate", follow=True)
    assert f"{outsider.name} owns 2 open actions: hand them over." in page.text
    assert f"/actions/leavers?of={outsider.id}" in page.links
    assert "ACT-1 Add an alarm" in page.text
    session.expire_all()
    assert [action.owner for action in stored_actions(session)] == [outsider, outsider]


def test_leaving_through_the_form_says_so_too(
    session: Session, incident: Incident, admin: Person, outsider: Person, sign_in: SignIn
) -> None:
    make_action(session, incident, "Add an alarm", owner=outsider)
    browser = sign_in(admin)
    page = browser.submit(f"/people/{outsider.id}/edit", {"is_active": None, "name": "Otto O."}, follow=True)
    assert "Otto O. owns 1 open action: hand it over." in page.text
    page = browser.submit(f"/people/{outsider.id}/edit", {"name": "Otto"}, follow=True)
    assert "hand it over" not in page.text


def test_the_pile_by_who_left(
    session: Session, pile: list[Action], incident: Incident, author: Person, browser: Browser
) -> None:
    assert [(each.name, each.count, each.overdue) for each in leavers(session, author)] == [
        ("Otto Outsider", 2, 1)
    ]
    page = browser.get("/actions/leavers")
    assert "2 open actions, 1 overdue." in page.text
    assert "Whoever gets one" not in page.text
    assert "Add a late alarm" in page.text and "Long done" not in page.text
    second = make_person(session, "Gone Too")
    make_action(session, incident, "Mend it", owner=second)
    edit_person(session, second, {"is_active": False}, version=None, actor=CLI)
    session.commit()
    page = browser.get("/actions/leavers")
    assert "Mend it" not in page.text and f"/actions/leavers?of={second.id}" in page.links
    assert "Mend it" in browser.get(f"/actions/leavers?of={second.id}").text


def test_what_is_restricted_is_not_in_it(
    session: Session, author: Person, outsider: Person, reader: Person, sign_in: SignIn
) -> None:
    secret = make_incident(session, author, "Restricted", restricted=True)
    make_action(session, secret, "Xylophone", owner=outsider)
    edit_person(session, outsider, {"is_active": False}, version=None, actor=CLI)
    session.commit()
    for path in ("/actions/leavers", f"/actions/leavers?of={outsider.id}", f"/people/{outsider.id}"):
        assert "Xylophone" in sign_in(author).get(path).text
        told = "Whoever gets one of a restricted incident can see" in sign_in(author).get(path).text
        assert told == path.startswith("/actions")
        text = sign_in(reader).get(path).text
        assert "Xylophone" not in text and "open action" not in text.replace("Every open action", "").replace(
            "Open actions whose", ""
        )


def test_handing_over_the_ticked_ones(
    session: Session, pile: list[Action], author: Person, browser: Browser
) -> None:
    form = browser.get("/actions/leavers").forms[-1]
    data = {
        **form.data,
        "to": author.email,
        "reason": "Aino knows it.",
        "number": [f"{pile[0].id}:{pile[0].version}"],
    }
    page = browser.post("/actions/leavers", data, follow=True)
    assert "1 action of Otto Outsider is handed over." in page.text
    stored_actions(session)
    assert [action.owner_id == author.id for action in pile] == [True, False, False]
    entry = session.query(HistoryEntry).order_by(HistoryEntry.id.desc()).first()
    assert entry is not None and entry.subject_id == pile[0].id
    assert entry.changes["reason"] == ["", "Aino knows it."]
    # Sent twice, it changes nothing more.
    assert browser.post("/actions/leavers", data).status == 422
    assert session.query(HistoryEntry).order_by(HistoryEntry.id.desc()).first().id == entry.id


def test_handing_over_all(session: Session, pile: list[Action], author: Person, browser: Browser) -> None:
    last = session.query(HistoryEntry).count()
    page = browser.submit("/actions/leavers", {"to": author.email, "reason": "All.", "all": "1"}, follow=True)
    assert "2 actions of Otto Outsider are handed over." in page.text
    assert "Nothing is left behind" in page.text
    stored_actions(session)
    assert [action.owner_id == author.id for action in pile] == [True, True, False]
    assert session.query(HistoryEntry).count() == last + 2


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"reason": ""}, "Say why"),
        ({"to": ""}, "Choose who takes them."),
        ({"to": "otto-outsider@example.com"}, "Nobody active here has"),
        ({"number": []}, "Tick the actions"),
        ({"number": ["3"]}, "Tick the actions on the page."),
        ({"number": ["3:1"]}, "Somebody changed ACT-3 or handed it over"),
    ],
)
def test_what_is_missing(
    session: Session,
    pile: list[Action],
    author: Person,
    browser: Browser,
    fields: dict[str, object],
    sentence: str,
) -> None:
    form = browser.get("/actions/leavers").forms[-1]
    data = {**form.data, "to": author.email, "reason": "So.", "number": [f"1:{pile[0].version}"], **fields}
    page = browser.post("/actions/leavers", data)
    assert page.status == 422 and sentence in page.text
    stored_actions(session)
    assert author.id not in [action.owner_id for action in pile]


def test_nobody_who_is_here_is_emptied(
    session: Session, incident: Incident, author: Person, admin: Person
) -> None:
    make_action(session, incident, owner=author)
    with pytest.raises(Refused, match="is here"):
        hand_over(session, admin, author, admin.email, reason="So.", actor=admin)


def test_readers_look_and_do_not_touch(
    session: Session, pile: list[Action], reader: Person, author: Person, sign_in: SignIn
) -> None:
    browser = sign_in(reader)
    page = browser.get("/actions/leavers")
    assert "Add a late alarm" in page.text and 'name="number"' not in page.html
    data = {"of": str(pile[0].owner_id), "to": author.email, "reason": "So.", "all": "1"}
    assert browser.post("/actions/leavers", data).status == 403


def test_two_admins_at_once_do_not_overwrite_each_other(
    session: Session, pile: list[Action], author: Person, admin: Person, reader: Person, sign_in: SignIn
) -> None:
    browser, other = sign_in(author), sign_in(admin)
    page = browser.get("/actions/leavers")
    data = {**page.forms[-1].data, "to": author.email, "reason": "I know them."}
    data["number"] = [f"{action.id}:{action.version}" for action in pile[:2]]
    # Meanwhile one is handed to somebody else, by an admin who has the same page open.
    first = {"to": reader.email, "reason": "They asked.", "number": data["number"][:1]}
    assert other.submit("/actions/leavers", first).status == 303
    refused = browser.post("/actions/leavers", data)
    assert refused.status == 422
    assert "Somebody changed ACT-1 or handed it over since you saw this page." in refused.text
    assert [action.owner_id for action in stored_actions(session)[:2]] == [reader.id, pile[1].owner_id]
    # What is still there stays ticked, and goes when it is sent again.
    assert f'value="2:{pile[1].version}" checked' in refused.html and 'value="1:' not in refused.html
    again = {**data, "number": data["number"][1:]}
    assert (
        "1 action of Otto Outsider is handed over."
        in browser.post("/actions/leavers", again, follow=True).text
    )
    assert [action.owner_id for action in stored_actions(session)[:2]] == [reader.id, author.id]


def test_one_that_was_changed_is_looked_at_again_first(
    session: Session, pile: list[Action], author: Person, browser: Browser
) -> None:
    data = {**browser.get("/actions/leavers").forms[-1].data, "to": author.email, "reason": "So."}
    data["number"] = [f"{pile[0].id}:{pile[0].version}"]
    edit_action(session, pile[0], {"title": "Something else"}, version=None, actor=CLI)
    session.commit()
    page = browser.post("/actions/leavers", data)
    assert page.status == 422 and "Somebody changed ACT-1" in page.text and "checked" not in page.html
    session.expire_all()
    assert pile[0].owner_id != author.id
