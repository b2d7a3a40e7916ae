"""Who sees and changes an action: whoever sees its incident, and its owner."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions import rules
from postmortem.actions.models import Action
from postmortem.actions.operations import delete_action
from postmortem.history.operations import CLI
from postmortem.web.visibility import visible
from tests.factories.accounts import make_team
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident


def seen_by(session: Session, person: Person | None) -> list[str]:
    """The titles that the rule lets through; what lists count is the same."""
    titles = select(Action.title).order_by(Action.id)
    seen = list(session.scalars(titles.where(visible("action", person))))
    assert list(session.scalars(titles.where(rules.counted_for(person)))) == seen
    return seen


@pytest.fixture
def restricted(session: Session, author: Person) -> Action:
    return make_action(session, make_incident(session, author, restricted=True), "Restricted")


def test_an_action_of_an_open_incident_is_there_for_everybody_signed_in(
    session: Session, author: Person, reader: Person
) -> None:
    make_action(session, make_incident(session, author), "Open")
    assert seen_by(session, reader) == ["Open"]
    assert seen_by(session, None) == []
    reader.is_active = False
    assert seen_by(session, reader) == []


def test_a_restricted_one_is_there_for_whom_its_incident_is(
    session: Session,
    restricted: Action,
    author: Person,
    admin: Person,
    facilitator: Person,
    outsider: Person,
) -> None:
    assert seen_by(session, author) == seen_by(session, admin) == ["Restricted"]
    assert seen_by(session, facilitator) == seen_by(session, outsider) == []
    assert not rules.can_see(outsider, restricted)
    assert rules.can_see(author, restricted)


def test_owning_an_action_opens_its_incident(session: Session, restricted: Action, reader: Person) -> None:
    owned = make_action(session, restricted.incident, "Owned", owner=reader)
    assert seen_by(session, reader) == ["Restricted", "Owned"]
    delete_action(session, owned, actor=CLI)
    session.commit()
    assert seen_by(session, reader) == []


def test_a_deleted_action_is_not_there(session: Session, restricted: Action, author: Person) -> None:
    delete_action(session, restricted, actor=CLI)
    session.commit()
    assert seen_by(session, author) == []
    assert not rules.can_see(author, restricted)
    found = select(Action.id).where(rules.of_visible_incident(author))
    assert session.scalars(found).all() == [restricted.id]


def test_contributors_and_the_owner_change_it(
    session: Session, author: Person, outsider: Person, reader: Person, restricted: Action
) -> None:
    incident = make_incident(session, author)
    action = make_action(session, incident)
    assert rules.can_edit(author, action)
    assert rules.can_edit(outsider, action)
    assert not rules.can_edit(reader, action)
    assert not rules.can_edit(outsider, restricted)
    owned = make_action(session, incident, owner=reader)
    assert rules.can_edit(reader, owned)
    reader.is_active = False
    assert not rules.can_edit(reader, owned)


def test_a_team_sees_the_actions_of_its_restricted_incident(
    session: Session, author: Person, outsider: Person
) -> None:
    team = make_team(session, "Playback", outsider)
    make_action(session, make_incident(session, author, restricted=True, teams=[team.slug]), "Ours")
    assert seen_by(session, outsider) == ["Ours"]
