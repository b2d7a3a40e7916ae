"""Switching the second factor on and off, and taking its codes. Neither secrets nor codes are in history.

The person is owed a mail about each change, so that they hear of one that was not theirs.
"""

from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person, RecoveryCode
from postmortem.accounts.notices import Notice, owe_notice
from postmortem.accounts.operations_sign_in import delete_sessions
from postmortem.accounts.second_factor import new_recovery_codes, new_secret, recovery_hash, step_of
from postmortem.errors import Refused
from postmortem.history.operations import NOBODY, Actor, record

WRONG_CODE = "That is not the code, or it was used already. Wait for the next one, then try again."


def begin_second_factor(session: Session, person: Person) -> None:
    """Make a secret for the app. It counts only once a code made with it was given. Refuses where one counts."""
    if person.totp_confirmed_at is not None:
        raise Refused("Your second factor is on already. Switch it off first to set up another app.")
    _set(session, person, totp_secret=new_secret(), totp_last_step=None)


def confirm_second_factor(session: Session, person: Person, code: str, *, token: str) -> list[str]:
    """Switch it on with a first code; returns the recovery codes, which nobody can read again afterwards.

    Ends the person's other sign-ins; `token` is the one that stays. Raises Refused (field `code`) for a wrong code.
    """
    if person.totp_secret is None or person.totp_confirmed_at is not None:
        raise Refused("There is nothing to confirm. Begin again.")
    step = step_of(person.totp_secret, code, now=clock.now(), after=person.totp_last_step)
    if step is None:
        raise Refused(WRONG_CODE, field="code")
    _set(session, person, totp_confirmed_at=clock.now(), totp_last_step=step)
    delete_sessions(session, person, but=token)
    record(session, "switched on the second factor of", person, actor=person)
    owe_notice(session, person, Notice.SECOND_FACTOR_ON)
    return _fresh_codes(session, person)


def renew_recovery_codes(session: Session, person: Person) -> list[str]:
    """Ten new recovery codes; the ones before stop working. Refuses where the second factor is off."""
    if person.totp_confirmed_at is None:
        raise Refused("Your second factor is off, so there is nothing to recover.")
    record(session, "made new recovery codes for", person, actor=person)
    owe_notice(session, person, Notice.RECOVERY_CODES_MADE)
    return _fresh_codes(session, person)


def switch_off_second_factor(session: Session, person: Person, *, token: str) -> None:
    """The password alone is enough again. Ends the person's other sign-ins; `token` is the one that stays."""
    if person.totp_confirmed_at is not None:
        record(session, "switched off the second factor of", person, actor=person)
        owe_notice(session, person, Notice.SECOND_FACTOR_OFF)
        delete_sessions(session, person, but=token)
    _forget(session, person)


def reset_second_factor(session: Session, person: Person, *, actor: Actor) -> None:
    """For somebody who lost telephone and recovery codes. Refuses where there is none."""
    if person.totp_confirmed_at is None:
        raise Refused(f"{person.name} has no second factor.")
    record(session, "reset the second factor of", person, actor=actor)
    owe_notice(session, person, Notice.SECOND_FACTOR_OFF)
    _forget(session, person)


def take_code(session: Session, person: Person, code: str) -> bool:
    """Whether this is a code of the person's app, or one of their recovery codes; either works once.

    Of two requests with the same code at the same time one gets through. History hears of a recovery code.
    """
    if person.totp_secret is None or person.totp_confirmed_at is None:
        return False
    step = step_of(person.totp_secret, code, now=clock.now(), after=person.totp_last_step)
    if step is not None:
        is_newer = or_(Person.totp_last_step.is_(None), Person.totp_last_step < step)
        taken: Any = session.execute(
            update(Person)
            .where(Person.id == person.id, is_newer)
            .values(totp_last_step=step)
            .execution_options(synchronize_session=False)
        )
        return bool(taken.rowcount)
    used: Any = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person.id,
            RecoveryCode.code_hash == recovery_hash(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )
    if used.rowcount:
        record(session, "used a recovery code of", person, actor=person)
    return bool(used.rowcount)


def failed_code(session: Session, person: Person, *, address: str) -> None:
    """Record that somebody who knew the password had no code for it."""
    record(session, "gave a wrong code for", person, actor=NOBODY, changes={"address": [None, address]})


def recovery_codes_left(session: Session, person: Person) -> int:
    """How many recovery codes a person has not used yet."""
    left = select(func.count()).where(RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None))
    return session.scalar(left) or 0


def _fresh_codes(session: Session, person: Person) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    codes = new_recovery_codes()
    session.add_all(RecoveryCode(person_id=person.id, code_hash=recovery_hash(code)) for code in codes)
    return codes


def _forget(session: Session, person: Person) -> None:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    _set(session, person, totp_secret=None, totp_confirmed_at=None, totp_last_step=None)


def _set(session: Session, person: Person, **values: Any) -> None:
    """Change the person's row and not its version: a form with their name that is open elsewhere is not stale."""
    session.execute(update(Person).where(Person.id == person.id).values(**values))
