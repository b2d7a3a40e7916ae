"""People: who sees what, adding, editing, links to set a password, deactivating."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person, SignIn, SingleUseLink
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from tests.factories.accounts import make_person, make_team
from tests.support.client import PASSWORD, Browser
from tests.support.pages import Page
from tests.support.sql import counted

SignInAs = Callable[[Person], Browser]
NEW = {"email": "Nils@Example.com", "name": " Nils  Ny ", "handle": "@nils", "role": "facilitator",
       "timezone": "Europe/Stockholm"}  # fmt: skip


def link_on(page: Page) -> str:
    return next(control["value"] for control in page.outline.controls if control.get("id") == "password-link")


def verbs(session: Session, person: Person) -> list[str]:
    entries = select(HistoryEntry.verb).where(
        HistoryEntry.subject_type == "people", HistoryEntry.subject_id == person.id
    )
    return list(session.scalars(entries.order_by(HistoryEntry.id)))


def by_email(session: Session, email: str) -> Person:
    session.expire_all()
    return session.scalars(select(Person).where(Person.email == email)).one()


# Reading


def test_everybody_reads_names_roles_and_teams_but_no_addresses(
    sign_in: SignInAs, reader: Person, author: Person, session: Session
) -> None:
    make_team(session, "Playback", author)
    browser = sign_in(reader)
    page = browser.get("/people/")
    assert {f"/people/{author.id}", "/teams/playback"} <= set(page.links)
    assert "Contributor" in page.text
    assert "2 people" in page.text
    assert author.email not in page.html
    assert "/people/new" not in page.links
    page = browser.get(f"/people/{author.id}")
    assert page.title.startswith("Aino Author")
    assert "Playback" in page.text
    assert author.email not in page.html
    assert not page.forms
    assert f"/people/{author.id}/edit" not in page.links


def test_admins_see_addresses_and_what_they_can_do(sign_in: SignInAs, admin: Person, author: Person) -> None:
    author_page = sign_in(admin).get(f"/people/{author.id}")
    assert author.email in author_page.text
    assert [form.action for form in author_page.forms] == [
        f"/people/{author.id}/link",
        f"/people/{author.id}/end-sessions",
        f"/people/{author.id}/deactivate",
    ]
    assert "cli added person Aino Author" in author_page.text
    page = sign_in(admin).get("/people/")
    assert author.email in page.text
    assert "/people/new" in page.links


def test_the_list_is_filtered_by_name_role_and_state(
    sign_in: SignInAs, admin: Person, session: Session
) -> None:
    for name in ("Bo Berg", "Åsa Berg", "100% Real"):
        make_person(session, name)
    by_email(session, "bo-berg@example.com").is_active = False
    session.commit()
    browser = sign_in(admin)

    def found(query: str) -> str:
        return browser.get(f"/people/?{query}").text

    assert "1 person" in found("q=berg")
    assert "2 people" in found("q=berg&show=all")
    assert "Deactivated" in found("q=bo&show=all")
    assert "1 person" in found("q=100%25")
    assert "Nobody matches" in found("q=_")
    assert "1 person" in found("role=admin")
    assert "3 people" in found("role=nonsense&show=nonsense")


def test_the_list_has_pages_by_name(sign_in: SignInAs, admin: Person, session: Session) -> None:
    names = [f"Person {number:02}" for number in range(1, 31)]
    for name in reversed(names):
        make_person(session, name)
    browser = sign_in(admin)
    first = browser.get("/people/?q=person")
    assert "30 people" in first.text
    next_url = next(link for link in first.links if "after=" in link)
    second = browser.get(next_url)
    shown = [re.findall(r"Person \d\d", page.text) for page in (first, second)]
    assert sorted(set(shown[0])) == names[:25]
    assert sorted(set(shown[1])) == names[25:]
    back = next(link for link in second.links if "before=" in link)
    assert sorted(set(re.findall(r"Person \d\d", browser.get(back).text))) == names[:25]


def test_the_list_asks_the_database_as_often_for_three_as_for_one(
    sign_in: SignInAs, admin: Person, session: Session, database: Database
) -> None:
    browser = sign_in(admin)
    browser.get("/people/")
    with counted(database) as one:
        browser.get("/people/")
    team = make_team(session, "Playback", *(make_person(session, name) for name in ("Bo", "Cy")))
    make_team(session, "Search", *team.members)
    with counted(database) as three:
        browser.get("/people/")
    assert len(one) == len(three) == 4
    with counted(database) as shown:
        browser.get(f"/people/{team.members[0].id}")
    assert len(shown) == 4


@pytest.mark.parametrize("path", ["/people/", "/people/1", "/people/new", "/people/1/edit"])
def test_signed_out_one_is_asked_to_sign_in(anonymous: Browser, admin: Person, path: str) -> None:
    assert anonymous.get(path).location == f"/login?next={path}"


@pytest.mark.parametrize("name", ["reader", "author", "facilitator"])
def test_only_admins_manage_people(
    sign_in: SignInAs, admin: Person, session: Session, name: str, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(name)
    browser = sign_in(person)
    for path in ("/people/new", f"/people/{person.id}/edit"):
        assert browser.get(path).status == 403
        assert browser.post(path, {**NEW, "role": "admin"}).status == 403
    for action in ("link", "deactivate", "reactivate"):
        page = browser.post(f"/people/{admin.id}/{action}")
        assert page.status == 403
        assert "Only admins add, change and deactivate people" in page.text
    session.expire_all()
    assert (person.role.value, admin.is_active) == ("contributor" if name == "author" else name, True)
    assert session.scalar(select(func.count()).select_from(SingleUseLink)) == 0


# Adding


def test_adding_shows_a_link_once_and_the_link_sets_a_password_once(
    sign_in: SignInAs, admin: Person, anonymous: Browser, session: Session
) -> None:
    browser = sign_in(admin)
    page = browser.submit("/people/new", NEW)
    nils = by_email(session, "nils@example.com")
    assert page.location == f"/people/{nils.id}"
    assert (nils.name, nils.handle, nils.role, nils.timezone) == (
        "Nils Ny",
        "nils",
        Role.FACILITATOR,
        "Europe/Stockholm",
    )
    assert (nils.is_active, nils.password_hash) == (True, None)
    assert verbs(session, nils) == ["added", "made a password link for"]

    page = browser.get(page.location)
    link = link_on(page)
    assert link.startswith("http://localhost/password/")
    assert "works once and for 7 days" in page.text
    assert "password-link" not in browser.get(f"/people/{nils.id}").html

    path = link.removeprefix("http://localhost")
    assert anonymous.submit(path, {"password": "seven77"}).status == 422
    page = anonymous.submit(path, {"password": "correct horse"})
    assert page.location == "/"
    assert "Nils Ny" in anonymous.get("/me").text
    assert Browser(anonymous.app).get(path).status == 404
    again = Browser(anonymous.app)
    assert again.submit("/login", {"email": NEW["email"], "password": "correct horse"}).status == 303


def test_posted_twice_makes_one_person(sign_in: SignInAs, admin: Person, session: Session) -> None:
    browser = sign_in(admin)
    data = browser.get("/people/new").forms[-1].data | NEW
    first, second = (browser.post("/people/new", data) for _ in range(2))
    assert first.status == second.status == 303
    assert first.location == second.location
    assert session.scalar(select(func.count()).select_from(Person)) == 2


BAD = [
    ({"email": ""}, "Enter an e-mail address."),
    ({"email": "nils"}, "Enter an e-mail address like ada@example.com."),
    ({"email": "nils@example.com\r\nBcc: x@example.com"}, "Enter an e-mail address like"),
    ({"email": "ADA-ADMIN@example.com "}, "Somebody here already has the address ada-admin@example.com."),
    ({"email": f"{'x' * 255}@example.com"}, "Shorten this to 254 characters."),
    ({"email": ["a@example.com", "b@example.com"]}, "This was sent more than once."),
    ({"name": " \0 "}, "Enter a name."),
    ({"name": "x" * 101}, "Shorten this to 100 characters."),
    ({"handle": "@ada"}, "Somebody here already has the handle ada."),
    ({"handle": "x" * 41}, "Shorten this to 40 characters."),
    ({"role": "owner"}, "Choose one of the list."),
    ({"role": ""}, "Choose one of the list."),
    ({"timezone": "Mars/Olympus"}, "Enter a time zone by its name"),
    ({"timezone": ""}, "Enter a time zone by its name"),
]


@pytest.mark.parametrize(("changes", "says"), BAD)
def test_bad_input_is_said_and_nothing_is_lost(
    sign_in: SignInAs, admin: Person, author: Person, session: Session, changes, says
) -> None:
    admin.handle = "ada"
    session.commit()
    browser = sign_in(admin)
    for path in ("/people/new", f"/people/{author.id}/edit"):
        before = session.execute(select(Person.id, Person.version)).all()
        page = browser.submit(path, {**NEW, **changes})
        assert page.status == 422
        assert says in page.text
        kept = page.forms[-1].data
        assert kept["handle"] == [changes.get("handle", "@nils")]
        assert kept["name"] == [" ".join(changes.get("name", NEW["name"]).replace("\0", "").split())]
        assert session.execute(select(Person.id, Person.version)).all() == before


def test_everything_that_is_wrong_is_said_at_once(sign_in: SignInAs, admin: Person) -> None:
    page = sign_in(admin).submit("/people/new", {"email": "x", "name": "", "role": "x", "timezone": "x"})
    summary = page.html.split("error-summary")[1].split("</ul>")[0]
    assert summary.count("<li>") == 4


# Editing


def test_editing_changes_the_row_and_history_says_what(
    sign_in: SignInAs, admin: Person, author: Person, session: Session
) -> None:
    page = sign_in(admin).submit(f"/people/{author.id}/edit", NEW)
    assert page.location == f"/people/{author.id}"
    session.refresh(author)
    assert (author.email, author.name, author.handle, author.role) == (
        "nils@example.com",
        "Nils Ny",
        "nils",
        Role.FACILITATOR,
    )
    entry = session.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc())).first()
    assert (entry.actor_id, entry.sentence) == (admin.id, "edited person Nils Ny")
    assert entry.changes == {
        "email": ["aino-author@example.com", "nils@example.com"],
        "name": ["Aino Author", "Nils Ny"],
        "handle": [None, "nils"],
        "role": ["contributor", "facilitator"],
    }


def test_saving_unchanged_writes_no_history(
    sign_in: SignInAs, admin: Person, author: Person, session: Session
) -> None:
    assert sign_in(admin).submit(f"/people/{author.id}/edit").status == 303
    assert verbs(session, author) == ["added"]


def test_two_people_without_a_handle_are_no_clash(
    sign_in: SignInAs, admin: Person, author: Person, reader: Person, session: Session
) -> None:
    for person in (author, reader):
        assert sign_in(admin).submit(f"/people/{person.id}/edit", {"handle": " @ "}).status == 303
    session.expire_all()
    assert (author.handle, reader.handle) == (None, None)


def test_a_stale_form_shows_both_texts_and_saves_the_second_time(
    sign_in: SignInAs, admin: Person, author: Person, session: Session
) -> None:
    browser = sign_in(admin)
    path = f"/people/{author.id}/edit"
    stale = browser.get(path).forms[-1].data
    browser.submit(path, {"name": "Theirs"})
    page = browser.post(path, stale | {"name": "Mine"})
    assert page.status == 409
    assert "Your version Mine Saved now Theirs" in page.text
    assert page.forms[-1].data["name"] == ["Mine"]
    assert by_email(session, author.email).name == "Theirs"
    assert browser.post(path, page.forms[-1].data).status == 303
    assert by_email(session, author.email).name == "Mine"


def test_a_role_takes_effect_at_once(
    sign_in: SignInAs, admin: Person, author: Person, session: Session
) -> None:
    browser = sign_in(author)
    assert browser.get("/people/new").status == 403
    sign_in(admin).submit(f"/people/{author.id}/edit", {"role": "admin"})
    assert browser.get("/people/new").status == 200
    sign_in(admin).submit(f"/people/{author.id}/edit", {"role": "reader"})
    assert browser.get("/people/new").status == 403


# Links, deactivating


def test_a_new_link_replaces_the_one_before_and_keeps_the_password_until_used(
    sign_in: SignInAs, admin: Person, author: Person, anonymous: Browser, session: Session
) -> None:
    browser = sign_in(admin)
    links = []
    for _ in range(2):
        page = browser.post(f"/people/{author.id}/link")
        assert page.location == f"/people/{author.id}"
        links.append(link_on(browser.get(page.location)).removeprefix("http://localhost"))
    assert anonymous.get(links[0]).status == 404
    assert anonymous.get(links[1]).status == 200
    assert anonymous.submit("/login", {"email": author.email, "password": PASSWORD}).status == 303
    assert verbs(session, author) == ["added", *["made a password link for"] * 2, "signed in as"]


def test_a_link_is_good_for_seven_days(
    sign_in: SignInAs, admin: Person, author: Person, anonymous: Browser, frozen: Callable[[datetime], None]
) -> None:
    browser = sign_in(admin)
    frozen(datetime(2026, 3, 1, 12, 0, tzinfo=UTC))
    browser.sign_in(admin)
    page = browser.get(browser.post(f"/people/{author.id}/link").location)
    path = link_on(page).removeprefix("http://localhost")
    frozen(datetime(2026, 3, 8, 11, 59, tzinfo=UTC))
    assert anonymous.get(path).status == 200
    frozen(datetime(2026, 3, 8, 12, 0, tzinfo=UTC))
    page = anonymous.get(path)
    assert page.status == 404
    assert "work once: for 7 days those that an admin makes" in page.text


def test_a_link_of_one_person_is_not_shown_on_the_page_of_another(
    sign_in: SignInAs, admin: Person, author: Person, reader: Person
) -> None:
    browser = sign_in(admin)
    browser.post(f"/people/{author.id}/link")
    assert "password-link" not in browser.get(f"/people/{reader.id}").html
    assert link_on(browser.get(f"/people/{author.id}"))


def test_deactivating_ends_everything_at_once_and_can_be_undone(
    sign_in: SignInAs, admin: Person, author: Person, anonymous: Browser, session: Session
) -> None:
    theirs, browser = sign_in(author), sign_in(admin)
    assert theirs.get("/me").status == 200
    browser.post(f"/people/{author.id}/link")
    link = link_on(browser.get(f"/people/{author.id}")).removeprefix("http://localhost")

    page = browser.post(f"/people/{author.id}/deactivate")
    assert page.location == f"/people/{author.id}"
    page = browser.get(page.location)
    assert "is deactivated and signed out everywhere" in page.text
    assert [form.action for form in page.forms] == [f"/people/{author.id}/reactivate"] * 2
    assert theirs.get("/me").location == "/login?next=/me"
    assert anonymous.get(link).status == 404
    assert anonymous.submit("/login", {"email": author.email, "password": PASSWORD}).status == 422
    assert browser.post(f"/people/{author.id}/link").status == 422
    assert session.scalar(select(func.count()).where(SignIn.person_id == author.id)) == 0

    browser.post(f"/people/{author.id}/reactivate")
    assert theirs.get("/me").status == 303
    assert anonymous.submit("/login", {"email": author.email, "password": PASSWORD}).status == 303
    assert verbs(session, author)[-2:] == ["edited", "signed in as"]


@pytest.mark.parametrize("change", [{"role": "reader"}, {"is_active": []}, "deactivate"])
def test_the_last_admin_cannot_lock_everybody_out(
    sign_in: SignInAs, admin: Person, session: Session, change
) -> None:
    # An admin who never set a password cannot sign in, so does not count; neither does a deactivated one.
    for name in ("Without password", "Deactivated"):
        other = make_person(session, name, role="admin")
        other.password_hash, other.is_active = (
            (None, True) if name[0] == "W" else (other.password_hash, False)
        )
    session.commit()
    browser = sign_in(admin)
    if isinstance(change, str):
        page = browser.post(f"/people/{admin.id}/{change}")
    else:
        page = browser.submit(f"/people/{admin.id}/edit", change)
    assert page.status == 422
    assert "This is the last admin who can sign in" in page.text
    session.refresh(admin)
    assert (admin.role, admin.is_active) == (Role.ADMIN, True)
    make_person(session, "Second Admin", role="admin")
    assert browser.post(f"/people/{admin.id}/deactivate").status == 303
    assert browser.get("/me").location == "/login?next=/me"


def test_being_seen_is_noted_once_in_five_minutes(
    sign_in: SignInAs, author: Person, session: Session, frozen: Callable[[datetime], None]
) -> None:
    start = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    frozen(start)
    browser = sign_in(author)

    def seen_after(minutes: int) -> datetime:
        frozen(start + timedelta(minutes=minutes))
        browser.get("/me")
        session.expire_all()
        return session.scalars(select(SignIn.last_seen_at)).one()

    assert seen_after(4) == start
    assert seen_after(6) == start + timedelta(minutes=6)
    assert seen_after(10) == start + timedelta(minutes=6)
    frozen(start + timedelta(days=30, minutes=1))
    assert browser.get("/me").status == 303
