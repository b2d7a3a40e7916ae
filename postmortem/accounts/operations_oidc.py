"""Sign-ins at an OpenID Connect provider: begun, taken back once, and turned into a person of ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts import queries
from postmortem.accounts.enums import Role, SignInMethod
from postmortem.accounts.models import Identity, OidcRequest, Person, SignIn, Team
from postmortem.accounts.notices import Notice, owe_notice
from postmortem.accounts.oidc_claims import (
    Claims,
    SignInRefused,
    follows_roles,
    name_of,
    role_of,
    vouched_address,
    words,
    zone_of,
)
from postmortem.accounts.operations import add_person, checked_email, edit_person, edit_team
from postmortem.accounts.tokens import new_token, token_hash
from postmortem.config_parts import Oidc
from postmortem.errors import Refused
from postmortem.history.operations import NOBODY, SITE, Actor, SystemActor, record

# How long somebody may take at the provider. The cookie that binds the browser lives as long.
REQUEST_LIFE = timedelta(minutes=10)
PATH_MAX = 500
SINGLE_SIGN_ON = SystemActor("single sign-on")


@dataclass(frozen=True)
class Begun:
    """A sign-in on its way: what comes back, what the token must hold, what proves that it was us, and where to go."""

    state: str
    nonce: str
    verifier: str
    next_path: str


def new_request(next_path: str) -> Begun:
    """What a sign-in needs, not remembered yet."""
    return Begun(new_token(), new_token(), new_token(), next_path if len(next_path) <= PATH_MAX else "/")


def begin_request(session: Session, browser: str, begun: Begun) -> None:
    """Remember a sign-in that this browser begins; forgets the ones nobody came back from.

    `browser` is a secret that only this browser's cookie holds. It is part of what is looked up, so that a
    state brought back by another browser is as unknown as an invented one, and uses nothing up.
    """
    session.execute(delete(OidcRequest).where(OidcRequest.created_at <= clock.now() - REQUEST_LIFE))
    session.add(
        OidcRequest(
            state_hash=token_hash(f"{browser}.{begun.state}"),
            nonce=begun.nonce,
            code_verifier=begun.verifier,
            next_path=begun.next_path,
            created_at=clock.now(),
        )
    )


def take_request(session: Session, browser: str, state: str) -> Begun | None:
    """The sign-in that this browser began with this state; only the first who asks gets it."""
    taken = session.execute(
        delete(OidcRequest)
        .where(OidcRequest.state_hash == token_hash(f"{browser}.{state}"))
        .returning(
            OidcRequest.nonce, OidcRequest.code_verifier, OidcRequest.next_path, OidcRequest.created_at
        ),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    if taken is None or taken.created_at <= clock.now() - REQUEST_LIFE:
        return None
    return Begun(state, taken.nonce, taken.code_verifier, taken.next_path)


def record_refusal(session: Session, refused: SignInRefused) -> None:
    """Note in history that nobody was signed in, and why in our words."""
    person = session.get(Person, refused.person_id) if refused.person_id is not None else None
    record(
        session,
        "was refused at single sign-on for",
        person or SITE,
        actor=NOBODY,
        changes={"reason": [None, refused.reason]},
    )


def person_from_claims(
    session: Session, settings: Oidc, claims: Claims, *, actor: Actor = SINGLE_SIGN_ON
) -> Person:
    """Whom the provider vouches for, with role and teams as the claims have them now.

    Issuer and subject are the key. A subject that comes for the first time is linked to the person with the
    same address, or added, and both only with an address that the provider checked.
    Raises SignInRefused. A twin request may make it fail with IntegrityError; try again in a new transaction.
    """
    person = session.scalar(
        select(Person)
        .join(Identity, Identity.person_id == Person.id)
        .where(Identity.issuer == settings.issuer, Identity.subject == claims["sub"])
        .with_for_update(of=Person)
    )
    is_new = False
    if person is None:
        person, is_new = _person_with_address(session, settings, claims, actor=actor)
    if not person.is_active or person.merged_into_id is not None or person.anonymised_at is not None:
        raise SignInRefused(
            "the account is deactivated",
            "This account is deactivated. Ask an admin.",
            status=403,
            person_id=person.id,
        )
    if follows_roles(settings) and not is_new:
        _follow_role(session, person, role_of(settings, claims), actor=actor)
    if settings.teams_claim:
        _follow_teams(session, person, words(claims, settings.teams_claim), actor=actor)
    return person


def unlink(session: Session, person: Person, *, actor: Actor) -> None:
    """Let no subject be this person any more, and end their sessions by single sign-on.

    The next checked sign-in with their address links anew: for a new account at the provider.
    """
    issuers = list(queries.issuers_of(session, person))
    session.execute(delete(Identity).where(Identity.person_id == person.id))
    session.execute(delete(SignIn).where(SignIn.person_id == person.id, SignIn.method == SignInMethod.OIDC))
    if issuers:
        changes = {"issuer": [", ".join(issuers), None]}
        record(session, "unlinked the provider's account from", person, actor=actor, changes=changes)


def _person_with_address(
    session: Session, settings: Oidc, claims: Claims, *, actor: Actor
) -> tuple[Person, bool]:
    """Link or add. What an unchecked address gets told does not depend on whether somebody here has it."""
    address = vouched_address(claims)
    if address is None:
        raise SignInRefused(
            "the provider has not checked the e-mail address",
            f"Nobody was signed in, because {settings.name} does not say that it has checked your e-mail address. "
            "Confirm the address there, or ask an admin.",
            status=403,
        )
    try:
        address = checked_email(address)
    except Refused:
        raise SignInRefused("the provider named no valid e-mail address", status=403) from None
    person, is_new = queries.person_by_email(session, address), False
    if person is None:
        person, is_new = _new_person(session, settings, claims, address, actor=actor), True
    elif _is_linked(session, settings, person, claims["sub"]):
        return person, is_new
    if person.is_active:
        session.add(
            Identity(
                issuer=settings.issuer, subject=claims["sub"], person_id=person.id, created_at=clock.now()
            )
        )
        changes = {"issuer": [None, settings.issuer]}
        record(session, "linked the provider's account to", person, actor=actor, changes=changes)
        if not is_new:
            owe_notice(session, person, Notice.SIGN_IN_ADDED)
    return person, is_new


def _new_person(session: Session, settings: Oidc, claims: Claims, address: str, *, actor: Actor) -> Person:
    if not settings.creates_people:
        raise SignInRefused(
            "nobody here has the address",
            "Nobody here has your address yet. Ask an admin to add you.",
            status=403,
        )
    return add_person(
        session,
        email=address,
        name=name_of(claims, address),
        role=role_of(settings, claims),
        timezone=zone_of(claims),
        actor=actor,
    )


def _is_linked(session: Session, settings: Oidc, person: Person, subject: str) -> bool:
    """Whether this subject became this person a moment ago, in a twin of this request.

    Raises SignInRefused where another subject of the provider did. The person's row is locked first, so that two
    subjects that come at once with one address do not both get through.
    """
    session.execute(
        select(Person)
        .where(Person.id == person.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    linked = session.scalars(
        select(Identity.subject).where(Identity.person_id == person.id, Identity.issuer == settings.issuer)
    ).all()
    if linked and subject not in linked:
        raise SignInRefused(
            "the address belongs to somebody who is linked to another subject",
            f"Your address belongs to an account that is linked to another account at {settings.name}. "
            "Ask an admin.",
            status=403,
            person_id=person.id,
        )
    return bool(linked)


def _follow_role(session: Session, person: Person, role: Role, *, actor: Actor) -> None:
    """Give the role that the claims stand for; the last admin stays one."""
    try:
        edit_person(session, person, {"role": role}, version=None, actor=actor)
    except Refused as refused:
        if refused.field != "role":
            raise


def _follow_teams(session: Session, person: Person, slugs: Sequence[str], *, actor: Actor) -> None:
    """Be a member of exactly these teams; slugs that no team in use has are passed over."""
    # Locked in one order, so that two sign-ins that change the same teams wait for each other.
    concerned: Any = (
        select(Team)
        .where(Team.members.any(Person.id == person.id) | Team.slug.in_(slugs))
        .order_by(Team.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for team in session.scalars(concerned).all():
        belongs = team.slug in slugs and (team.is_active or person in team.members)
        if belongs != (person in team.members):
            members = [each for each in team.members if each is not person] + ([person] if belongs else [])
            edit_team(session, team, {"members": members}, version=None, actor=actor)
