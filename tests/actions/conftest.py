"""What the tests of actions start from."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.actions.models import Action
from postmortem.incidents.models import Incident
from tests.factories.actions import make_action
from tests.factories.incidents import make_incident
from tests.support.client import Browser


@pytest.fixture
def incident(session: Session, author: Person) -> Incident:
    return make_incident(session, author, severity="sev2")


@pytest.fixture
def action(session: Session, incident: Incident) -> Action:
    return make_action(session, incident)


@pytest.fixture
def browser(author: Person, sign_in: Callable[[Person], Browser]) -> Browser:
    """The author's."""
    return sign_in(author)
