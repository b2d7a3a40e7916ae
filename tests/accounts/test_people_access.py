"""What an admin does about another person's way in, and that one admin always has one."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.enums import Role
from postmortem.accounts.models import Identity, Person, SignIn, SingleUseLink
from postmortem.accounts.operations import edit_person
from postmortem.accounts.operations_sign_in import issue_password_link
from postmortem.errors import Refused
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI
from tests.factories.accounts import make_person
from tests.support.client import PASSWORD, Browser
from tests.support.second_factor import switch_on

SignInAs = Callable[[Person], Browser]


def last_entry(session: Session) -> tuple[str, str, dict[str, list[object]]]:
    entry = session.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc())).first()
    assert entry is not None
    return entry.actor_name, entry.sentence, entry.changes


def test_an_admin_ends_every_sign_in_of_a_person(
    sign_in: SignInAs, admin: Person, author: Person, session: Session
) -> None:
    browsers, mine = [sign_in(author), sign_in(author)], sign_in(admin)
    page = mine.post(f"/people/{author.id}/end-sessions", follow=True)
    assert "Aino Author is signed out of 2 browsers." in page.text
    assert [browser.get("/me").status for browser in browsers] == [303, 303]
    assert mine.get("/me").status == 200
    sentence = "ended every sign-in of person Aino Author"
    assert last_entry(session) == ("Ada Admin", sentence, {"sign_ins": [2, 0]})
    assert "was signed in nowhere" in mine.post(f"/people/{author.id}/end-sessions", follow=True).text
    assert (
        len(session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "ended every sign-in of")).all())
        == 1
    )


def test_an_admin_resets_a_second_factor(
    sign_in: SignInAs, anonymous: Browser, admin: Person, author: Person, session: Session
) -> None:
    browser = sign_in(admin)
    path = f"/people/{author.id}/reset-second-factor"
    assert path not in [form.action for form in browser.get(f"/people/{author.id}").forms]
    assert browser.post(path).status == 422
    switch_on(session, author)
    assert path in [form.action for form in browser.get(f"/people/{author.id}").forms]
    assert "signs in without a second factor now" in browser.post(path, follow=True).text
    assert last_entry(session)[:2] == ("Ada Admin", "reset the second factor of person Aino Author")
    assert anonymous.submit("/login", {"email": author.email, "password": PASSWORD}).location == "/"


@pytest.mark.parametrize("action", ["end-sessions", "reset-second-factor"])
def test_only_admins_may(
    sign_in: SignInAs, admin: Person, facilitator: Person, author: Person, session: Session, action: str
) -> None:
    theirs = sign_in(author)
    switch_on(session, facilitator)
    assert sign_in(facilitator).post(f"/people/{author.id}/{action}").status == 403
    assert sign_in(admin).post(f"/people/999/{action}").status == 404
    assert theirs.get("/me").status == 200


def test_a_new_address_ends_links_that_went_to_the_one_before(author: Person, session: Session) -> None:
    issue_password_link(session, author, actor=CLI)
    edit_person(session, author, {"name": "Änne"}, version=None, actor=CLI)
    assert session.scalars(select(SingleUseLink)).all() != []
    edit_person(session, author, {"email": "new@example.com"}, version=None, actor=CLI)
    assert session.scalars(select(SingleUseLink)).all() == []


@pytest.mark.parametrize("values", [{"role": Role.FACILITATOR}, {"is_active": False}])
@pytest.mark.parametrize("other", ["none", "deactivated", "no password", "anonymised", "merged"])
def test_the_last_admin_who_can_sign_in_stays_one(
    admin: Person, author: Person, session: Session, other: str, values: dict[str, object]
) -> None:
    if other != "none":
        second = make_person(session, "Second Admin", role="admin")
        second.is_active = other != "deactivated"
        second.password_hash = None if other == "no password" else second.password_hash
        second.anonymised_at = clock.now() if other == "anonymised" else None
        second.merged_into_id = author.id if other == "merged" else None
        session.commit()
    with pytest.raises(Refused, match="last admin"):
        edit_person(session, admin, values, version=None, actor=CLI)


@pytest.mark.parametrize("way", ["password", "provider"])
def test_an_admin_may_go_while_another_can_sign_in(admin: Person, session: Session, way: str) -> None:
    second = make_person(session, "Second Admin", role="admin")
    if way == "provider":
        second.password_hash = None
        session.add(Identity(issuer="https://id", subject="2", person_id=second.id, created_at=clock.now()))
        session.commit()
    edit_person(session, admin, {"is_active": False}, version=None, actor=CLI)
    assert session.scalars(select(SignIn).where(SignIn.person_id == admin.id)).all() == []
    assert admin.is_active is False
