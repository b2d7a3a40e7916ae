"""Reading people, teams, services, sign-ins and links."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, selectinload

from postmortem import clock
from postmortem.accounts.enums import LinkPurpose
from postmortem.accounts.models import Identity, Person, Service, SignIn, SingleUseLink, Team
from postmortem.accounts.tokens import token_hash
from postmortem.config_parts import SessionLimits
from postmortem.errors import Refused

Owned = TypeVar("Owned", Team, Service)


def has_people(session: Session) -> bool:
    """Whether anybody is there yet; the first set-up exists only while nobody is."""
    return bool(session.scalar(select(exists().select_from(Person))))


def person_by_email(session: Session, email: str) -> Person | None:
    return session.scalar(select(Person).where(Person.email == email.strip().lower()))


def person_to_sign_in(session: Session, person_id: int) -> Person | None:
    """An active person as of now, held until the transaction ends: a new password or a deactivation that comes at
    the same moment waits, and then finds the sign-in that it has to end."""
    return session.scalar(
        select(Person)
        .where(Person.id == person_id, Person.is_active)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def names_of(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    """The names of these people by id."""
    wanted = {each for each in ids if each is not None}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def all_people(session: Session) -> Sequence[Person]:
    """Everybody, active first, by name; with their teams loaded."""
    return session.scalars(
        select(Person)
        .options(selectinload(Person.teams))
        .order_by(Person.is_active.desc(), Person.name, Person.id)
    ).all()


def active_people(session: Session) -> Sequence[Person]:
    """Whom a form may name, by name."""
    return session.scalars(select(Person).where(Person.is_active).order_by(Person.name, Person.id)).all()


def all_teams(session: Session) -> Sequence[Team]:
    """Every team, active first, by name; with members and services loaded."""
    return session.scalars(
        select(Team)
        .options(selectinload(Team.members), selectinload(Team.services))
        .order_by(Team.is_active.desc(), Team.name, Team.id)
    ).all()


def active_teams(session: Session) -> Sequence[Team]:
    return session.scalars(select(Team).where(Team.is_active).order_by(Team.name, Team.id)).all()


def team_by_slug(session: Session, slug: str) -> Team | None:
    return session.scalar(select(Team).where(Team.slug == slug))


def all_services(session: Session) -> Sequence[Service]:
    """Every service, active first, by name; with its team loaded."""
    return session.scalars(
        select(Service)
        .options(selectinload(Service.team))
        .order_by(Service.is_active.desc(), Service.name, Service.id)
    ).all()


def service_by_slug(session: Session, slug: str) -> Service | None:
    return session.scalar(select(Service).where(Service.slug == slug))


# What forms offer: columns and no entities, because a form is filled on every post, also where few are chosen.
_PEOPLE = select(Person.email, Person.name).where(Person.is_active).order_by(Person.name, Person.id)
_TEAMS = select(Team.slug, Team.name).where(Team.is_active).order_by(Team.name, Team.id)
_SERVICES = select(Service.slug, Service.name).where(Service.is_active).order_by(Service.name, Service.id)


def people_to_choose(session: Session) -> Sequence[Any]:
    """Whom a form may name: `email` and `name`, by name."""
    return session.connection().execute(_PEOPLE).all()


def teams_to_choose(session: Session) -> Sequence[Any]:
    """The teams that a form may name: `slug` and `name`, by name."""
    return session.connection().execute(_TEAMS).all()


def services_to_choose(session: Session) -> Sequence[Any]:
    """The services that a form may name: `slug` and `name`, by name."""
    return session.connection().execute(_SERVICES).all()


def people_with_emails(session: Session, emails: Iterable[str]) -> list[Person]:
    """The people with these addresses, in this order; for who was merged into another, that other, once.

    Raises Refused for an unknown one.
    """
    wanted = [email.strip().lower() for email in emails]
    found = {
        person.email: person for person in session.scalars(select(Person).where(Person.email.in_(wanted)))
    }
    for email, person in found.items():
        if person.merged_into_id is not None:
            found[email] = session.get_one(Person, person.merged_into_id)
    for email in wanted:
        if email not in found:
            raise Refused(f"Nobody here has the address {email}.")
    return list(dict.fromkeys(found[email] for email in wanted))


def teams_with_slugs(session: Session, slugs: Iterable[str]) -> list[Team]:
    """The teams with these slugs. Raises Refused for an unknown one."""
    return _all_with_slugs(session, Team, list(slugs), "team")


def services_with_slugs(session: Session, slugs: Iterable[str]) -> list[Service]:
    """The services with these slugs. Raises Refused for an unknown one."""
    return _all_with_slugs(session, Service, list(slugs), "service")


def _all_with_slugs(session: Session, model: type[Owned], slugs: list[str], word: str) -> list[Owned]:
    found = {row.slug: row for row in session.scalars(select(model).where(model.slug.in_(slugs)))}
    for slug in slugs:
        if slug not in found:
            raise Refused(f"There is no {word} “{slug}”.")
    return [found[slug] for slug in slugs]


def teams_of(session: Session, person: Person) -> Sequence[Team]:
    """The teams that a person is a member of, by name."""
    return session.scalars(
        select(Team).where(Team.members.any(Person.id == person.id)).order_by(Team.name, Team.id)
    ).all()


def issuers_of(session: Session, person: Person) -> Sequence[str]:
    """The OpenID Connect providers that vouch for a person."""
    issuers = select(Identity.issuer).where(Identity.person_id == person.id).distinct()
    return session.scalars(issuers.order_by(Identity.issuer)).all()


def sign_ins_of(session: Session, person: Person, lasts: SessionLimits) -> Sequence[SignIn]:
    """The browsers that a person is signed in with and may still use, the one seen last first."""
    now = clock.now()
    return session.scalars(
        select(SignIn)
        .where(
            SignIn.person_id == person.id,
            SignIn.created_at > now - lasts.absolute,
            SignIn.last_seen_at > now - lasts.idle,
        )
        .order_by(SignIn.last_seen_at.desc(), SignIn.id.desc())
        .limit(200)
    ).all()


def usable_link(session: Session, purpose: LinkPurpose, token: str) -> SingleUseLink | None:
    """The link with this token, if it is for this purpose, unused and not expired."""
    return session.scalar(
        select(SingleUseLink).where(
            SingleUseLink.token_hash == token_hash(token),
            SingleUseLink.purpose == purpose,
            SingleUseLink.used_at.is_(None),
            SingleUseLink.expires_at > clock.now(),
        )
    )
