"""Flask-Login behind one module: the cookie carries a random token, the database says whose it is.

`get_id()` is the token and not the person's id, so that ending the row ends the sign-in everywhere. Every way in
ends in one of two functions: `complete_password_sign_in` where a password or a link was the proof (it asks for
the second factor), `sign_in` where somebody else has looked at all of it (a provider, a proxy).
"""

import hmac
from datetime import datetime, timedelta

from flask import Flask, Response, current_app, g, request, url_for
from flask import session as cookie
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy import bindparam, select
from sqlalchemy.exc import OperationalError, TimeoutError
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts import limits
from postmortem.accounts.enums import AttemptKind, SignInMethod
from postmortem.accounts.models import Person, SignIn
from postmortem.accounts.operations_sign_in import open_session, sign_out_person, touch_session
from postmortem.accounts.tokens import token_hash
from postmortem.config_parts import SessionLimits
from postmortem.errors import Refused, TooMany
from postmortem.web.access import load_person_again
from postmortem.web.client_address import client_address, limited_address
from postmortem.web.request import SAFE_METHODS, close_db_session, database, db_session

SEEN_EVERY = timedelta(minutes=5)
# For so long the code may be given after the password.
CODE_LIFE = timedelta(minutes=10)
# For so long one need not prove again who one is, before something that decides who gets in.
CONFIRMED_FOR = timedelta(minutes=10)
_PENDING = "code_for"


class SignedIn(UserMixin):
    """Whoever this request comes from; `confirmed_at` is when they last proved it."""

    def __init__(self, person: Person, token: str, confirmed_at: datetime | None = None) -> None:
        self.person = person
        self.token = token
        self.confirmed_at = confirmed_at or clock.now()

    def get_id(self) -> str:
        return self.token

    @property
    def is_confirmed(self) -> bool:
        """Whether this person proved a short while ago who they are."""
        return clock.now() - self.confirmed_at <= CONFIRMED_FOR


_FIND = (
    select(SignIn.id, SignIn.created_at, SignIn.last_seen_at, SignIn.confirmed_at, Person)
    .join(Person, Person.id == SignIn.person_id)
    .where(SignIn.token_hash == bindparam("token_hash"))
)


def session_limits() -> SessionLimits:
    """How long a sign-in lasts here."""
    found: SessionLimits = current_app.extensions["config"].session_limits
    return found


def _load(token: str) -> SignedIn | None:
    row = db_session().execute(_FIND, {"token_hash": token_hash(token)}).first()
    if row is None or not row.Person.is_active:
        g.sign_in_ended = "This browser was signed out meanwhile."
        return None
    sign_in_id, created_at, last_seen_at, confirmed_at, person = row
    now, lasts = clock.now(), session_limits()
    if now - created_at >= lasts.absolute:
        g.sign_in_ended = (
            f"You were signed in for {_span(lasts.absolute)}, which is as long as it lasts here."
        )
        return None
    if now - last_seen_at >= lasts.idle:
        g.sign_in_ended = f"This browser was not used for {_span(lasts.idle)}, so it was signed out."
        return None
    if now - last_seen_at > min(SEEN_EVERY, lasts.idle / 10):
        if request.method in SAFE_METHODS:
            _touch(sign_in_id)
        else:
            g.sign_in_to_touch = sign_in_id
    return SignedIn(person, token, confirmed_at)


