"""Changing people, teams and services. Sign-ins, links and passwords: `operations_sign_in.py`."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.enums import Role
from postmortem.accounts.models import Identity, Person, Service, SignIn, SingleUseLink, Team
from postmortem.accounts.notices import Notice, owe_notice
from postmortem.accounts.passwords import hash_password
from postmortem.accounts.queries import person_by_email
from postmortem.errors import Conflict, Refused
from postmortem.history.operations import Actor, created, record, set_fields
from postmortem.text.slugs import slugify
from postmortem.web import zones

PERSON_FIELDS = ("email", "name", "handle", "role", "timezone", "is_active")
SLUG_MAX = 60
# `/teams/new` and `/services/new` are pages.
RESERVED_SLUGS = frozenset({"new"})


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
    values = _checked(
        session, {"email": email, "name": name, "handle": handle, "timezone": timezone, "role": role}
    )
    person = Person(
        **values,
        is_active=True,
        password_hash=None
        if password is None
        else hash_password(password, own=(values["email"], values["name"])),
        created_at=clock.now(),
    )
    session.add(person)
    session.flush()
    record(session, "added", person, actor=actor, changes=created(person, PERSON_FIELDS))
    return person


def edit_person(
    session: Session, person: Person, values: Mapping[str, Any], *, version: int | None, actor: Actor
) -> None:
    """Change a person's fields. Deactivating ends their sign-ins and links at once.

    Raises Conflict for a stale version, Refused for a taken address or handle, for the last admin, and for
    somebody who was merged or anonymised. A new address ends links that went to the one before.
    """
    check_version(person, version)
    values = _checked(session, values, but=person)
    if person.merged_into_id or person.anonymised_at:
        raise Refused("This account was merged into another or anonymised, and stays closed.")
    stays_admin = values.get("role", person.role) == Role.ADMIN and values.get("is_active", person.is_active)
    if person.role == Role.ADMIN and person.is_active and not stays_admin:
        keep_an_admin(session, person)
    if changes := set_fields(person, values):
        if not person.is_active:
            session.execute(delete(SignIn).where(SignIn.person_id == person.id))
        if not person.is_active or "email" in changes:
            session.execute(delete(SingleUseLink).where(SingleUseLink.person_id == person.id))
        record(session, "edited", person, actor=actor, changes=changes)
        if person.is_active and "email" in changes:
            owe_notice(session, person, Notice.EMAIL_CHANGED, address=changes["email"][0])


def _checked(session: Session, values: Mapping[str, Any], *, but: Person | None = None) -> dict[str, Any]:
    """The values as they are stored; raises Refused for the first one that cannot be."""
    checked = dict(values)
    if "email" in checked:
        checked["email"] = checked_email(checked["email"])
        other = person_by_email(session, checked["email"])
        if other is not None and other is not but:
            raise Refused(f"Somebody here already has the address {checked['email']}.", field="email")
    if "name" in checked:
        checked["name"] = checked_name(checked["name"])
    if "timezone" in checked and not zones.is_zone(checked["timezone"]):
        raise Refused(f"There is no time zone “{checked['timezone']}”.", field="timezone")
    if "handle" in checked:
        # Blank is stored as nothing: the column is unique, and many people have no handle.
        handle = checked["handle"] = (checked["handle"] or "").strip().removeprefix("@") or None
        other = session.scalar(select(Person).where(Person.handle == handle)) if handle else None
        if other is not None and other is not but:
            raise Refused(f"Somebody here already has the handle {handle}.", field="handle")
    return checked


def checked_email(email: str) -> str:
    """The address in lower case. Raises Refused (field `email`) when it is none."""
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Refused("Enter an e-mail address like ada@example.com.", field="email") from error
    return found.normalized.lower()


def checked_name(name: str) -> str:
    """The name without white space at its ends. Raises Refused (field `name`) when nothing is left."""
    if not name.strip():
        raise Refused("Enter a name.", field="name")
    return name.strip()


def keep_an_admin(session: Session, person: Person) -> None:
    """Raise Refused where nobody else could administer. The rows are locked, so that two admins who
    deactivate each other at the same moment do not both succeed.

    Whoever has no password and came through no provider yet cannot sign in; nor can who was merged or anonymised.
    """
    has_a_way_in = Person.password_hash.is_not(None) | exists().where(Identity.person_id == Person.id)
    admins = (
        select(Person.id)
        .where(
            Person.role == Role.ADMIN,
            Person.is_active,
            Person.merged_into_id.is_(None),
            Person.anonymised_at.is_(None),
            has_a_way_in,
        )
        .order_by(Person.id)
        .with_for_update(of=Person)
    )
    if not set(session.scalars(admins)) - {person.id}:
        raise Refused(
            "This is the last admin who can sign in. Make somebody else an admin first.", field="role"
        )


def check_version(subject: Any, version: int | None) -> None:
    """Raise Conflict when a form started from another version than the stored one."""
    if version is not None and version != subject.version:
        raise Conflict


def add_team(
    session: Session, *, name: str, actor: Actor, slug: str = "", members: list[Person] | None = None
) -> Team:
    """Add a team; a blank slug is made from the name. Refuses a slug that is taken or none."""
    team = Team(slug=_free_slug(session, Team, slug, name), name=checked_name(name), members=members or [])
    session.add(team)
    session.flush()
    record(session, "added", team, actor=actor, changes=created(team, ("slug", "name", "members")))
    return team


def edit_team(
    session: Session, team: Team, values: Mapping[str, Any], *, version: int | None, actor: Actor
) -> None:
    """Change a team's `name`, `members` or `is_active`. The slug stays: addresses and imports use it.

    Raises Conflict for a stale version.
    """
    check_version(team, version)
    if changes := set_fields(team, values):
        record(session, "edited", team, actor=actor, changes=changes)


def add_service(session: Session, *, name: str, team: Team | None, actor: Actor, slug: str = "") -> Service:
    """Add a service; a blank slug is made from the name. Refuses a slug that is taken or none."""
    service = Service(slug=_free_slug(session, Service, slug, name), name=checked_name(name), team=team)
    session.add(service)
    session.flush()
    record(session, "added", service, actor=actor, changes=created(service, ("slug", "name", "team")))
    return service


def edit_service(
    session: Session, service: Service, values: Mapping[str, Any], *, version: int | None, actor: Actor
) -> None:
    """Change a service's `name`, `team` or `is_active`. The slug stays. Raises Conflict for a stale version."""
    check_version(service, version)
    if changes := set_fields(service, values):
        record(session, "edited", service, actor=actor, changes=changes)


def _free_slug(session: Session, model: type[Team] | type[Service], slug: str, name: str) -> str:
    """The slug to use. Raises Refused (field `slug`) for one that is taken, reserved or no slug."""
    word = model.__name__.lower()
    chosen = slug or slugify(name, max_length=SLUG_MAX)
    if chosen != slugify(chosen, max_length=SLUG_MAX):
        raise Refused(
            f"Use a to z, 0 to 9 and single hyphens, for example {slugify(chosen, max_length=SLUG_MAX)}.",
            field="slug",
        )
    if chosen in RESERVED_SLUGS:
        raise Refused(f"“{chosen}” is an address of this program. Choose another short name.", field="slug")
    if session.scalar(select(model.id).where(model.slug == chosen)) is not None:
        raise Refused(f"There is already a {word} “{chosen}”. Choose another short name.", field="slug")
    return chosen
