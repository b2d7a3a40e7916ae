"""Who sees and changes what: the clause for queries and the answers for one incident must agree."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person
from postmortem.accounts.operations import edit_team
from postmortem.errors import NotVisible
from postmortem.history.operations import CLI
from postmortem.incidents import rules
from postmortem.incidents.models import Incident
from postmortem.incidents.queries import visible_incident
from postmortem.web.visibility import visible
from tests.factories.accounts import make_person, make_team
from tests.factories.incidents import make_incident


def sees(session: Session, person: Person | None, incident: Incident) -> bool:
    """What the clause says; asserts that the rule for one incident and the single query say the same."""
    clause = session.scalar(select(Incident.id).where(rules.visible_to(person), Incident.id == incident.id))
    registered = session.scalar(
        select(Incident.id).where(visible("incident", person), Incident.id == incident.id)
    )
    try:
        found = visible_incident(session, person, incident.id) is incident
    except NotVisible:
        found = False
    assert (clause is not None) == (registered is not None) == rules.can_see(person, incident) == found
    return clause is not None


def test_an_open_one_is_there_for_everybody_who_is_signed_in(
    session: Session, author: Person, reader: Person, outsider: Person
) -> None:
    incident = make_incident(session, author)
    assert sees(session, reader, incident)
    assert sees(session, outsider, incident)
    assert not sees(session, None, incident)


def test_a_restricted_one_exists_for_who_filed_it_and_admins_only(
    session: Session, author: Person, admin: Person, facilitator: Person, reader: Person, outsider: Person
) -> None:
    incident = make_incident(session, author, restricted=True)
    assert sees(session, author, incident)
    assert sees(session, admin, incident)
    assert not sees(session, facilitator, incident)
    assert not sees(session, reader, incident)
    assert not sees(session, outsider, incident)


@pytest.mark.parametrize(
    "values",
    [
        {"lead": "otto-outsider@example.com"},
        {"participants": [("otto-outsider@example.com", "")]},
        {"teams": ["sound"]},
    ],
    ids=["lead", "participant", "team member"],
)
def test_a_restricted_one_exists_for_its_insiders(
    session: Session, author: Person, outsider: Person, reader: Person, values: dict[str, object]
) -> None:
    make_team(session, "Sound", outsider)
    incident = make_incident(session, author, restricted=True, **values)
    assert sees(session, outsider, incident)
    assert not sees(session, reader, incident)


def test_an_owner_of_an_action_sees_it_until_the_action_is_deleted(
    session: Session, author: Person, outsider: Person
) -> None:
    from postmortem.actions.drafts import ActionDraft
    from postmortem.actions.operations import add_actions, delete_action

    incident = make_incident(session, author, restricted=True)
    (action,) = add_actions(
        session, incident, [ActionDraft(title="Add an alarm", owner=outsider.email)], actor=author
    )
    session.commit()
    assert sees(session, outsider, incident)
    delete_action(session, action, actor=author)
    session.commit()
    assert not sees(session, outsider, incident)


def test_rights_follow_the_membership_of_today(session: Session, author: Person, outsider: Person) -> None:
    team = make_team(session, "Sound", outsider)
    incident = make_incident(session, author, restricted=True, teams=["sound"])
    edit_team(session, team, {"members": []}, version=team.version, actor=CLI)
    session.commit()
    assert not sees(session, outsider, incident)


def test_a_deactivated_person_sees_nothing(session: Session, author: Person) -> None:
    incident = make_incident(session, author)
    author.is_active = False
    session.commit()
    assert not sees(session, author, incident)


@pytest.mark.parametrize("role", list(Role))
def test_contributors_file_and_edit_what_they_see(session: Session, author: Person, role: Role) -> None:
    person = make_person(session, "Some Body", role=role.value)
    can = role != Role.READER
    assert rules.can_report(person) == can
    assert rules.can_edit(person, make_incident(session, author)) == can
    assert rules.can_edit(person, make_incident(session, author, restricted=True)) == (role == Role.ADMIN)


def test_only_insiders_restrict_and_open(
    session: Session, author: Person, outsider: Person, admin: Person, facilitator: Person
) -> None:
    incident = make_incident(session, author)
    assert rules.can_restrict(author, incident)
    assert rules.can_restrict(admin, incident)
    assert not rules.can_restrict(outsider, incident)
    assert not rules.can_restrict(facilitator, incident)


@pytest.mark.parametrize("number", [0, -1, 2, 2**31, 10**30])
def test_a_number_that_nothing_has_is_not_visible(session: Session, author: Person, number: int) -> None:
    make_incident(session, author)
    with pytest.raises(NotVisible):
        visible_incident(session, author, number)
