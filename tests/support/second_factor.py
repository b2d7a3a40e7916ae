"""An authenticator app for tests."""

import pyotp
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.operations_second_factor import begin_second_factor, confirm_second_factor


def app_code(person: Person, *, steps: int = 0) -> str:
    """What the app shows, `steps` half minutes from now."""
    assert person.totp_secret is not None
    return pyotp.TOTP(person.totp_secret).at(int(clock.now().timestamp()) + 30 * steps)


def switch_on(session: Session, person: Person) -> list[str]:
    """Switch on a person's second factor with the code of the step before; returns the recovery codes."""
    begin_second_factor(session, person)
    session.refresh(person)
    codes = confirm_second_factor(session, person, app_code(person, steps=-1), token="")
    session.commit()
    session.refresh(person)
    return codes
