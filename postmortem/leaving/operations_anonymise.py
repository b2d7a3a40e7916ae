"""Anonymising a person everywhere: their own row, what they had, texts, the history. All of it is one transaction."""

from collections.abc import Collection
from ipaddress import ip_network

from sqlalchemy import and_, delete, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.enums import Role
from postmortem.accounts.limits import keyed_hash
from postmortem.accounts.models import (
    Identity,
    OidcRequest,
    Person,
    RecoveryCode,
    SignIn,
    SignInAttempt,
    SingleUseLink,
)
from postmortem.accounts.operations import keep_an_admin
from postmortem.errors import NotVisible, Refused
from postmortem.history.models import HistoryEntry
from postmortem.history.operations import Actor, record, rewrite
from postmortem.leaving.finding import everybody_they_are, spellings
from postmortem.leaving.moves_follow_up import end_what_they_are_told
from postmortem.leaving.moves_writing import end_what_they_type
from postmortem.leaving.places import TextKind
from postmortem.leaving.queries import locked_people
from postmortem.leaving.texts import rename_addresses, replace_texts
from postmortem.leaving.words import EMAIL, NAME, Replacer, Term, replacing, stand_in, terms_of
from postmortem.outbox.models import OutboxMessage
from postmortem.permissions.enums import RequestState
from postmortem.permissions.models import AccessRequest
from postmortem.text.clean import clean_source
from postmortem.web.models import FormKey

REASON_MAX = 500
ALSO_MAX = 10


class _Nobody:
    """What the entry is about: a number, without the name that is gone."""

    __tablename__ = Person.__tablename__

    def __init__(self, id_: int) -> None:
        self.id = id_
        self.history_label = f"person {id_}"


def anonymise(
    session: Session,
    person_id: int,
    *,
    typed: str,
    reason: str,
    actor: Actor,
    kinds: Collection[TextKind] = tuple(TextKind),
    leave: Collection[Term] = (),
    also: Collection[str] = (),
) -> str:
    """Take a person's name, address and handle out of everything here, for good; returns what they are called now.

    `kinds` are the kinds of record whose free text is changed; `leave` are names and handles that stay in texts,
    because they are words that mean something else too; `also` are names that nothing here knows. Raises NotVisible for nobody; Refused (with the field) unless
    the address is typed and a reason given that does not name them, for the last admin, for oneself, and for who was
    merged or anonymised. Call this last before the commit; afterwards `file.forget_freed`.
    """
    person = locked_people(session, person_id).get(person_id)
    if person is None:
        raise NotVisible
    check_person(session, person, actor=actor)
    if typed.strip().casefold() != person.email.casefold():
        raise Refused(f"Type {person.email} to say that you mean this person.", field="email")
    terms = terms_of(
        [*((term.kind, term.text) for term in spellings(session, person)), *((NAME, name) for name in also)]
    )
    group = everybody_they_are(session, person)
    left = {term for term in leave if term.kind != EMAIL}
    replace = Replacer(person.id, tuple(term for term in terms if term not in left), tuple(left))
    reason = checked_reason(reason, Replacer(person.id, terms))
    _close(session, group)
    replace = rename_addresses(session, replace, kinds)
    replace_texts(session, replace, kinds)
    _forget_deliveries(session, group, replace)
    _forget_ways(session, replace)
    why = record(session, "anonymised", _Nobody(person.id), actor=actor, changes={"reason": [None, reason]})
    ids = [each.id for each in group]
    about = and_(HistoryEntry.subject_type == Person.__tablename__, HistoryEntry.subject_id.in_(ids))
    rewrite(session, about, replace=replacing(replace, _is_network_address), because=why)
    rewrite(session, replace=replace, because=why)
    return person.name


def check_person(session: Session, person: Person, *, actor: Actor) -> None:
    """Raise Refused, saying why, for somebody who cannot be anonymised."""
    if person.anonymised_at is not None:
        raise Refused("That was done already.")
    if person.merged_into_id is not None:
        into = session.get_one(Person, person.merged_into_id)
        raise Refused(f"{person.name} was merged into {into.email}. Anonymise that account: both go.")
    if person.id == actor.id:
        raise Refused("Another admin has to do this for you: who did it stays in the history.")
    if person.is_active:
        keep_an_admin(session, person)


def checked_reason(reason: str, replace: Replacer) -> str:
    """The reason in one line. Raises Refused (field `reason`) for none, one too long, and one that names the person."""
    reason = " ".join(clean_source(reason).split())
    if not reason:
        raise Refused("Say why; one sentence is enough.", field="reason")
    if len(reason) > REASON_MAX:
        raise Refused(f"Shorten this to {REASON_MAX} characters.", field="reason")
    if replace(reason) != reason:
        raise Refused("Leave the name out: this sentence stays for good.", field="reason")
    return reason


def _close(session: Session, group: list[Person]) -> None:
    """Their rows keep a number and nothing else; every way in ends."""
    ids = [each.id for each in group]
    attempts = {keyed_hash(session.info.get("secret_key", ""), each.email) for each in group}
    session.execute(delete(SignInAttempt).where(SignInAttempt.account_hash.in_(attempts)))
    for model in (SignIn, RecoveryCode, SingleUseLink, Identity):
        session.execute(delete(model).where(model.person_id.in_(ids)))
    end_what_they_are_told(session, *ids)
    end_what_they_type(session, *ids)
    open_ones = AccessRequest.state == RequestState.OPEN
    session.execute(delete(AccessRequest).where(AccessRequest.person_id.in_(ids), open_ones))
    session.execute(update(AccessRequest).where(AccessRequest.person_id.in_(ids)).values(reason=""))
    for each in group:
        each.name, each.email = stand_in(NAME, each.id), stand_in(EMAIL, each.id)
        each.handle = each.password_hash = None
        each.totp_secret = each.totp_confirmed_at = each.totp_last_step = None
        each.timezone, each.role, each.is_active = "UTC", Role.READER, False
        each.anonymised_at = clock.now()
    session.flush()


def _forget_deliveries(session: Session, group: list[Person], replace: Replacer) -> None:
    """What was owed to them goes; what was owed to others and names them is changed."""
    ids = {each.id for each in group}
    for message in session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)):
        own = message.payload.get("person_id") in ids
        to_them = any(replace(str(message.payload.get(name) or "")) != str(message.payload.get(name) or "")
                      for name in ("email", "address"))  # fmt: skip
        if own or to_them:
            session.delete(message)
        else:
            message.payload = replace.value(message.payload)
            message.last_error = replace(message.last_error)
    session.flush()


def _forget_ways(session: Session, replace: Replacer) -> None:
    """One-time keys and sign-ins begun at the provider that lead to an address with the name in it."""
    for model, column in ((FormKey, FormKey.location), (OidcRequest, OidcRequest.next_path)):
        for row in session.scalars(select(model)):
            path = getattr(row, column.key)
            if replace(path) != path:
                session.delete(row)
    session.flush()


def _is_network_address(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return any(sign in text for sign in ".:")
