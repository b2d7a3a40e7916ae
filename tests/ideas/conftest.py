"""What the tests of ideas start from: a Thursday, an incident, and its author's browser."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.incidents.models import Incident
from tests.factories.incidents import make_incident
from tests.support.client import Browser

THURSDAY = datetime(2026, 3, 5, 9, tzinfo=UTC)
# Two working days after Thursday: the weekend does not count.
MONDAY = datetime(2026, 3, 9, 0, 0, tzinfo=UTC)
SUNDAY_NIGHT = datetime(2026, 3, 8, 23, 59, tzinfo=UTC)


@pytest.fixture
def now(frozen: Callable[[datetime], None]) -> None:
    frozen(THURSDAY)


@pytest.fixture
def incident(now: None, session: Session, author: Person) -> Incident:
    return make_incident(session, author, severity="sev1")


@pytest.fixture
def browser(author: Person, sign_in: Callable[[Person], Browser], incident: Incident) -> Browser:
    """The author's."""
    return sign_in(author)
