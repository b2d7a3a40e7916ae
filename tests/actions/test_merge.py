"""Two actions that are one: what moves, what is refused, and the way back."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.actions.models_around import ActionComment, ActionLink, ActionWatch
from postmortem.actions.operations import edit_action
from postmortem.actions.operations_merge import merge_action, unmerge_action
from postmortem.errors import Conflict, Refused
from postmortem.history.models import HistoryEntry
from postmortem.incidents.models import Incident
from postmortem.incidents.operations_deletion import delete_incident
from tests.factories.actions import make_action, stored_actions
from tests.factories.incidents import make_incident
from tests.support.client import Browser

SignIn = Callable[[Person], Browser]


@pytest.fixture
def twin(session: Session, incident: Incident) -> Action:
    return make_action(session, incident, "Add that alarm", status="done")


def _surround(session: Session, action: Action, person: Person, *urls: str) -> None:
    now = clock.now()
    session.add(ActionComment(action_id=action.id, author_id=person.id, text="Hm.", created_at=now))
    session.add_all(ActionLink(action_id=action.id, url=url, created_at=now) for url in urls)
    session.add(ActionWatch(action_id=action.id, person_id=person.id, created_at=now))
    session.commit()


def _of(session: Session, model: type, action: Action) -> list[object]:
    return list(session.scalars(select(model).where(model.action_id == action.id)))  # type: ignore[attr-defined]


def test_what_moves(session: Session, action: Action, twin: Action, author: Person, reader: Person) -> None:
    _surround(session, action, author, "https://a.example/1")
    _surround(session, twin, author, "https://a.example/1", "https://a.example/2")
    session.add(ActionWatch(action_id=twin.id, person_id=reader.id, created_at=clock.now()))
    merge_action(session, twin, action, version=twin.version, actor=author)
    session.commit()
    assert (twin.status, twin.status_reason) == ("not_doing", f"Duplicate of {action.reference}")
    assert (twin.merged_into, twin.verify_on) == (action, None)
    assert [len(_of(session, model, action)) for model in (ActionComment, ActionLink, ActionWatch)] == [
        2,
        2,
        2,
    ]
    assert [len(_of(session, model, twin)) for model in (ActionComment, ActionLink, ActionWatch)] == [0, 1, 0]
    entries = session.scalars(select(HistoryEntry).where(HistoryEntry.actor_id == author.id)).all()
    told = [(entry.verb, entry.subject_type, entry.subject_id) for entry in entries]
    assert told[-3:-1] == [("moved", "action_comments", 2), ("moved", "action_links", 3)]
    assert told[-1] == ("merged", "actions", twin.id)


def test_the_way_back(session: Session, action: Action, twin: Action, author: Person) -> None:
    closed_at, verify_on = twin.closed_at, twin.verify_on
    assert verify_on
    merge_action(session, twin, action, version=None, actor=author)
    session.commit()
    unmerge_action(session, twin, actor=author)
    session.commit()
    assert (twin.status, twin.status_reason, twin.merged_into) == ("done", "", None)
    assert (twin.closed_at, twin.verify_on) == (closed_at, verify_on)
    last = twin.version
    unmerge_action(session, twin, actor=author)
    session.commit()
    assert twin.version == last


def test_the_way_back_of_an_open_one_and_of_one_that_was_not_done(
    session: Session, action: Action, twin: Action, author: Person, incident: Incident
) -> None:
    given_up = make_action(session, incident, status="not_doing", status_reason="Too dear.")
    for each in (action, given_up):
        merge_action(session, each, twin, version=None, actor=author)
        session.commit()
        unmerge_action(session, each, actor=author)
        session.commit()
    assert (action.status, action.closed_at) == ("proposed", None)
    assert (given_up.status, given_up.status_reason) == ("not_doing", "Too dear.")


def test_opening_it_again_takes_it_out(
    session: Session, action: Action, twin: Action, author: Person
) -> None:
    merge_action(session, action, twin, version=None, actor=author)
    session.commit()
    edit_action(session, action, {"status": "proposed", "status_reason": ""}, version=None, actor=author)
    session.commit()
    assert action.merged_into_id is None


def test_what_is_refused(session: Session, action: Action, twin: Action, author: Person) -> None:
    with pytest.raises(Refused, match="itself"):
        merge_action(session, action, action, version=None, actor=author)
    with pytest.raises(Conflict):
        merge_action(session, action, twin, version=action.version + 1, actor=author)
    merge_action(session, action, twin, version=None, actor=author)
    session.commit()
    with pytest.raises(Refused, match="was merged into another one itself"):
        merge_action(session, twin, action, version=None, actor=author)
    with pytest.raises(Refused, match="Unmerge it first"):
        merge_action(session, action, twin, version=None, actor=author)


@pytest.mark.parametrize("restricted", ["the one that goes", "the one that stays"])
def test_nothing_moves_between_different_readers(
    session: Session, action: Action, author: Person, restricted: str
) -> None:
    secret = make_incident(session, author, "Restricted", restricted=True)
    hidden, sibling = make_action(session, secret), make_action(session, secret)
    pair = (hidden, action) if restricted == "the one that goes" else (action, hidden)
    with pytest.raises(Refused, match="restricted"):
        merge_action(session, *pair, version=None, actor=author)
    merge_action(session, hidden, sibling, version=None, actor=author)
    assert hidden.merged_into is sibling


def test_on_the_page(session: Session, action: Action, twin: Action, browser: Browser) -> None:
    page = browser.get(f"/actions/{twin.id}/merge")
    assert action.title in page.text
    page = browser.submit(f"/actions/{twin.id}/merge", {"into": f" act-{action.id} "})
    assert (page.status, page.location) == (303, f"/actions/{action.id}")
    page = browser.get(f"/actions/{twin.id}")
    assert "This is a duplicate" in page.text and f"/actions/{action.id}" in page.links
    assert "Duplicates of this" in browser.get(f"/actions/{action.id}").text
    assert browser.post(f"/actions/{twin.id}/unmerge").status == 303
    assert "This is a duplicate" not in browser.get(f"/actions/{twin.id}").text


@pytest.mark.parametrize("into", ["ACT-999999", "nothing", "", "99999999999999999999", "hidden", "gone"])
def test_what_is_not_there(
    session: Session, action: Action, outsider: Person, author: Person, into: str, sign_in: SignIn
) -> None:
    secret = make_incident(session, author, "Restricted", restricted=True)
    gone = make_action(session, action.incident)
    hidden = make_action(session, secret)
    browser = sign_in(outsider)
    browser.post(f"/actions/{gone.id}/delete")
    number = {"hidden": hidden.id, "gone": gone.id}.get(into, into)
    page = browser.submit(f"/actions/{action.id}/merge", {"into": str(number)})
    assert page.status == 422
    assert ("There is no action with this number." in page.text) is (into != "")
    stored_actions(session)
    assert action.merged_into is None


def test_a_reader_merges_only_between_their_own(
    session: Session, incident: Incident, twin: Action, reader: Person, sign_in: SignIn
) -> None:
    mine = make_action(session, incident, owner=reader)
    browser = sign_in(reader)
    page = browser.submit(f"/actions/{mine.id}/merge", {"into": twin.reference})
    assert page.status == 422 and "You may not change" in page.text
    assert browser.get(f"/actions/{twin.id}/merge").status == 403


def test_a_question_is_raised_again_by_unmerging(
    session: Session, action: Action, twin: Action, author: Person, outsider: Person, sign_in: SignIn
) -> None:
    asking = make_incident(session, author, "It happened again", restricted=True)
    twin.questioned_by, twin.questioned_at = asking, clock.now()
    session.commit()
    day = twin.verify_on
    merge_action(session, twin, action, version=None, actor=author)
    session.commit()
    assert (twin.questioned_by, twin.questioned_at) == (None, None)
    unmerge_action(session, twin, actor=author)
    session.commit()
    assert (twin.status, twin.questioned_by, twin.verify_on) == ("done", asking, day)
    assert twin.questioned_at
    entry = session.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc())).first()
    assert entry and entry.changes["questioned_by"] == [[], [asking.reference]]
    assert asking.reference not in sign_in(outsider).get(f"/actions/{twin.id}").text


def test_what_is_deleted_meanwhile_asks_nothing(
    session: Session, action: Action, twin: Action, author: Person
) -> None:
    asking = make_incident(session, author, "It happened again")
    twin.questioned_by, twin.questioned_at = asking, clock.now()
    merge_action(session, twin, action, version=None, actor=author)
    delete_incident(session, asking, version=None, actor=author)
    unmerge_action(session, twin, actor=author)
    session.commit()
    assert (twin.status, twin.questioned_by) == ("done", None)
