"""What one request works with: its database session and whether it may write."""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g, request
from flask import session as cookie
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy.orm import Session

from postmortem.db import Database

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def database() -> Database:
    """The process's database."""
    found: Database = current_app.extensions["database"]
    return found


def db_session() -> Session:
    """This request's session, opened on first use and closed (rolled back) when the request ends.

    A GET gets a session that cannot write on SQLite; anything else holds the write lock from its first
    statement on, so do slow work that needs no rows before the first query where you can.
    """
    if "db_session" not in g:
        g.db_session = database().session(writes=request.method not in SAFE_METHODS)
    session: Session = g.db_session
    return session


def close_db_session() -> None:
    """Roll this request's session back and close it."""
    session: Session | None = g.pop("db_session", None)
    if session is not None:
        session.close()


def start_over_reading() -> None:
    """After a failure: roll back, let the write lock go, and have a fresh session that only reads."""
    close_db_session()
    g.db_session = database().session(writes=False)


def cookie_as_it_came() -> None:
    """After a failure: what this request wrote into the cookie is not so ("Added …", who is signed in or out)."""
    came = current_app.session_interface.open_session(current_app, request)
    kept = dict(came or {})
    if dict(cookie) == kept:
        return
    cookie.clear()
    cookie.update(kept)
    # Where somebody was to be signed in, or out, the page's forms had a token of their own.
    g.pop("csrf_token", None)


class _Cookies(SecureCookieSessionInterface):
    """Flask's session cookie; what signs it is made once, and not for each request."""

    def __init__(self, app: Flask) -> None:
        self._signer = super().get_signing_serializer(app)

    def get_signing_serializer(self, app: Flask) -> Any:
        return self._signer


def _as_it_is(func: Callable[..., Any]) -> Callable[..., Any]:
    return func


def init_app(app: Flask, database: Database) -> None:
    """Register the database and the closing of sessions. The secret key must be set before."""
    app.extensions["database"] = database
    app.session_interface = _Cookies(app)
    # No view and no hook of ours is asynchronous; Flask would look at each of them again in each request.
    app.ensure_sync = _as_it_is  # type: ignore[method-assign]

    @app.teardown_appcontext
    def close_session(_error: BaseException | None) -> None:
        close_db_session()
