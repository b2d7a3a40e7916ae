"""Flask-Login behind one module: the cookie carries a random token, the database says whose it is.

`get_id()` is the token and not the person's id, so that ending the row ends the sign-in everywhere.
"""

from datetime import timedelta

from flask import Flask, current_app, request
from flask import session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy import bindparam, select
from sqlalchemy.exc import OperationalError, TimeoutError
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.enums import SignInMethod
from postmortem.accounts.models import Person, SignIn
from postmortem.accounts.operations_sign_in import end_session, start_session, touch_session
from postmortem.accounts.tokens import token_hash
from postmortem.web.request import SAFE_METHODS, database, db_session

LIFE = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=5)


class SignedIn(UserMixin):
    """Whoever this request comes from."""

    def __init__(self, person: Person, token: str) -> None:
        self.person = person
        self.token = token

    def get_id(self) -> str:
        return self.token


_FIND = (
    select(SignIn.id, SignIn.created_at, SignIn.last_seen_at, Person)
    .join(Person, Person.id == SignIn.person_id)
    .where(SignIn.token_hash == bindparam("token_hash"))
)


def _load(token: str) -> SignedIn | None:
    row = db_session().execute(_FIND, {"token_hash": token_hash(token)}).first()
    if row is None:
        return None
    sign_in_id, created_at, last_seen_at, person = row
    now = clock.now()
    if not person.is_active or now - created_at > LIFE:
        return None
    if now - last_seen_at > SEEN_EVERY and request.method in SAFE_METHODS:
        _touch(sign_in_id)
    return SignedIn(person, token)


def _touch(sign_in_id: int) -> None:
    """The one thing that a GET may write, in a session of its own and once in five minutes.

    It is not worth an error page: while somebody else writes for long, it is left to a later request.
    """
    try:
        with database().session(writes=True) as session:
            touch_session(session, sign_in_id)
            session.commit()
    except (OperationalError, TimeoutError) as error:
        current_app.logger.info("a sign-in's last use was not noted: %s", error)


def sign_in(session: Session, person: Person, *, method: SignInMethod) -> None:
    """Start a session for this person in this browser, ending the one before. The caller commits."""
    sign_out(session)
    token = start_session(
        session,
        person,
        method=method,
        user_agent=request.user_agent.string,
        address=request.remote_addr or "",
    )
    login_user(SignedIn(person, token))


def sign_out(session: Session) -> None:
    """End this browser's session, if there is one. The caller commits."""
    if current_user.is_authenticated:
        end_session(session, current_user.token)
    logout_user()
    # Nothing that was kept for one person is shown to the next.
    cookie.clear()


def init_app(app: Flask) -> None:
    """Tell Flask-Login how to find the person behind a cookie."""
    manager = LoginManager()
    manager.session_protection = None
    manager.init_app(app, add_context_processor=False)
    manager.user_loader(_load)
