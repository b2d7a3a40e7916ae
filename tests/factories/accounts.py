"""People, teams and services for tests; committed at once."""

from functools import cache

from sqlalchemy.orm import Session

from postmortem.accounts import operations
from postmortem.accounts.enums import Role
from postmortem.accounts.models import Person, Service, Team
from postmortem.accounts.passwords import hash_password
from postmortem.history.operations import CLI
from postmortem.text.slugs import slugify
from tests.support.client import PASSWORD


@cache
def _hash() -> str:
    return hash_password(PASSWORD)


def make_person(session: Session, name: str, *, role: str = "contributor", timezone: str = "UTC") -> Person:
    """A person who signs in with PASSWORD; the address is made from the name."""
    person = operations.add_person(
        session,
        email=f"{slugify(name)}@example.com",
        name=name,
        role=Role(role),
        timezone=timezone,
        actor=CLI,
    )
    person.password_hash = _hash()
    session.commit()
    return person


def make_team(session: Session, name: str, *members: Person) -> Team:
    team = operations.add_team(session, slug=slugify(name), name=name, members=list(members), actor=CLI)
    session.commit()
    return team


def make_service(session: Session, name: str, team: Team | None = None) -> Service:
    service = operations.add_service(session, slug=slugify(name), name=name, team=team, actor=CLI)
    session.commit()
    return service
