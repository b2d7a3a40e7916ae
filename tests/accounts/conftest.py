"""What the tests of single sign-on share."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from tests.factories.accounts import make_person
from tests.support.oidc_provider import FakeProvider, fake_provider


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    """An OpenID Connect provider on this machine that behaves until told otherwise."""
    monkeypatch.setenv("NO_PROXY", "*")
    with fake_provider() as found:
        yield found


@pytest.fixture
def ada(session: Session, admin: Person) -> Person:
    """Whom the provider vouches for; an admin with a password is there besides."""
    person = make_person(session, "Ada", role="contributor")
    assert person.email == "ada@example.com"
    return person
