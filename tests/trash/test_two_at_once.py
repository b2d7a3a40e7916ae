"""Two people at the very same moment: deleting, editing, bringing back and destroying leave nothing half done."""

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.db import Database
from postmortem.history.checks import chain_problems
from postmortem.history.models import HistoryEntry
from postmortem.incidents.models import Incident, incident_tags
from postmortem.incidents.operations_deletion import delete_incident
from postmortem.writeups.models import Writeup
from tests.factories.accounts import make_person
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event
from tests.factories.writeups import make_writeup
from tests.site.test_two_at_once import at_once
from tests.support.client import Browser
from tests.support.targets import targets

THINGS = ("/incidents/1", "/writeups/the-draft")


@pytest.fixture
def two(session: Session, admin: Person, sign_in: Callable[[Person], Browser]) -> list[Browser]:
    """Two admins, each with a browser, and something to quarrel over."""
    incident = make_incident(session, admin, tags=["dns"])
    make_event(session, incident)
    make_writeup(session, admin, "The draft", incidents=[incident])
    return [sign_in(admin), sign_in(make_person(session, "Trudy Admin", role="admin"))]


def told(session: Session, verb: str) -> int:
    return session.scalar(select(func.count()).where(HistoryEntry.verb == verb)) or 0


def stored(session: Session, path: str) -> tuple[str, str]:
    """Title and level as they are now."""
    if path == "/incidents/1":
        return tuple(session.execute(select(Incident.title, Incident.visibility)).one())
    return tuple(session.execute(select(Writeup.title, Writeup.state)).one())


@pytest.mark.parametrize("path", THINGS)
def test_of_deleting_and_editing_one_wins_and_no_text_is_lost(
    database: Database, session: Session, two: list[Browser], path: str
) -> None:
    edit, delete = (
        next(targets(browser, f"{path}/{page}"))
        for browser, page in zip(two, ("edit", "delete"), strict=True)
    )
    edited, deleted = at_once(
        database,
        lambda: two[0].post(edit.action, edit.data | {"title": "My long title"}),
        lambda: two[1].post(delete.action, delete.data),
    )
    title, level = stored(session, path)
    if deleted.status == 303:
        assert (edited.status, level) == (404, "deleted")
        assert "My long title" in edited.text
    else:
        assert (edited.status, deleted.status, title) == (303, 409, "My long title")
        assert level != "deleted"
        assert "Look at it again" in deleted.text
    assert told(session, "deleted") == (deleted.status == 303)


@pytest.mark.parametrize("path", THINGS)
def test_two_who_delete_delete_once(
    database: Database, session: Session, two: list[Browser], path: str
) -> None:
    opened = [next(targets(browser, f"{path}/delete")) for browser in two]
    pages = at_once(
        database,
        *(partial(browser.post, form.action, form.data) for browser, form in zip(two, opened, strict=True)),
    )
    assert [page.status for page in pages] == [303, 303]
    assert stored(session, path)[1] == "deleted"
    assert told(session, "deleted") == 1


def test_of_bringing_back_and_destroying_one_wins(
    database: Database, session: Session, two: list[Browser], admin: Person
) -> None:
    incident = session.get_one(Incident, 1)
    delete_incident(session, incident, version=None, actor=admin)
    session.commit()
    url = "/settings/trash/incident/1"
    restored, destroyed = at_once(
        database,
        lambda: two[0].post(f"{url}/restore", follow=True),
        lambda: two[1].post(f"{url}/destroy", {"number": "INC-1", "reason": "Law"}, follow=True),
    )
    is_there = session.scalar(select(func.count()).select_from(Incident)) == 1
    loser = destroyed if is_there else restored
    assert "not in the trash any more" in loser.text
    assert ("INC-1 is back." in restored.text) is is_there
    assert ("INC-1 was destroyed for good." in destroyed.text) is not is_there
    assert (told(session, "brought back"), told(session, "destroyed")) == (int(is_there), int(not is_there))
    levels = session.scalars(select(incident_tags.c.visibility)).all()
    assert levels == (["open"] if is_there else [])
    assert list(chain_problems(session)) == []


def test_two_who_destroy_destroy_once(
    database: Database, session: Session, two: list[Browser], admin: Person
) -> None:
    delete_incident(session, session.get_one(Incident, 1), version=None, actor=admin)
    session.commit()
    data = {"number": "INC-1", "reason": "Law"}
    sends = [partial(browser.post, "/settings/trash/incident/1/destroy", data) for browser in two]
    assert [page.status for page in at_once(database, *sends)] == [303, 303]
    assert told(session, "destroyed") == 1
    assert list(chain_problems(session)) == []
