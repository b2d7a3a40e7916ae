"""Teams and services: pages to read, adding with a proposed short name, editing, what is out of use."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts import operations
from postmortem.accounts.models import Person, Service, Team
from postmortem.db import Database
from postmortem.errors import Refused
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI
from tests.factories.accounts import make_person, make_service, make_team
from tests.support.client import Browser
from tests.support.sql import counted

SignInAs = Callable[[Person], Browser]
BOTH = pytest.mark.parametrize("kind", ["teams", "services"])
MODELS = {"teams": Team, "services": Service}


def slugs(session: Session, kind: str) -> list[str]:
    session.expire_all()
    return list(session.scalars(select(MODELS[kind].slug).order_by(MODELS[kind].id)))


# Reading


def test_everybody_reads_teams_with_their_members_and_services(
    sign_in: SignInAs, reader: Person, author: Person, session: Session
) -> None:
    gone = make_person(session, "Gone Gustav")
    team = make_team(session, "Playback", author, gone)
    make_service(session, "Player", team)
    gone.is_active = False
    session.commit()
    browser = sign_in(reader)
    page = browser.get("/teams/")
    assert "1 team" in page.text
    assert "/teams/playback" in page.links
    page = browser.get("/teams/playback")
    assert {f"/people/{author.id}", "/services/player"} <= set(page.links)
    assert "Gone Gustav" not in page.text
    assert [form.action for form in page.forms] == ["/me/follow/team/playback"]
    page = browser.get("/services/player")
    assert "/teams/playback" in page.links
    assert not {"/services/player/edit", "/services/new"} & set(page.links)


def test_services_are_filtered_by_team(sign_in: SignInAs, reader: Person, session: Session) -> None:
    make_service(session, "Player", make_team(session, "Playback"))
    make_service(session, "Index", make_team(session, "Search"))
    page = sign_in(reader).get("/services/?team=search")
    assert "1 service" in page.text
    assert "/services/index" in page.links
    assert "/services/player" not in page.links


@BOTH
def test_lists_ask_the_database_as_often_for_three_as_for_one(
    sign_in: SignInAs, admin: Person, session: Session, database: Database, kind: str
) -> None:
    def fill(name: str) -> None:
        make_service(session, name, make_team(session, name, admin, make_person(session, f"Of {name}")))

    browser = sign_in(admin)
    fill("One")
    browser.get("/people/")
    with counted(database) as one:
        browser.get(f"/{kind}/")
        browser.get(f"/{kind}/one")
    for name in ("Two", "Three"):
        fill(name)
    with counted(database) as three:
        browser.get(f"/{kind}/")
        browser.get(f"/{kind}/one")
    assert len(one) == len(three) == {"teams": 10, "services": 10}[kind]


@BOTH
def test_an_empty_list_says_what_to_do(sign_in: SignInAs, admin: Person, reader: Person, kind: str) -> None:
    assert f"/{kind}/new" in sign_in(admin).get(f"/{kind}/").links
    page = sign_in(reader).get(f"/{kind}/")
    assert "An admin can add them." in page.text
    assert "matches" in sign_in(reader).get(f"/{kind}/?q=zzz").text


@BOTH
@pytest.mark.parametrize("slug", ["nowhere", "New", "x" * 500, "%20", "a/b", "💥"])
def test_an_unknown_short_name_is_no_page(sign_in: SignInAs, admin: Person, kind: str, slug: str) -> None:
    browser = sign_in(admin)
    assert browser.get(f"/{kind}/{slug}").status == 404
    assert browser.get(f"/{kind}/{slug}/edit").status == 404


@BOTH
def test_only_admins_change_them(
    sign_in: SignInAs, facilitator: Person, anonymous: Browser, session: Session, kind: str
) -> None:
    make_service(session, "Player", make_team(session, "Player"))
    browser = sign_in(facilitator)
    for path in (f"/{kind}/new", f"/{kind}/player/edit"):
        assert browser.get(path).status == 403
        assert browser.post(path, {"name": "Mine", "slug": "mine"}).status == 403
        assert anonymous.post(path, {"name": "Mine"}).location == "/login"
    assert slugs(session, kind) == ["player"]


# Adding


@BOTH
@pytest.mark.parametrize(
    ("name", "slug", "address"),
    [
        ("Play & Back", "", "play-back"),
        ("Spåra: Øl", "", "spara-ol"),
        ("東京", "", "untitled"),
        ("Player", "core-2", "core-2"),
        ("N" * 100, "", "n" * 60),
    ],
)
def test_the_short_name_is_made_from_the_name_when_left_blank(
    sign_in: SignInAs, admin: Person, session: Session, kind: str, name: str, slug: str, address: str
) -> None:
    page = sign_in(admin).submit(f"/{kind}/new", {"name": name, "slug": slug})
    assert (page.status, page.location) == (303, f"/{kind}/{address}")
    row = session.scalars(select(MODELS[kind])).one()
    assert (row.name, row.slug, row.is_active) == (name, address, True)
    entry = session.scalars(select(HistoryEntry).where(HistoryEntry.subject_type == kind)).one()
    assert (entry.actor_id, entry.verb) == (admin.id, "added")


@BOTH
@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": ""}, "Enter the "),
        ({"name": "x" * 101}, "Shorten this to 100 characters."),
        ({"name": "New"}, "“new” is an address of this program."),
        ({"name": "Player", "slug": "new"}, "“new” is an address of this program."),
        ({"name": "Player", "slug": "Core Team"}, "for example core-team."),
        ({"name": "Player", "slug": "core/team"}, "for example core-team."),
        ({"name": "Player", "slug": "-"}, "for example untitled."),
        ({"name": "Player", "slug": "x" * 61}, "Shorten this to 60 characters."),
        ({"name": "Taken"}, "“taken”. Choose another short name."),
        ({"name": "Player", "slug": "taken"}, "“taken”. Choose another short name."),
        ({"name": "Player", "members": ["nobody@example.com"], "team": "nobody"}, "to choose here."),
    ],
)
def test_bad_input_is_said_and_nothing_is_lost(
    sign_in: SignInAs, admin: Person, session: Session, kind: str, fields, says
) -> None:
    make_service(session, "Taken", make_team(session, "Taken"))
    page = sign_in(admin).submit(f"/{kind}/new", fields)
    assert page.status == 422
    assert says in page.text
    assert page.forms[-1].data["name"] == [fields["name"]]
    assert page.forms[-1].data["slug"] == [fields.get("slug", "")]
    assert slugs(session, kind) == ["taken"]


def test_a_team_is_added_with_its_members_and_a_service_with_its_team(
    sign_in: SignInAs, admin: Person, author: Person, reader: Person, session: Session
) -> None:
    browser = sign_in(admin)
    browser.submit("/teams/new", {"name": "Playback", "members": [author.email, reader.email]})
    team = session.scalars(select(Team)).one()
    assert {person.email for person in team.members} == {author.email, reader.email}
    page = browser.get("/services/new?team=playback")
    assert page.forms[-1].data["team"] == ["playback"]
    browser.submit("/services/new", {"name": "Player", "team": "playback"})
    assert session.scalars(select(Service)).one().team_id == team.id


@pytest.mark.parametrize("slug", ["new", "Not A Slug", "é"])
def test_an_import_or_a_command_cannot_make_a_short_name_that_is_none(session: Session, slug: str) -> None:
    for add in (
        operations.add_team,
        lambda *args, **kwargs: operations.add_service(*args, team=None, **kwargs),
    ):
        with pytest.raises(Refused) as refused:
            add(session, slug=slug, name="Player", actor=CLI)
        assert refused.value.field == "slug"


# Editing


def test_editing_a_team_changes_name_and_members_but_never_its_address(
    sign_in: SignInAs, admin: Person, author: Person, reader: Person, session: Session
) -> None:
    team = make_team(session, "Playback", author)
    page = sign_in(admin).submit(
        "/teams/playback/edit", {"name": "Play", "members": [reader.email], "slug": "x"}
    )
    assert page.location == "/teams/playback"
    session.expire_all()
    assert (team.name, team.slug, [person.email for person in team.members]) == (
        "Play",
        "playback",
        [reader.email],
    )
    entry = session.scalars(select(HistoryEntry).order_by(HistoryEntry.id.desc())).first()
    assert entry.changes == {
        "name": ["Playback", "Play"],
        "members": [["aino-author@example.com"], ["rita-reader@example.com"]],
    }


def test_a_deactivated_member_stays_one_when_the_team_is_saved(
    sign_in: SignInAs, admin: Person, author: Person, session: Session
) -> None:
    team = make_team(session, "Playback", author)
    author.is_active = False
    session.commit()
    assert sign_in(admin).submit("/teams/playback/edit", {"name": "Play"}).status == 303
    session.expire_all()
    assert team.members == [author]


def test_a_service_keeps_a_team_that_is_out_of_use_and_can_lose_it(
    sign_in: SignInAs, admin: Person, session: Session
) -> None:
    service = make_service(session, "Player", make_team(session, "Playback"))
    service.team.is_active = False
    session.commit()
    browser = sign_in(admin)
    assert browser.submit("/services/player/edit", {"name": "The player"}).status == 303
    session.expire_all()
    assert (service.name, service.team.slug) == ("The player", "playback")
    browser.submit("/services/player/edit", {"team": ""})
    session.expire_all()
    assert service.team is None


@BOTH
def test_what_is_out_of_use_is_found_when_asked_for(
    sign_in: SignInAs, admin: Person, session: Session, kind: str
) -> None:
    make_service(session, "Player", make_team(session, "Player"))
    browser = sign_in(admin)
    browser.submit(f"/{kind}/player/edit", {"is_active": []})
    assert f"/{kind}/player" not in browser.get(f"/{kind}/").links
    page = browser.get(f"/{kind}/?show=all")
    assert f"/{kind}/player" in page.links
    assert "Out of use" in page.text
    assert "out of use" in browser.get(f"/{kind}/player").text
    browser.submit(f"/{kind}/player/edit", {"is_active": "y"})
    assert f"/{kind}/player" in browser.get(f"/{kind}/").links


@BOTH
def test_a_stale_form_shows_both_texts_and_saves_the_second_time(
    sign_in: SignInAs, admin: Person, session: Session, kind: str
) -> None:
    make_service(session, "Player", make_team(session, "Player"))
    browser, path = sign_in(admin), f"/{kind}/player/edit"
    stale = browser.get(path).forms[-1].data
    browser.submit(path, {"name": "Theirs"})
    page = browser.post(path, stale | {"name": "Mine"})
    assert page.status == 409
    assert "Your version" in page.text
    assert "Theirs" in page.text
    assert page.forms[-1].data["name"] == ["Mine"]
    assert session.scalars(select(MODELS[kind].name)).one() == "Theirs"
    assert browser.post(path, page.forms[-1].data).location == f"/{kind}/player"
    assert session.scalars(select(MODELS[kind].name)).one() == "Mine"


def test_two_admins_who_add_members_at_once_both_count(
    sign_in: SignInAs, admin: Person, author: Person, reader: Person, session: Session
) -> None:
    team = make_team(session, "Playback")
    browser = sign_in(admin)
    stale = browser.get("/teams/playback/edit").forms[-1].data
    browser.submit("/teams/playback/edit", {"members": [author.email]})
    page = browser.post("/teams/playback/edit", stale | {"members": [reader.email]})
    assert page.status == 409
    assert "Aino Author" in page.text
    session.expire_all()
    assert team.members == [author]


@BOTH
def test_bad_input_when_editing_changes_nothing(
    sign_in: SignInAs, admin: Person, session: Session, kind: str
) -> None:
    make_service(session, "Player", make_team(session, "Player"))
    page = sign_in(admin).submit(f"/{kind}/player/edit", {"name": " "})
    assert page.status == 422
    assert "Enter the " in page.text
    assert session.scalars(select(MODELS[kind].name)).one() == "Player"
