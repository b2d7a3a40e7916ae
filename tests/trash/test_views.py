"""Deleting, undo and the trash through HTTP."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.history.models import HistoryEntry
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident, incident_services, incident_tags, incident_teams
from postmortem.incidents.operations_deletion import delete_incident
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import Writeup
from postmortem.writeups.operations_deletion import delete_writeup
from tests.factories.accounts import make_person, make_service, make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event, make_factor
from tests.factories.writeups import make_writeup, publish_writeup
from tests.support.client import Browser

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
SignIn = Callable[[Person], Browser]


def verbs(session: Session, thing: Incident | Writeup) -> list[str]:
    """What history says of it, oldest first."""
    return list(
        session.scalars(
            select(HistoryEntry.verb)
            .where(
                HistoryEntry.subject_type == thing.__tablename__,
                HistoryEntry.subject_id == thing.id,
                HistoryEntry.verb.in_(("deleted", "brought back")),
            )
            .order_by(HistoryEntry.id)
        )
    )


def test_the_page_says_what_goes_and_deleting_takes_all_of_it_away_and_undo_brings_it_back(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    make_service(session, "Playback", make_team(session, "Sound", author))
    incident = make_incident(
        session, author, restricted=True, tags=["dns"], services=["playback"], teams=["sound"]
    )
    event = make_event(session, incident)
    factor = make_factor(session, incident)
    action = make_action(session, incident, "Mend it")
    draft = make_writeup(session, author, "The draft", incidents=[incident])
    told = publish_writeup(session, author, "The told", incidents=[incident])
    browser = sign_in(author)
    url = f"/incidents/{incident.id}"
    assert f"{url}/delete" in browser.get(url).links
    page = browser.get(f"{url}/delete")
    for words in ("1 action", "1 event", "1 factor", "1 unpublished write-up", "The told"):
        assert words in page.text, words
    assert browser.submit(f"{url}/delete").location == "/incidents/"
    paths = (
        url,
        f"{url}/edit",
        f"{url}/delete",
        f"/events/{event.id}/edit",
        f"/factors/{factor.id}/edit",
        f"/actions/{action.id}",
        f"/writeups/{draft.slug}",
    )
    listed = browser.get("/incidents/")
    assert "INC-1 was deleted." in listed.text
    [undo] = listed.forms
    assert [browser.get(path).status for path in paths] == [404] * len(paths)
    assert f"/writeups/{told.slug}" in browser.get("/").links
    # Readers go on reading it; its working copy is out of sight with the incident.
    assert [browser.get(f"/writeups/{told.slug}{part}").status for part in ("", "/edit")] == [200, 403]
    assert url not in browser.get(f"/writeups/{told.slug}").links
    for table in (incident_services, incident_teams, incident_tags):
        assert session.scalars(select(table.c.visibility)).all() == [Visibility.DELETED]
    assert browser.post(undo.action, undo.data).location == url
    assert [browser.get(path).status for path in paths] == [200] * len(paths)
    session.expire_all()
    assert (incident.visibility, incident.deleted_visibility, incident.deleted_at) == (
        "restricted",
        None,
        None,
    )
    for table in (incident_services, incident_teams, incident_tags):
        assert session.scalars(select(table.c.visibility)).all() == [Visibility.RESTRICTED]
    assert verbs(session, incident) == ["deleted", "brought back"]
    assert "deleted this incident" in browser.get(url).text


def test_a_write_up_is_deleted_and_brought_back_as_it_was(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    draft = make_writeup(session, author, "The draft")
    browser = sign_in(author)
    url = f"/writeups/{draft.slug}"
    assert f"{url}/delete" in browser.get(url).links
    assert browser.submit(f"{url}/delete").location == "/"
    front = browser.get("/")
    assert "“The draft” was deleted." in front.text
    assert url not in front.links
    assert {browser.get(f"{url}{part}").status for part in ("", "/edit", "/history", "/publish")} == {404}
    assert browser.post(front.forms[0].action).location == url
    session.expire_all()
    assert (draft.state, draft.deleted_state, draft.deleted_at) == ("draft", None, None)
    assert verbs(session, draft) == ["deleted", "brought back"]


def test_a_published_write_up_must_be_withdrawn_first(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    told = publish_writeup(session, author, "Told")
    browser = sign_in(author)
    page = browser.get("/writeups/told/delete")
    assert "Withdraw it first" in page.text
    assert "/writeups/told/withdraw" in page.links
    assert browser.post("/writeups/told/delete", {"version": told.version}).status == 422
    session.expire_all()
    assert told.state == WriteupState.PUBLISHED


@pytest.mark.parametrize(
    ("who", "status"),
    [("filer", 303), ("lead", 303), ("facilitator", 303), ("admin", 303), ("other", 403), ("reader", 403)],
)
def test_who_may_delete_an_open_incident(
    session: Session,
    admin: Person,
    facilitator: Person,
    reader: Person,
    sign_in: SignIn,
    who: str,
    status: int,
) -> None:
    people = {
        name: make_person(session, f"{name} P", role="contributor") for name in ("filer", "lead", "other")
    }
    people |= {"admin": admin, "facilitator": facilitator, "reader": reader}
    incident = make_incident(session, people["filer"], lead=people["lead"].email)
    page = sign_in(people[who]).post(f"/incidents/{incident.id}/delete", {"version": incident.version})
    assert page.status == status
    session.expire_all()
    assert (incident.visibility == Visibility.DELETED) is (status == 303)


def test_a_stale_confirmation_deletes_nothing(session: Session, author: Person, sign_in: SignIn) -> None:
    incident = make_incident(session, author)
    draft = make_writeup(session, author, "The draft")
    browser = sign_in(author)
    for path, thing in (("/incidents/1/delete", incident), ("/writeups/the-draft/delete", draft)):
        page = browser.post(path, {"version": thing.version - 1})
        assert page.status == 409
        assert "Look at it again" in page.text
        assert browser.post(path, page.forms[-1].data).status == 303
    session.expire_all()
    assert (incident.visibility, draft.state) == ("deleted", "deleted")


def test_a_double_click_deletes_once_and_undoes_once(
    session: Session, author: Person, sign_in: SignIn
) -> None:
    incident, draft = make_incident(session, author), make_writeup(session, author, "The draft")
    browser = sign_in(author)
    for url, thing in (("/incidents/1", incident), ("/writeups/the-draft", draft)):
        data = {"version": thing.version}
        assert [browser.post(f"{url}/delete", data).status for _ in "12"] == [303, 303]
        assert [browser.post(f"{url}/restore").status for _ in "12"] == [303, 303]
        assert verbs(session, thing) == ["deleted", "brought back"]


# Who may undo: whoever deleted it, for a day, while they would still see it; and admins.


def make_deleted(session: Session, by: Person, *, kind: str, restricted: bool) -> str:
    """Something that `by` deleted, with its address."""
    incident = make_incident(session, by, restricted=restricted)
    if kind == "incident":
        delete_incident(session, incident, version=None, actor=by)
        session.commit()
        return f"/incidents/{incident.id}"
    draft = make_writeup(session, by, "The draft", incidents=[incident])
    delete_writeup(session, draft, version=None, actor=by)
    session.commit()
    return f"/writeups/{draft.slug}"


@pytest.mark.parametrize("kind", ["incident", "writeup"])
@pytest.mark.parametrize("restricted", [False, True])
@pytest.mark.parametrize(
    "who", ["admin", "deleter", "facilitator", "outsider", "reader", "late", "demoted", "anonymous"]
)
def test_who_may_bring_back(
    app: object,
    session: Session,
    admin: Person,
    author: Person,
    facilitator: Person,
    outsider: Person,
    reader: Person,
    anonymous: Browser,
    sign_in: SignIn,
    frozen: Callable[[datetime], None],
    kind: str,
    restricted: bool,
    who: str,
) -> None:
    frozen(NOW)
    url = make_deleted(session, author, kind=kind, restricted=restricted)
    people = {"admin": admin, "facilitator": facilitator, "outsider": outsider, "reader": reader}
    if who == "late":
        frozen(NOW + timedelta(hours=24, seconds=1))
    if who == "demoted":
        author.role = "reader"
        session.commit()
    browser = anonymous if who == "anonymous" else sign_in(people.get(who, author))
    page = browser.post(f"{url}/restore")
    if who in ("admin", "deleter"):
        assert (page.status, page.location) == (303, url)
        assert browser.get(url).status == 200
        return
    if who == "anonymous":
        assert (page.location or "").startswith("/login")
    else:
        # The gate refuses readers wherever they knock; to others it is as if nothing were there.
        assert page.status == (403 if who in ("reader", "demoted") else 404)
    assert sign_in(admin).get(url).status == 404


def test_who_lost_sight_of_a_restricted_incident_cannot_bring_it_back(
    session: Session, admin: Person, facilitator: Person, sign_in: SignIn
) -> None:
    team = make_team(session, "Sound", facilitator)
    incident = make_incident(session, admin, restricted=True, teams=["sound"])
    browser = sign_in(facilitator)
    assert browser.submit("/incidents/1/delete").status == 303
    team.members = []
    session.commit()
    assert browser.post("/incidents/1/restore").status == 404
    session.expire_all()
    assert incident.visibility == Visibility.DELETED


def test_somebody_elses_older_deletion_gives_no_right(
    session: Session, author: Person, facilitator: Person, sign_in: SignIn
) -> None:
    """Only the last deletion counts."""
    make_incident(session, author)
    first, second = sign_in(author), sign_in(facilitator)
    assert first.submit("/incidents/1/delete").status == 303
    assert first.post("/incidents/1/restore").status == 303
    assert second.submit("/incidents/1/delete").status == 303
    assert first.post("/incidents/1/restore").status == 404
    assert second.post("/incidents/1/restore").status == 303


def test_no_plain_edit_deletes(session: Session, author: Person, sign_in: SignIn) -> None:
    incident = make_incident(session, author)
    browser = sign_in(author)
    assert browser.submit("/incidents/1/edit", {"visibility": "deleted"}).status == 422
    assert browser.submit("/incidents/new", {"title": "Gone", "visibility": "deleted"}).status == 422
    session.expire_all()
    assert incident.visibility == Visibility.OPEN
