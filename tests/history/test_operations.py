"""History says what changed, in plain values, and nothing when nothing did."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person, Team
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import CLI, created, record, set_fields
from tests.factories.accounts import make_person, make_team


def entries(session: Session) -> list[HistoryEntry]:
    return list(session.scalars(select(HistoryEntry).order_by(HistoryEntry.id)))


def test_a_record_says_who_did_what_to_whom_and_when(session: Session, frozen, admin: Person) -> None:
    team = make_team(session, "Playback")
    frozen(datetime(2026, 3, 9, 14, 5, tzinfo=UTC))
    record(session, "renamed", team, actor=admin, changes={"name": ["Playback", "Play"]})
    session.commit()
    entry = entries(session)[-1]
    assert (entry.actor_id, entry.actor_name) == (admin.id, "Ada Admin")
    assert (entry.subject_type, entry.subject_id) == ("teams", team.id)
    assert entry.sentence == "renamed team Playback"
    assert entry.at == datetime(2026, 3, 9, 14, 5, tzinfo=UTC)
    assert entry.changes == {"name": ["Playback", "Play"]}
    assert entry.incident_id is None


def test_a_change_by_the_program_has_a_name_but_no_person(session: Session) -> None:
    make_person(session, "Ada Admin")
    assert (entries(session)[-1].actor_id, entries(session)[-1].actor_name) == (None, "cli")


def test_a_new_record_gets_its_id_before_it_is_recorded(session: Session) -> None:
    team = Team(slug="new-one", name="New one")
    session.add(team)
    record(session, "added", team, actor=CLI)
    session.commit()
    assert entries(session)[-1].subject_id == team.id


def test_long_names_and_labels_fit_their_columns(session: Session) -> None:
    team = make_team(session, "T")
    team.name = "x" * 100
    actor = type("Long", (), {"id": None, "name": "y" * 400})()
    record(session, "z", team, actor=actor)
    session.commit()
    assert len(entries(session)[-1].actor_name) == 200


def test_a_verb_that_postgresql_would_refuse_is_refused_everywhere(session: Session) -> None:
    with pytest.raises(ValueError, match="at most 40 characters"):
        record(session, "x" * 41, make_team(session, "T"), actor=CLI)


def test_only_what_differs_is_set_and_named(session: Session, author: Person) -> None:
    changes = set_fields(author, {"name": author.name, "role": Role.ADMIN, "handle": "aino"})
    assert changes == {"role": ["contributor", "admin"], "handle": [None, "aino"]}
    assert (author.role, author.handle) == (Role.ADMIN, "aino")
    assert set_fields(author, {"role": Role.ADMIN}) == {}
    json.dumps(changes)


def test_one_moment_in_two_zones_is_no_change(session: Session, author: Person) -> None:
    there = author.created_at.astimezone(timezone(timedelta(hours=2)))
    assert set_fields(author, {"created_at": there}) == {}


def test_relations_are_compared_by_their_names_whatever_the_order(
    session: Session, author: Person, reader: Person
) -> None:
    team = make_team(session, "Playback", author, reader)
    assert set_fields(team, {"members": [reader, author]}) == {}
    assert set_fields(team, {"members": [reader]}) == {
        "members": [[author.email, reader.email], [reader.email]]
    }


def test_members_that_come_or_go_make_a_new_version(session: Session, author: Person) -> None:
    team = make_team(session, "Playback")
    before = team.version
    set_fields(team, {"members": [author]})
    session.commit()
    assert team.version == before + 1
    set_fields(team, {"members": [author]})
    session.commit()
    assert team.version == before + 1
    set_fields(team, {"members": [], "name": "Play"})
    session.commit()
    assert team.version == before + 2


def test_an_unknown_field_is_an_error(session: Session, author: Person) -> None:
    with pytest.raises(AttributeError):
        set_fields(author, {"no_such_field": 1})


def test_created_names_what_is_not_blank(session: Session, author: Person) -> None:
    author.is_active = False
    author.version = 0
    found = created(author, ("email", "handle", "is_active", "role", "teams", "version"))
    assert found == {"email": [None, author.email], "role": [None, "contributor"], "version": [None, 0]}
