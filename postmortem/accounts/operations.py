"""Changing people, teams and services; sign-ins and single-use links."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.enums import LinkPurpose, Role
from postmortem.accounts.models import Person, Service, SignIn, SingleUseLink, Team
from postmortem.accounts.passwords import hash_password
from postmortem.accounts.queries import has_people, person_by_email
from postmortem.accounts.tokens import new_token, token_hash
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Actor, created, record, set_fields
from postmortem.web import zones

LINK_LIFE = timedelta(days=7)
PERSON_FIELDS = ("email", "name", "handle", "role", "timezone", "is_active")


def add_person(
    session: Session,
    *,
    email: str,
    name: str,
    role: Role,
    actor: Actor,
    handle: str | None = None,
    timezone: str = "UTC",
    password: str | None = None,
) -> Person:
    """Add a person. Refuses an address or handle that is taken, an invalid address, a weak password."""
    email = checked_email(email)
    if not name.strip():
        raise Refused("Enter a name.", field="name")
    if not zones.is_zone(timezone):
        raise Refused(f"There is no time zone “{timezone}”.", field="timezone")
    if person_by_email(session, email):
        raise Refused(f"Somebody here already has the address {email}.", field="email")
    _check_handle(session, handle)
    person = Person(
        email=email,
        name=name.strip(),
        handle=handle or None,
        role=role,
        timezone=timezone,
        is_active=True,
        password_hash=hash_password(password) if password is not None else None,
        created_at=clock.now(),
    )
    session.add(person)
    session.flush()
    record(session, "added", person, actor=actor, changes=created(person, PERSON_FIELDS))
    return person


def checked_email(email: str) -> str:
    """The address in lower case. Raises Refused (field `email`) when it is none."""
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Refused("Enter an e-mail address like ada@example.com.", field="email") from error
    return found.normalized.lower()


def _check_handle(session: Session, handle: str | None, *, but: Person | None = None) -> None:
    if not handle:
        return
    other = session.scalar(select(Person).where(Person.handle == handle))
    if other is not None and other is not but:
        raise Refused(f"Somebody here already has the handle {handle}.", field="handle")


def edit_person(
    session: Session, person: Person, values: Mapping[str, Any], *, version: int | None, actor: Actor
) -> None:
    """Change a person's fields (and `teams`). Deactivating ends their sign-ins at once.

    Raises Conflict for a stale version, Refused for a taken address or handle and for the last admin.
    """
    check_version(person, version)
    values = dict(values)
    if "email" in values:
        values["email"] = checked_email(values["email"])
        other = person_by_email(session, values["email"])
        if other is not None and other is not person:
            raise Refused(f"Somebody here already has the address {values['email']}.", field="email")
    _check_handle(session, values.get("handle"), but=person)
    stays_admin = values.get("role", person.role) == Role.ADMIN and values.get("is_active", person.is_active)
    if person.role == Role.ADMIN and person.is_active and not stays_admin:
        _keep_an_admin(session, person)
    if changes := set_fields(person, values):
        if not person.is_active:
            session.execute(delete(SignIn).where(SignIn.person_id == person.id))
        record(session, "edited", person, actor=actor, changes=changes)


def _keep_an_admin(session: Session, person: Person) -> None:
    others = select(Person.id).where(
        Person.role == Role.ADMIN, Person.is_active, Person.id != person.id, Person.password_hash.is_not(None)
    )
    if session.scalar(others) is None:
        raise Refused(
            "This is the last admin who can sign in. Make somebody else an admin first.", field="role"
        )


def check_version(subject: Any, version: int | None) -> None:
    """Raise Conflict when a form started from another version than the stored one."""
    if version is not None and version != subject.version:
        raise Conflict


def add_team(
    session: Session, *, slug: str, name: str, actor: Actor, members: list[Person] | None = None
) -> Team:
    """Add a team. Refuses a slug that is taken."""
    _check_slug(session, Team, slug, "team")
    team = Team(slug=slug, name=name, members=members or [])
    session.add(team)
    session.flush()
    record(session, "added", team, actor=actor, changes=created(team, ("slug", "name", "members")))
    return team


def edit_team(
    session: Session, team: Team, values: Mapping[str, Any], *, version: int | None, actor: Actor
) -> None:
    """Change a team's `name`, `members` or `is_active`. The slug stays: addresses and imports use it."""
    check_version(team, version)
    if changes := set_fields(team, values):
        record(session, "edited", team, actor=actor, changes=changes)


