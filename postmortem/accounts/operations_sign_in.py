"""Sign-ins, single-use links, passwords and the first set-up."""

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.enums import LinkPurpose, Role, SignInMethod
from postmortem.accounts.models import Person, SignIn, SingleUseLink
from postmortem.accounts.operations import add_person
from postmortem.accounts.passwords import hash_password, is_password
from postmortem.accounts.queries import has_people
from postmortem.accounts.tokens import new_token, token_hash
from postmortem.errors import NotVisible, Refused
from postmortem.history.operations import Actor, record

LINK_LIFE = timedelta(days=7)


def start_session(
    session: Session, person: Person, *, method: SignInMethod, user_agent: str = "", address: str = ""
) -> str:
    """Sign a person in: a new row, and the token for the cookie."""
    token = new_token()
    now = clock.now()
    session.add(
        SignIn(
            token_hash=token_hash(token),
            person_id=person.id,
            created_at=now,
            last_seen_at=now,
            confirmed_at=now,
            method=method,
            address=address[:64],
            user_agent=user_agent[:200],
        )
    )
    return token


def end_session(session: Session, token: str) -> None:
    """Sign out: the row goes, and a copied cookie is worth nothing."""
    session.execute(delete(SignIn).where(SignIn.token_hash == token_hash(token)))


def end_own_session(session: Session, person: Person, sign_in_id: int) -> None:
    """End one of a person's sign-ins. Raises NotVisible for one that is not theirs or is over."""
    own = session.scalar(select(SignIn).where(SignIn.id == sign_in_id, SignIn.person_id == person.id))
    if own is None:
        raise NotVisible
    session.delete(own)


def end_other_sessions(session: Session, person: Person, token: str) -> int:
    """End every sign-in of a person but the one with this token; returns how many."""
    ended = session.execute(
        delete(SignIn).where(SignIn.person_id == person.id, SignIn.token_hash != token_hash(token))
    )
    return int(ended.rowcount)  # type: ignore[attr-defined]


def issue_password_link(session: Session, person: Person, *, actor: Actor) -> str:
    """A token for a single-use link to set a password, valid 7 days; earlier ones stop working.

    Refuses for a deactivated person. History keeps who made a link, because whoever holds it can sign in.
    """
    if not person.is_active:
        raise Refused(f"{person.name} is deactivated. Reactivate the account first, then make a link.")
    record(session, "made a password link for", person, actor=actor)
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


def change_password(session: Session, person: Person, *, current: str, password: str, token: str) -> None:
    """Change one's own password and end one's other sign-ins; `token` is the sign-in that stays.

    Raises Refused (field `current_password`) when the current one is wrong, (`password`) for a weak one.
    """
    if not is_password(person.password_hash, current):
        raise Refused("That is not your current password. Try again.", field="current_password")
    person.password_hash = hash_password(password)
    end_other_sessions(session, person, token)
    record(session, "changed the password of", person, actor=person)


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
