"""How often somebody may try: signing in, codes, asking for a new password. Kept in SQL, for all processes.

An attempt is written down before anybody looks whether it is right, so parallel attempts cannot slip through
between counting and checking. What succeeds is taken back, so an office behind one address is not locked out by
its own people. Of the account only a keyed hash is kept, because people type passwords into the wrong field; an
unknown account is counted exactly like a known one.

What a newcomer gets wrong: the transaction in which an attempt is written must end before the slow check begins
(`sign_in.spend_attempt` does both), or everybody waits for one password hash.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from flask import current_app
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.enums import AttemptKind
from postmortem.accounts.models import SignInAttempt
from postmortem.accounts.queries import person_by_email
from postmortem.errors import TooMany
from postmortem.history.operations import NOBODY, SITE, record


@dataclass(frozen=True)
class Limit:
    """At most `count` attempts `within` a span that moves along."""

    count: int
    within: timedelta


@dataclass(frozen=True)
class Limits:
    """What holds for one kind: for the same account, and from the same address."""

    account: tuple[Limit, ...]
    address: tuple[Limit, ...]
    # How history says that a limit was reached; what follows is the person or "this site".
    verb: str


_MINUTES, _HOUR, _DAY = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)
LIMITS = {
    AttemptKind.SIGN_IN: Limits(
        account=(Limit(10, _MINUTES),), address=(Limit(20, _MINUTES),), verb="tried too often to sign in as"
    ),
    AttemptKind.SECOND_FACTOR: Limits(
        account=(Limit(5, _MINUTES), Limit(50, _DAY)),
        address=(Limit(20, _MINUTES),),
        verb="tried too many codes of",
    ),
    AttemptKind.CODE: Limits(
        account=(Limit(5, _DAY),), address=(Limit(20, _HOUR),), verb="tried too many codes of"
    ),
    AttemptKind.RESET: Limits(
        account=(Limit(5, _DAY),),
        address=(Limit(20, _HOUR),),
        verb="asked too often for a new password of",
    ),
    # About no account of ours, and not counted with passwords: when the provider is down, passwords still work.
    AttemptKind.OIDC: Limits(
        account=(Limit(100, _MINUTES),),
        address=(Limit(100, _MINUTES),),
        verb="tried too often to sign in as",
    ),
}
KEPT = _DAY
# The key of the lock under which attempts are counted on PostgreSQL; any number that nothing else uses.
_LOCK = 0x7369676E
# Marks that a refusal is in history already, in place of an address.
_TOLD = "told"


def allow(session: Session, kind: AttemptKind, account: str | None, address: str) -> int:
    """Write down one attempt and return its id. Raises TooMany where a limit is reached; the caller commits either way.

    `account` is what was typed (None where an attempt is about no account), `address` comes from
    `web.client_address.limited_address`. The first refusal of a span is recorded in history, the following are not:
    nobody fills the database by knocking.
    """
    _one_at_a_time(session)
    now = clock.now()
    session.execute(delete(SignInAttempt).where(SignInAttempt.at <= now - KEPT))
    limits, account_hash = LIMITS[kind], hash_of(account) if account is not None else ""
    waits = [_wait(session, limit, kind, now, address=address) for limit in limits.address]
    by_account = False
    if account is not None:
        own = [_wait(session, limit, kind, now, account_hash=account_hash) for limit in limits.account]
        by_account = any(own)
        waits += own
    if longest := max(waits):
        _tell(session, kind, now, account if by_account else None, address)
        raise TooMany(too_many_sentence(longest), retry_after=longest)
    attempt = SignInAttempt(kind=kind, account_hash=account_hash, address=address, at=now)
    session.add(attempt)
    session.flush()
    return attempt.id


def succeeded(session: Session, attempt_id: int, kind: AttemptKind, account: str) -> None:
    """The attempt was right: it does not count, and the account's failures are forgotten; the address's are not."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.id == attempt_id))
    session.execute(
        update(SignInAttempt)
        .where(SignInAttempt.kind == kind, SignInAttempt.account_hash == hash_of(account))
        .values(account_hash="")
    )


def too_many_sentence(seconds: int) -> str:
    """What is said about it; the same for every kind and whoever asks."""
    minutes = ceil(seconds / 60)
    if minutes < 100:
        wait = "a minute" if minutes == 1 else f"{minutes} minutes"
    else:
        wait = f"{ceil(minutes / 60)} hours"
    return f"That was tried too often. Wait {wait}, then try again."


def hash_of(account: str) -> str:
    """The account as it is kept: a hash that only this site can make."""
    return keyed_hash(str(current_app.secret_key), account)


def keyed_hash(secret_key: str, account: str) -> str:
    """The same for who knows the key and has no application."""
    text = b"attempt:" + account.strip().casefold().encode("utf-8", "replace")
    return hmac.new(secret_key.encode(), text, "sha256").hexdigest()


def _one_at_a_time(session: Session) -> None:
    """Until the transaction ends nobody else counts. On SQLite a transaction that writes is alone anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _wait(session: Session, limit: Limit, kind: AttemptKind, now: datetime, **of: str) -> int:
    """For how many seconds nothing more is allowed; 0 while it is."""
    last = session.scalar(
        select(SignInAttempt.at)
        .where(SignInAttempt.kind == kind, SignInAttempt.at > now - limit.within, *_equal(of))
        .order_by(SignInAttempt.at.desc())
        .offset(limit.count - 1)
        .limit(1)
    )
    return 0 if last is None else max(1, ceil((last + limit.within - now).total_seconds()))


def _equal(of: dict[str, str]) -> Sequence[Any]:
    return [getattr(SignInAttempt, name) == value for name, value in of.items()]


def _tell(session: Session, kind: AttemptKind, now: datetime, account: str | None, address: str) -> None:
    """Record a refusal, unless this one was recorded within the shortest span. What was typed is not."""
    mark = hash_of(f"{_TOLD} {address if account is None else account}")
    told = select(SignInAttempt.id).where(
        SignInAttempt.kind == kind,
        SignInAttempt.account_hash == mark,
        SignInAttempt.at > now - min(each.within for each in LIMITS[kind].account),
    )
    if session.scalar(told.limit(1)) is not None:
        return
    session.add(SignInAttempt(kind=kind, account_hash=mark, address=_TOLD, at=now))
    subject: Any = person_by_email(session, account) if account is not None else None
    verb = LIMITS[kind].verb if subject else f"{LIMITS[kind].verb.rsplit(' ', 1)[0]} at"
    record(session, verb, subject or SITE, actor=NOBODY, changes={"address": [None, address]})
