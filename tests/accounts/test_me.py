"""My own pages: start, profile, password, the browsers I am signed in with."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.accounts.browsers import browser_name
from postmortem.accounts.models import Person, SignIn
from postmortem.accounts.operations_sign_in import issue_password_link
from postmortem.accounts.passwords import is_password
from postmortem.db import Database
from postmortem.history.models import HistoryEntry
from tests.factories.accounts import make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.factories.writeups import make_writeup
from tests.support.client import PASSWORD, Browser
from tests.support.sql import counted

SignInAs = Callable[[Person], Browser]
NEW_PASSWORD = "another good password"


def sign_ins(session: Session, person: Person) -> int:
    session.expire_all()
    return session.scalar(select(func.count()).where(SignIn.person_id == person.id)) or 0


def test_my_page_says_who_i_am(sign_in: SignInAs, author: Person, session: Session) -> None:
    make_team(session, "Playback", author)
    page = sign_in(author).get("/me")
    assert page.title.startswith("Your page")
    for text in (author.name, author.email, "Contributor", "Europe/Stockholm"):
        assert text in page.text
    assert {"/teams/playback", "/me/profile", "/me/sessions"} <= set(page.links)


def test_my_page_shows_what_waits_for_me_and_nobody_elses(
    sign_in: SignInAs, author: Person, outsider: Person, session: Session
) -> None:
    incident = make_incident(session, author, "Playback stops")
    hidden = make_incident(session, outsider, "Salaries leaked", restricted=True)
    make_action(session, incident, "Add a later alarm", owner=author, due_on=date(2026, 5, 1))
    make_action(session, incident, "Add an earlier alarm", owner=author, due_on=date(2026, 4, 1))
    make_action(session, incident, "Write a runbook", owner=outsider)
    make_writeup(session, author, "The cache that remembered", incidents=[incident])
    make_writeup(session, outsider, "Not mine")

    page = sign_in(author).get("/me")
    assert page.text.index("Add an earlier alarm") < page.text.index("Add a later alarm")
    assert f"INC-{incident.id} Playback stops" in page.text
    assert "The cache that remembered" in page.text
    for foreign in ("Write a runbook", "Not mine", "Salaries"):
        assert foreign not in page.text
    page = sign_in(outsider).get("/me")
    assert f"INC-{hidden.id} Salaries leaked" in page.text
    assert "Write a runbook" in page.text


def test_an_incident_i_may_no_longer_see_leaves_my_page(
    sign_in: SignInAs, author: Person, session: Session
) -> None:
    incident = make_incident(session, author, "Playback stops")
    incident.reported_by_id = None
    session.commit()
    assert "Playback stops" not in sign_in(author).get("/me").text


def test_my_page_asks_the_database_as_often_for_three_as_for_one(
    sign_in: SignInAs, author: Person, session: Session, database: Database
) -> None:
    def fill(number: int) -> None:
        incident = make_incident(session, author, f"Incident {number}")
        make_action(session, incident, f"Add alarm {number}", owner=author)
        make_writeup(session, author, f"Write-up {number}", incidents=[incident])
        make_team(session, f"Team {number}", author)

    fill(1)
    browser = sign_in(author)
    browser.get("/me")
    with counted(database) as one:
        browser.get("/me")
    fill(2)
    fill(3)
    with counted(database) as three:
        browser.get("/me")
    assert len(one) == len(three) == 9


@pytest.mark.parametrize("path", ["/me", "/me/profile", "/me/sessions", "/me/password"])
def test_signed_out_nobody_has_a_page(anonymous: Browser, author: Person, path: str) -> None:
    assert anonymous.get(path).location == f"/login?next={path}"


# Profile


def test_i_change_my_name_handle_and_zone_but_not_my_role_or_address(
    sign_in: SignInAs, author: Person, session: Session
) -> None:
    changes = {"name": "Aino A", "handle": "@aino", "timezone": "Asia/Tokyo", "role": "admin",
               "email": "root@example.com", "is_active": ""}  # fmt: skip
    browser = sign_in(author)
    page = browser.submit("/me/profile", changes, form=0)
    assert (page.status, page.location) == (303, "/me/profile")
    session.refresh(author)
    assert (author.name, author.handle, author.timezone) == ("Aino A", "aino", "Asia/Tokyo")
    assert (author.role.value, author.email, author.is_active) == (
        "contributor",
        "aino-author@example.com",
        True,
    )
    entry = session.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc())).first()
    assert (entry.actor_id, sorted(entry.changes)) == (author.id, ["handle", "name", "timezone"])
    assert "Times are shown in Asia/Tokyo" in browser.get("/me").text


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": ""}, "Enter your name."),
        ({"name": "x" * 101}, "Shorten this to 100 characters."),
        ({"handle": "ada"}, "Somebody here already has the handle ada."),
        ({"timezone": "Nowhere"}, "Enter a time zone by its name"),
    ],
)
def test_a_bad_profile_is_said_and_kept(
    sign_in: SignInAs, author: Person, admin: Person, session: Session, changes, says
) -> None:
    admin.handle = "ada"
    session.commit()
    version = author.version
    page = sign_in(author).submit("/me/profile", changes, form=0)
    assert page.status == 422
    assert says in page.text
    for name, value in changes.items():
        assert page.forms[0].data[name] == [value]
    session.refresh(author)
    assert author.version == version


def test_a_stale_profile_shows_both_texts(sign_in: SignInAs, author: Person, session: Session) -> None:
    browser = sign_in(author)
    stale = browser.get("/me/profile").forms[0].data
    browser.submit("/me/profile", {"name": "Theirs"}, form=0)
    page = browser.post("/me/profile", stale | {"name": "Mine"})
    assert page.status == 409
    assert "Theirs" in page.text
    assert page.forms[0].data["name"] == ["Mine"]
    assert browser.post("/me/profile", page.forms[0].data).status == 303
    session.refresh(author)
    assert author.name == "Mine"


# Password


def test_changing_the_password_ends_every_other_browser(
    sign_in: SignInAs, author: Person, reader: Person, session: Session
) -> None:
    here, there, bystander = sign_in(author), sign_in(author), sign_in(reader)
    page = here.submit("/me/profile", {"current_password": PASSWORD, "password": NEW_PASSWORD})
    assert (page.status, page.location) == (303, "/me/profile")
    session.refresh(author)
    assert is_password(author.password_hash, NEW_PASSWORD)
    assert here.get("/me").status == 200
    assert there.get("/me").status == 303
    assert bystander.get("/me").status == 200
    entry = session.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc())).first()
    assert (entry.verb, entry.changes) == ("changed the password of", {})


def test_changing_the_password_ends_links_that_somebody_else_may_hold(
    sign_in: SignInAs, author: Person, reader: Person, anonymous: Browser, session: Session
) -> None:
    held, bystanders = (issue_password_link(session, person, actor=author) for person in (author, reader))
    session.commit()
    sign_in(author).submit("/me/profile", {"current_password": PASSWORD, "password": NEW_PASSWORD})
    assert anonymous.get(f"/password/{held}").status == 404
    assert anonymous.get(f"/password/{bystanders}").status == 200


@pytest.mark.parametrize(
    ("current", "new", "says"),
    [
        ("wrong", NEW_PASSWORD, "That is not your current password."),
        ("", NEW_PASSWORD, "Enter the password you have now."),
        (PASSWORD + " ", NEW_PASSWORD, "That is not your current password."),
        (PASSWORD, "seven77", "Choose a password of 8 characters or more."),
        (PASSWORD, "", "Choose a password of 8 characters or more."),
        (PASSWORD, "x" * 1001, "Choose a password of at most 1000 characters."),
    ],
)
def test_a_password_that_does_not_do_is_said_and_changes_nothing(
    sign_in: SignInAs, author: Person, session: Session, current, new, says
) -> None:
    here, there = sign_in(author), sign_in(author)
    page = here.submit("/me/profile", {"current_password": current, "password": new})
    assert page.status == 422
    assert says in page.text
    assert page.forms[0].data["name"] == [author.name]
    if new:
        assert new not in page.html
    session.refresh(author)
    assert is_password(author.password_hash, PASSWORD)
    assert there.get("/me").status == 200


def test_any_characters_make_a_password(sign_in: SignInAs, author: Person, anonymous: Browser) -> None:
    odd = "  lösen\t🔑 ord  "
    sign_in(author).submit("/me/profile", {"current_password": PASSWORD, "password": odd})
    assert anonymous.submit("/login", {"email": author.email, "password": odd.strip()}).status == 422
    assert anonymous.submit("/login", {"email": author.email, "password": odd}).status == 303


def test_the_password_address_leads_to_its_form(sign_in: SignInAs, author: Person) -> None:
    assert sign_in(author).get("/me/password").location == "/me/profile"


# Browsers


def test_i_see_my_browsers_this_one_first(sign_in: SignInAs, author: Person, reader: Person) -> None:
    elsewhere = Browser(sign_in(reader).app)
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    elsewhere.client.environ_base["HTTP_USER_AGENT"] = agent
    elsewhere.submit("/login", {"email": author.email, "password": PASSWORD})
    page = sign_in(author).get("/me/sessions")
    assert page.text.index("This browser") < page.text.index("Firefox on Linux")
    assert len([form for form in page.forms if form.action.endswith("/end")]) == 2


def test_i_end_one_of_mine(sign_in: SignInAs, author: Person, session: Session) -> None:
    here, there = sign_in(author), sign_in(author)
    other = [form.action for form in here.get("/me/sessions").forms if form.action.endswith("/end")][-1]
    assert here.post(other).location == "/me/sessions"
    assert there.get("/me").status == 303
    assert here.get("/me").status == 200
    assert here.post(other).status == 404


def test_ending_the_one_in_use_is_signing_out(sign_in: SignInAs, author: Person, session: Session) -> None:
    here = sign_in(author)
    own = next(form.action for form in here.get("/me/sessions").forms if form.action.endswith("/end"))
    assert here.post(own).status == 303
    assert here.get("/me/sessions").location == "/login?next=/me/sessions"
    assert sign_ins(session, author) == 0


def test_i_cannot_end_somebody_elses(
    sign_in: SignInAs, author: Person, admin: Person, session: Session
) -> None:
    theirs = sign_in(author)
    row = session.scalars(select(SignIn.id).where(SignIn.person_id == author.id)).one()
    assert sign_in(admin).post(f"/me/sessions/{row}/end").status == 404
    assert theirs.get("/me").status == 200


def test_i_end_all_others(sign_in: SignInAs, author: Person, reader: Person, session: Session) -> None:
    here, bystander = sign_in(author), sign_in(reader)
    assert "/me/sessions/end-others" not in [form.action for form in here.get("/me/sessions").forms]
    for _ in range(2):
        sign_in(author)
    assert here.post("/me/sessions/end-others", follow=True).text.count("signed out of 2 other browsers") == 1
    assert sign_ins(session, author) == 1
    assert (here.get("/me").status, bystander.get("/me").status) == (200, 200)
    assert "signed in nowhere else" in here.post("/me/sessions/end-others", follow=True).text


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/140 Safari/537 Edg/140", "Edge on Windows"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/17 Safari/605",
            "Safari on macOS",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) CriOS/140 Mobile Safari/604",
            "Chrome on iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537 Chrome/140 Mobile Safari/537", "Chrome on Android"),
        ("curl/8.5.0", "curl"),
        ("", "Unknown browser"),
        ("<script>alert(1)</script>", "<script>alert(1)<"),
    ],
)
def test_a_browser_has_a_name_to_recognise_it_by(agent: str, name: str) -> None:
    assert browser_name(agent) == name
