"""Single sign-on as it should go: who is signed in, linked, added, and what their claims change."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts import oidc
from postmortem.accounts.enums import Role, SignInMethod
from postmortem.accounts.models import Identity, Person, SignIn
from postmortem.accounts.operations_oidc import REQUEST_LIFE
from postmortem.history.models import HistoryEntry
from tests.accounts.oidc_flow import (
    Counts,
    MakeApp,
    come_back,
    go_through,
    last_entry,
    leave,
    open_requests,
    settings_for,
)
from tests.factories.accounts import make_person, make_team
from tests.support.client import Browser
from tests.support.oidc_provider import EC, OTHER_RSA, FakeProvider


def browser_of(make_app: MakeApp, provider: FakeProvider, **replaced: Any) -> Browser:
    return Browser(make_app(oidc=settings_for(provider, **replaced)))


def test_the_first_sign_in_links_by_the_checked_address(
    make_app: MakeApp, provider: FakeProvider, ada: Person, session: Session
) -> None:
    browser = browser_of(make_app, provider)
    assert go_through(browser, provider).location == "/"
    assert "Ada" in browser.get("/me").text
    identity = session.scalars(select(Identity)).one()
    assert (identity.issuer, identity.subject, identity.person_id) == (provider.issuer, "ada-1", ada.id)
    assert session.scalars(select(SignIn.method)).one() == SignInMethod.OIDC
    assert open_requests(session) == 0
    linked = session.scalars(
        select(HistoryEntry).where(HistoryEntry.verb == "linked the provider's account to")
    ).one()
    assert (linked.subject_type, linked.subject_id) == ("people", ada.id)


def test_later_the_subject_counts_and_no_address(
    make_app: MakeApp, provider: FakeProvider, ada: Person, author: Person
) -> None:
    browser = browser_of(make_app, provider)
    go_through(browser, provider)
    provider.claims |= {"email": author.email, "email_verified": False}
    again = Browser(browser.app)
    assert go_through(again, provider).status == 303
    page = again.get("/me")
    assert "Ada" in page.text
    assert author.name not in page.text


def test_an_address_in_capitals_is_the_same_address(
    make_app: MakeApp, provider: FakeProvider, ada: Person
) -> None:
    provider.claims["email"] = "ADA@Example.COM"
    assert go_through(browser_of(make_app, provider), provider).status == 303


def test_next_is_kept_and_leads_only_to_pages_of_this_site(
    make_app: MakeApp, provider: FakeProvider, ada: Person
) -> None:
    browser = browser_of(make_app, provider)
    for wanted, target in (("/incidents/?q=x", "/incidents/?q=x"), ("//evil.example", "/")):
        fresh = Browser(browser.app)
        page = come_back(fresh, provider.authorize(leave(fresh, next_path=wanted)))
        assert page.location == target


def test_creation_is_a_setting(make_app: MakeApp, provider: FakeProvider, session: Session) -> None:
    make_person(session, "Ben", role="admin")
    provider.claims |= {"sub": "new-1", "email": "New.Person@Example.com", "name": " New  Person "}
    provider.claims |= {"zoneinfo": "Europe/Stockholm"}
    before = Counts.of(session)
    page = go_through(browser_of(make_app, provider), provider)
    assert page.status == 403
    assert "Nobody here has your address yet. Ask an admin to add you." in page.text
    assert Counts.of(session) == Counts(before.people, 0, 0, before.entries + 1)

    browser = browser_of(make_app, provider, creates_people=True, default_role="contributor")
    assert go_through(browser, provider).status == 303
    person = session.scalars(select(Person).where(Person.email == "new.person@example.com")).one()
    assert (person.name, person.role, person.timezone, person.password_hash) == (
        "New Person",
        Role.CONTRIBUTOR,
        "Europe/Stockholm",
        None,
    )
    assert go_through(Browser(browser.app), provider).status == 303
    assert Counts.of(session).people == before.people + 1


@pytest.mark.parametrize(
    ("value", "role"),
    [
        ("sre", Role.CONTRIBUTOR),
        (["staff", "leads", "sre"], Role.FACILITATOR),
        (["SRE"], Role.READER),
        (["admin", "true"], Role.READER),
        (True, Role.READER),
        (False, Role.READER),
        (None, Role.READER),
        ([], Role.READER),
    ],
)
def test_the_role_follows_the_claim_strictly(
    make_app: MakeApp, provider: FakeProvider, ada: Person, session: Session, value: Any, role: Role
) -> None:
    roles = (("sre", "contributor"), ("leads", "facilitator"), ("True", "admin"), ("1", "admin"))
    browser = browser_of(make_app, provider, role_claim="groups", roles=roles)
    provider.claims["groups"] = value
    assert go_through(browser, provider).status == 303
    session.expire_all()
    assert ada.role == role
    provider.claims["groups"] = ["leads"]
    go_through(Browser(browser.app), provider)
    session.expire_all()
    assert ada.role == Role.FACILITATOR


def test_without_a_role_claim_people_keep_their_role(
    make_app: MakeApp, provider: FakeProvider, ada: Person, session: Session
) -> None:
    provider.claims["groups"] = ["leads"]
    go_through(browser_of(make_app, provider, roles=(("leads", "admin"),)), provider)
    session.expire_all()
    assert ada.role == Role.CONTRIBUTOR


def test_the_last_admin_stays_one_whatever_the_claims_say(
    make_app: MakeApp, provider: FakeProvider, session: Session
) -> None:
    last = make_person(session, "Ada", role="admin")
    settings = {"role_claim": "groups", "roles": (("leads", "admin"),)}
    app = browser_of(make_app, provider, **settings).app
    assert go_through(Browser(app), provider).status == 303
    session.expire_all()
    assert last.role == Role.ADMIN

    make_person(session, "Ben", role="admin")
    assert go_through(Browser(app), provider).status == 303
    session.expire_all()
    assert last.role == Role.READER
    entry = session.scalars(select(HistoryEntry).where(HistoryEntry.verb == "edited")).one()
    assert (entry.actor_name, entry.changes) == ("single sign-on", {"role": ["admin", "reader"]})


def test_teams_follow_the_claim(
    make_app: MakeApp, provider: FakeProvider, ada: Person, author: Person, session: Session
) -> None:
    sound = make_team(session, "Sound", ada, author)
    light, stage = make_team(session, "Light", author), make_team(session, "Stage")
    stage.is_active = False
    session.commit()
    browser = browser_of(make_app, provider, teams_claim="teams")
    for claim, names in ((["light", "stage", "nowhere"], ["Light"]), ("sound", ["Sound"]), (None, [])):
        provider.claims["teams"] = claim
        before = Counts.of(session).entries
        assert go_through(Browser(browser.app), provider).status == 303
        session.expire_all()
        assert [team.name for team in ada.teams] == names
        assert author in sound.members
        assert author in light.members
        assert Counts.of(session).entries > before
    entries = session.scalars(select(HistoryEntry).where(HistoryEntry.subject_type == "teams")).all()
    changes = [entry.changes["members"] for entry in entries if entry.verb == "edited"]
    assert changes[0] == [["ada@example.com", author.email], [author.email]]
    assert len(changes) == 5


def test_teams_stay_without_a_teams_claim(
    make_app: MakeApp, provider: FakeProvider, ada: Person, session: Session
) -> None:
    make_team(session, "Sound", ada)
    provider.claims["teams"] = []
    go_through(browser_of(make_app, provider), provider)
    session.expire_all()
    assert [team.name for team in ada.teams] == ["Sound"]


def test_what_the_token_lacks_comes_from_the_userinfo(
    make_app: MakeApp, provider: FakeProvider, ada: Person, session: Session
) -> None:
    provider.left_out |= {"email", "email_verified"}
    provider.userinfo = {"email": "ada@example.com", "email_verified": True, "groups": "leads"}
    settings = {"role_claim": "groups", "roles": (("leads", "facilitator"),)}
    assert go_through(browser_of(make_app, provider, **settings), provider).status == 303
    session.expire_all()
    assert ada.role == Role.FACILITATOR


def test_an_address_and_whether_it_was_checked_come_from_one_place(
    make_app: MakeApp, provider: FakeProvider, ada: Person
) -> None:
    provider.left_out |= {"email"}
    provider.userinfo = {"email": "ada@example.com"}
    assert go_through(browser_of(make_app, provider), provider).status == 403
    provider.left_out = {"email_verified"}
    provider.userinfo = {"email_verified": True}
    assert go_through(browser_of(make_app, provider, teams_claim="t"), provider).status == 403


@pytest.mark.parametrize("audience", ["postmortem-here", ["postmortem-here"], ["postmortem-here", "other"]])
def test_every_right_audience_is_taken(
    make_app: MakeApp, provider: FakeProvider, ada: Person, audience: Any
) -> None:
    provider.claims |= {"aud": audience, "azp": "postmortem-here"}
    assert go_through(browser_of(make_app, provider), provider).status == 303


def test_keys_on_curves_and_new_keys_are_taken(
    make_app: MakeApp, provider: FakeProvider, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = browser_of(make_app, provider)
    assert go_through(browser, provider).status == 303
    provider.key, provider.header["alg"] = EC, "ES256"
    provider.keys = [OTHER_RSA.as_dict(private=False), EC.as_dict(private=False)]
    # Not asked for again at once: that would let anybody have us ask all the time.
    assert go_through(Browser(browser.app), provider).status == 400
    assert provider.requests.count("/keys") == 1
    monkeypatch.setattr(oidc, "KEYS_AGAIN_AFTER_SECONDS", 0.0)
    assert go_through(Browser(browser.app), provider).status == 303
    assert provider.requests.count("/keys") == 2
    assert provider.requests.count("/.well-known/openid-configuration") == 1


def test_the_secret_goes_into_the_body_where_the_provider_wants_it_there(
    make_app: MakeApp, provider: FakeProvider, ada: Person
) -> None:
    provider.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    page = go_through(browser_of(make_app, provider), provider)
    # The fake one takes only the header, so this is how it shows.
    assert page.status == 400


def test_whoever_is_signed_in_needs_no_provider(
    make_app: MakeApp, provider: FakeProvider, ada: Person, session: Session
) -> None:
    browser = browser_of(make_app, provider)
    browser.sign_in(ada)
    assert browser.post("/login/oidc", query_string={"next": "/me"}).location == "/me"
    assert (open_requests(session), provider.requests) == (0, [])


def test_without_the_setting_there_is_nothing(app: Flask, ada: Person) -> None:
    browser = Browser(app)
    assert browser.post("/login/oidc").status == 404
    assert browser.get("/login/oidc/callback?state=x&code=y").status == 404


def test_what_nobody_came_back_from_is_forgotten(
    make_app: MakeApp, provider: FakeProvider, ada: Person, session: Session, frozen: Any
) -> None:
    browser, now = browser_of(make_app, provider), clock.now()
    frozen(now)
    leave(browser)
    leave(browser)
    assert open_requests(session) == 2
    frozen(now + REQUEST_LIFE + timedelta(seconds=1))
    leave(Browser(browser.app))
    assert open_requests(session) == 1


def test_two_tabs_may_begin_at_once(make_app: MakeApp, provider: FakeProvider, ada: Person) -> None:
    browser = browser_of(make_app, provider)
    first, second = leave(browser), leave(browser)
    assert come_back(browser, provider.authorize(first)).status == 303
    # The first sign-in made the cookie new; the second tab is told so, and the person is signed in all the same.
    assert come_back(browser, provider.authorize(second)).status == 400
    assert browser.get("/me").status == 200


@pytest.mark.parametrize("how", ["deactivated", "merged", "anonymised"])
def test_who_may_not_come_in_is_refused_and_changed_in_nothing(
    make_app: MakeApp, provider: FakeProvider, ada: Person, session: Session, how: str
) -> None:
    browser = browser_of(make_app, provider, role_claim="groups", roles=(("leads", "admin"),))
    provider.claims["groups"] = ["leads"]
    go_through(browser, provider)
    session.expire_all()
    ada.is_active = how != "deactivated"
    ada.merged_into_id = ada.id - 1 if how == "merged" else None
    ada.anonymised_at = clock.now() if how == "anonymised" else None
    ada.role = Role.READER
    session.commit()
    before = Counts.of(session)
    page = go_through(Browser(browser.app), provider)
    assert (page.status, "This account is deactivated. Ask an admin." in page.text) == (403, True)
    assert Counts.of(session).entries == before.entries + 1
    assert Counts.of(session).sessions == before.sessions
    assert (ada.role, last_entry(session).subject_id) == (Role.READER, ada.id)


def test_an_admin_unlinks_who_got_a_new_account_at_the_provider(
    make_app: MakeApp, provider: FakeProvider, ada: Person, admin: Person, session: Session
) -> None:
    app = browser_of(make_app, provider).app
    browser, administers = Browser(app), Browser(app)
    go_through(browser, provider)
    administers.sign_in(admin)
    assert browser.post(f"/people/{ada.id}/unlink").status == 403
    page = administers.get(f"/people/{ada.id}")
    assert f"Linked to single sign-on at {provider.issuer}." in page.text
    assert f"/people/{ada.id}/unlink" not in browser.get(f"/people/{ada.id}").html

    page = administers.post(f"/people/{ada.id}/unlink", follow=True)
    assert "is not linked to single sign-on any more" in page.text
    assert "Linked to single sign-on" not in page.text
    assert last_entry(session).changes == {"issuer": [provider.issuer, None]}
    assert browser.get("/me").status == 303
    provider.claims["sub"] = "ada-2"
    assert go_through(browser, provider).status == 303
    assert session.scalars(select(Identity.subject)).one() == "ada-2"
    assert administers.post("/people/999/unlink").status == 404


def test_what_is_heavy_is_imported_when_somebody_signs_in(provider: FakeProvider, tmp_path: Path) -> None:
    program = (
        "import sys; from postmortem.app import create_app; app = create_app(); "
        "print({'authlib', 'joserfc', 'requests'} & set(sys.modules), app.extensions['config'].oidc is not None)"
    )
    environment = {
        "POSTMORTEM_DATA_DIR": str(tmp_path),
        "POSTMORTEM_OIDC_ISSUER": provider.issuer,
        "POSTMORTEM_OIDC_CLIENT_ID": "x",
        "POSTMORTEM_OIDC_CLIENT_SECRET": "y",
    }
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    assert done.stdout.decode().strip() == "set() True"
