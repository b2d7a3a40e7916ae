"""Sign-ins, single-use links, passwords and the first set-up."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.browsers import browser_name
from postmortem.accounts.enums import LinkPurpose, Role, SignInMethod
from postmortem.accounts.models import Person, SignIn, SingleUseLink
from postmortem.accounts.notices import Notice, owe_notice
from postmortem.accounts.operations import add_person
from postmortem.accounts.passwords import hash_password, is_password
from postmortem.accounts.queries import has_people
from postmortem.accounts.tokens import new_token, token_hash
from postmortem.config_parts import SessionLimits
from postmortem.errors import NotVisible, Refused
from postmortem.history.operations import NOBODY, SITE, Actor, Changes, record

LINK_LIFE = timedelta(days=7)
# An expired row says for a day why one has to sign in again.
EXPIRED_KEPT = timedelta(days=1)


def start_session(
    session: Session, person: Person, *, method: SignInMethod, user_agent: str = "", address: str = ""
) -> str:
    """A new row, and the token for the cookie. Whoever signs in goes through `open_session`."""
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


def open_session(
    session: Session,
    person: Person,
    *,
    method: SignInMethod,
    lasts: SessionLimits,
    user_agent: str = "",
    address: str = "",
) -> str:
    """Sign a person in and return the token for the cookie. Rows of anybody that ended long ago are cleared away."""
    session.execute(delete(SignIn).where(SignIn.created_at < clock.now() - lasts.absolute - EXPIRED_KEPT))
    changes: Changes = {"method": [None, method.value], "address": [None, address]}
    record(session, "signed in as", person, actor=person, changes=changes)
    return start_session(session, person, method=method, user_agent=user_agent, address=address)


def sign_out_person(session: Session, person: Person, token: str, *, is_told: bool = True) -> None:
    """Sign out: the row goes, and a copied cookie is worth nothing. Where it is gone already, nothing happens."""
    gone = session.execute(delete(SignIn).where(SignIn.token_hash == token_hash(token)))
    if is_told and _count(gone):
        record(session, "signed out as", person, actor=person)


def end_own_session(session: Session, person: Person, sign_in_id: int) -> None:
    """End one of a person's sign-ins. Raises NotVisible for one that is not theirs or is over."""
    own = session.scalar(select(SignIn).where(SignIn.id == sign_in_id, SignIn.person_id == person.id))
    if own is None:
        raise NotVisible
    session.delete(own)
    changes: Changes = {"browser": [browser_name(own.user_agent), None]}
    record(session, "ended a sign-in of", person, actor=person, changes=changes)


def end_other_sessions(session: Session, person: Person, token: str) -> int:
    """End every sign-in of a person but the one with this token; returns how many."""
    ended = delete_sessions(session, person, but=token)
    if ended:
        changes: Changes = {"sign_ins": [ended + 1, 1]}
        record(session, "ended the other sign-ins of", person, actor=person, changes=changes)
    return ended


def end_all_sessions(session: Session, person: Person, *, actor: Actor) -> int:
    """End every sign-in of a person, for an admin; returns how many."""
    ended = delete_sessions(session, person)
    if ended:
        record(session, "ended every sign-in of", person, actor=actor, changes={"sign_ins": [ended, 0]})
    return ended


def delete_sessions(session: Session, person: Person, *, but: str | None = None) -> int:
    """Delete a person's sign-ins, all or all but the one with this token; part of something that history tells."""
    mine = delete(SignIn).where(SignIn.person_id == person.id)
    return _count(session.execute(mine if but is None else mine.where(SignIn.token_hash != token_hash(but))))


def confirm_session(session: Session, token: str) -> None:
    """Remember that the person of this sign-in has just proved again who they are."""
    session.execute(
        update(SignIn).where(SignIn.token_hash == token_hash(token)).values(confirmed_at=clock.now())
    )


def failed_sign_in(session: Session, person: Person | None, *, address: str) -> None:
    """Record that somebody gave a wrong password; None where there is no such account. What they typed is not kept."""
    verb = "failed to sign in as" if person else "failed to sign in at"
    record(session, verb, person or SITE, actor=NOBODY, changes={"address": [None, address]})


def _count(result: Any) -> int:
    return int(result.rowcount)


def issue_password_link(
    session: Session, person: Person, *, actor: Actor, life: timedelta = LINK_LIFE
) -> str:
    """A token for a single-use link to set a password, valid 7 days or as said; earlier ones stop working.

    Refuses for a deactivated person. History keeps who made a link, because whoever holds it can sign in.
    """
    if not person.is_active:
        raise Refused(f"{person.name} is deactivated. Reactivate the account first, then make a link.")
    record(session, "made a password link for", person, actor=actor)
    _end_links(session, person)
    return _issue(session, LinkPurpose.PASSWORD, person.id, life)


def _end_links(session: Session, person: Person) -> None:
    session.execute(
        delete(SingleUseLink).where(
            SingleUseLink.person_id == person.id, SingleUseLink.purpose == LinkPurpose.PASSWORD
        )
    )


def issue_setup_code(session: Session) -> str:
    """The code that guards the first set-up; a new one at each start, earlier ones stop working."""
    if has_people(session):
        raise Refused("This site is set up already.")
    session.execute(delete(SingleUseLink).where(SingleUseLink.purpose == LinkPurpose.SETUP))
    return _issue(session, LinkPurpose.SETUP, None, LINK_LIFE)


def _issue(session: Session, purpose: LinkPurpose, person_id: int | None, life: timedelta) -> str:
    token = new_token()
    now = clock.now()
    session.add(
        SingleUseLink(
            purpose=purpose,
            token_hash=token_hash(token),
            person_id=person_id,
            created_at=now,
            expires_at=now + life,
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
    had_one = person.password_hash is not None
    person.password_hash = hash_password(password, own=(person.email, person.name))
    _use_up(session, link)
    delete_sessions(session, person)
    record(session, "set the password of", person, actor=person)
    if had_one:
        owe_notice(session, person, Notice.PASSWORD_CHANGED)
    return person


def change_password(session: Session, person: Person, *, current: str, password: str, token: str) -> None:
    """Change one's own password, end one's other sign-ins and the links to set one; `token` is the sign-in that stays.

    Raises Refused (field `current_password`) when the current one is wrong, (`password`) for a weak one.
    """
    if not is_password(person.password_hash, current):
        raise Refused("That is not your current password. Try again.", field="current_password")
    person.password_hash = hash_password(password, own=(person.email, person.name))
    delete_sessions(session, person, but=token)
    # A link that somebody else holds would undo the new password.
    _end_links(session, person)
    record(session, "changed the password of", person, actor=person)
    owe_notice(session, person, Notice.PASSWORD_CHANGED)


def _use_up(session: Session, link: SingleUseLink) -> None:
    used = session.execute(
        update(SingleUseLink)
        .where(SingleUseLink.id == link.id, SingleUseLink.used_at.is_(None))
        .values(used_at=clock.now())
    )
    if _count(used) != 1:
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
