"""Whoever may see and change the incident may see and change what is on it."""

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.timeline import operations, rules
from tests.factories.incidents import make_incident
from tests.factories.timeline import make_event, make_factor


@pytest.mark.parametrize("restricted", [False, True])
def test_rules_follow_the_incident(
    session: Session, author: Person, outsider: Person, reader: Person, admin: Person, restricted: bool
) -> None:
    incident = make_incident(session, author, restricted=restricted)
    for thing in (make_event(session, incident), make_factor(session, incident)):
        assert rules.can_see(author, thing)
        assert rules.can_edit(author, thing)
        assert rules.can_edit(admin, thing)
        assert rules.can_see(reader, thing) is not restricted
        assert not rules.can_edit(reader, thing)
        assert rules.can_edit(outsider, thing) is not restricted
        assert not rules.can_see(None, thing)


def test_a_deleted_one_is_seen_by_nobody(session: Session, author: Person) -> None:
    event = make_event(session, make_incident(session, author))
    operations.delete_event(session, event, actor=author)
    session.commit()
    assert not rules.can_see(author, event)
    assert rules.can_edit(author, event)
