"""Telling people what was changed about their account, so that they notice what they did not do themselves."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.outbox.enums import DeliveryKind
from postmortem.outbox.operations import owe


class Notice(StrEnum):
    """What somebody is told about."""

    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    SECOND_FACTOR_ON = "second_factor_on"
    SECOND_FACTOR_OFF = "second_factor_off"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    SIGN_IN_ADDED = "sign_in_added"
    EMAIL_CHANGED = "email_changed"


@dataclass(frozen=True)
class NoticeText:
    """The mail's subject, what happened, and what to do when it was somebody else."""

    headline: str
    sentence: str
    if_not_you: str = "set a new password now and tell an admin:"
    where: str = "/login/forgot"


_TELL = "tell an admin at once:"
NOTICE_TEXTS = {
    Notice.PASSWORD_CHANGED: NoticeText(
        "Your password was changed",
        "the password of your account was changed, and other browsers were signed out.",
    ),
    Notice.SECOND_FACTOR_ON: NoticeText(
        "Signing in now asks for a code", "a second factor was added to your account."
    ),
    Notice.SECOND_FACTOR_OFF: NoticeText(
        "Signing in asks for no code any more", "the second factor of your account was removed."
    ),
    Notice.RECOVERY_CODES_MADE: NoticeText(
        "You have new recovery codes", "new recovery codes were made for your account; earlier ones are void."
    ),
    Notice.SIGN_IN_ADDED: NoticeText(
        "A new way to sign in", "single sign-on was connected with your account.", _TELL, "/me/profile"
    ),
    Notice.EMAIL_CHANGED: NoticeText(
        "Your e-mail address was changed",
        "the address of your account was changed from this one to another.",
        _TELL,
        "/login",
    ),
}


def owe_notice(session: Session, person: Person, what: Notice, *, address: str | None = None) -> None:
    """Owe this person a mail about a change to their account, in the transaction of the change.

    `address` is where it goes instead of their own: the one they had before.
    """
    owe(
        session,
        DeliveryKind.NOTICE,
        {
            "person_id": person.id,
            "what": what.value,
            "at": clock.now().isoformat(),
            "address": address,
        },
    )