def _span(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    number, word = (minutes // 60, "hour") if minutes % 60 == 0 else (minutes, "minute")
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def why_signed_out() -> str | None:
    """Why the cookie of this request signs nobody in any more; None where it never did, or does."""
    return None if current_user.is_authenticated else g.get("sign_in_ended")


def _touch(sign_in_id: int) -> None:
    """The one thing that a GET may write, in a session of its own and once in five minutes.

    It is not worth an error page, nor waiting for: while somebody else writes, it is left to a later request.
    """
    try:
        with database().session(writes=True, hurried=True) as session:
            touch_session(session, sign_in_id)
            session.commit()
    except (OperationalError, TimeoutError) as error:
        current_app.logger.info("a sign-in's last use was not noted: %s", error)


def spend_attempt(kind: AttemptKind, account: str | None) -> int:
    """Write an attempt down, in a transaction of its own that is over when this returns. Returns its id.

    Raises TooMany (429). This request's session is closed first, because it may hold the lock for writing: call this
    before loading what you want to change, do the slow check, and say `limits.succeeded` in the transaction that
    follows where it was right.
    """
    close_db_session()
    load_person_again()
    with database().session(writes=True) as session:
        try:
            attempt = limits.allow(session, kind, account, limited_address())
        except TooMany:
            session.commit()
            raise
        session.commit()
        return attempt


def limited(page: Response, refused: Refused) -> Response:
    """The page of a form that was refused; for TooMany its status is 429 and it says when to come back."""
    if isinstance(refused, TooMany):
        page.status_code = 429
        page.headers["Retry-After"] = str(refused.retry_after)
    return page


def sign_in(session: Session, person: Person, *, method: SignInMethod) -> None:
    """Start a session for this person in this browser, ending the one before; history gets one entry.

    Asks for nothing more: whoever calls has seen the proof, the second factor too. The caller commits.
    """
    sign_out(session, unless=person)
    token = open_session(
        session,
        person,
        method=method,
        user_agent=request.user_agent.string,
        address=client_address(),
        lasts=session_limits(),
    )
    login_user(SignedIn(person, token))


def complete_password_sign_in(session: Session, person: Person, *, method: SignInMethod, target: str) -> str:
    """The password (or a link) was right: sign in, or ask for the second factor where there is one.

    Returns the path to lead to, `target` or the page that asks for the code. The caller commits. Until the
    code is right there is no row in the database; the signed cookie says whose code is asked for, for ten minutes
    and until password or second factor change.
    """
    if person.totp_confirmed_at is None:
        sign_in(session, person, method=method)
        return target
    sign_out(session)
    cookie[_PENDING] = [person.id, method.value, _stamp(person), int(clock.now().timestamp())]
    return url_for("code.login_code", next=None if target == "/" else target)


def pending_person(session: Session) -> tuple[Person, SignInMethod] | None:
    """Who has given the right password in this browser and still owes the code, and how they came."""
    kept = cookie.get(_PENDING)
    if not kept or clock.now().timestamp() - kept[3] > CODE_LIFE.total_seconds():
        return None
    person = session.get(Person, kept[0])
    if person is None or not person.is_active or not hmac.compare_digest(_stamp(person), kept[2]):
        return None
    return person, SignInMethod(kept[1])


def _stamp(person: Person) -> str:
    """Changes with the password and with the second factor, and tells neither."""
    of = f"{person.id} {person.password_hash} {person.totp_secret}"
    return hmac.new(str(current_app.secret_key).encode(), of.encode(), "sha256").hexdigest()[:32]


def sign_out(session: Session, *, unless: Person | None = None) -> None:
    """End this browser's session, if there is one. The caller commits.

    History hears of it, unless it was this person's who is just signing in again.
    """
    if current_user.is_authenticated:
        is_told = unless is None or current_user.person.id != unless.id
        sign_out_person(session, current_user.person, current_user.token, is_told=is_told)
    logout_user()
    # Nothing that was kept for one person is shown to the next.
    cookie.clear()


def init_app(app: Flask) -> None:
    """Tell Flask-Login how to find the person behind a cookie."""
    manager = LoginManager()
    manager.session_protection = None
    manager.init_app(app, add_context_processor=False)
    manager.user_loader(_load)

    @app.after_request
    def touch(response: Response) -> Response:
        # A request that writes holds the lock until its session is closed; its work is done by now.
        if sign_in_id := g.pop("sign_in_to_touch", None):
            close_db_session()
            _touch(sign_in_id)
        return response