def add_service(session: Session, *, slug: str, name: str, team: Team | None, actor: Actor) -> Service:
    """Add a service. Refuses a slug that is taken."""
    _check_slug(session, Service, slug, "service")
    service = Service(slug=slug, name=name, team=team)
    session.add(service)
    session.flush()
    record(session, "added", service, actor=actor, changes=created(service, ("slug", "name", "team")))
    return service


def edit_service(
    session: Session, service: Service, values: Mapping[str, Any], *, version: int | None, actor: Actor
) -> None:
    """Change a service's `name`, `team` or `is_active`. The slug stays."""
    check_version(service, version)
    if changes := set_fields(service, values):
        record(session, "edited", service, actor=actor, changes=changes)


def _check_slug(session: Session, model: type[Team] | type[Service], slug: str, word: str) -> None:
    if session.scalar(select(model.id).where(model.slug == slug)) is not None:
        raise Refused(f"There is already a {word} “{slug}”. Choose another short name.", field="slug")


def start_session(session: Session, person: Person, *, user_agent: str = "") -> str:
    """Sign a person in: a new row, and the token for the cookie."""
    token = new_token()
    now = clock.now()
    session.add(
        SignIn(
            token_hash=token_hash(token),
            person_id=person.id,
            created_at=now,
            last_seen_at=now,
            user_agent=user_agent[:200],
        )
    )
    return token


def end_session(session: Session, token: str) -> None:
    """Sign out: the row goes, and a copied cookie is worth nothing."""
    session.execute(delete(SignIn).where(SignIn.token_hash == token_hash(token)))


def issue_password_link(session: Session, person: Person) -> str:
    """A token for a single-use link to set a password, valid 7 days; earlier ones stop working."""
    session.execute(
        delete(SingleUseLink).where(
            SingleUseLink.person_id == person.id, SingleUseLink.purpose == LinkPurpose.PASSWORD
        )
    )
    return _issue(session, LinkPurpose.PASSWORD, person.id)


def issue_setup_code(session: Session) -> str:
    """The code that guards the first set-up; a new one at each start, earlier ones stop working."""
    if has_people(session):
        raise Refused("This site is set up already.")
    session.execute(delete(SingleUseLink).where(SingleUseLink.purpose == LinkPurpose.SETUP))
    return _issue(session, LinkPurpose.SETUP, None)


def _issue(session: Session, purpose: LinkPurpose, person_id: int | None) -> str:
    token = new_token()
    now = clock.now()
    session.add(
        SingleUseLink(
            purpose=purpose,
            token_hash=token_hash(token),
            person_id=person_id,
            created_at=now,
            expires_at=now + LINK_LIFE,
        )
    )
    return token


def set_password(session: Session, link: SingleUseLink, password: str) -> Person:
    """Set the password of the link's person, use the link up and end their other sign-ins.

    Raises Refused for a weak password or a deactivated person, and where a twin request was faster.
    """
    person = session.get_one(Person, link.person_id)
    if not person.is_active:
        raise Refused("This account is deactivated. Ask an admin.")
    person.password_hash = hash_password(password)
    _use_up(session, link)
    session.execute(delete(SignIn).where(SignIn.person_id == person.id))
    record(session, "set the password of", person, actor=person)
    return person


def _use_up(session: Session, link: SingleUseLink) -> None:
    used = session.execute(
        update(SingleUseLink)
        .where(SingleUseLink.id == link.id, SingleUseLink.used_at.is_(None))
        .values(used_at=clock.now())
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused("This link was used already. Ask an admin for a new one.")


def set_up(
    session: Session, link: SingleUseLink, *, email: str, name: str, password: str, timezone: str
) -> Person:
    """Make the first admin and use the set-up code up. Refuses when somebody is there already."""
    if has_people(session):
        raise Refused("This site is set up already.")
    _use_up(session, link)
    return add_person(
        session,
        email=email,
        name=name,
        role=Role.ADMIN,
        password=password,
        timezone=timezone,
        actor=_SetUp(name),
    )


class _SetUp:
    """The first admin, before there is a row to point at."""

    id = None

    def __init__(self, name: str) -> None:
        self.name = name


def touch_session(session: Session, sign_in_id: int) -> None:
    """Remember that a sign-in is in use."""
    session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(last_seen_at=clock.now()))
