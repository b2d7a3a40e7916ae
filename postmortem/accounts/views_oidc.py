"""Signing in at an OpenID Connect provider: a button begins it, and the browser comes back with a code.

Coming back is the one GET of the site that changes something, because the standard has the provider send the
browser by a redirect. Nobody can make it happen to somebody else: it works once, for ten minutes, and only in the
browser that began it with a POST. It writes in sessions of its own, and holds none while the provider is asked.
"""

from typing import TYPE_CHECKING

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask import session as cookie
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from postmortem import clock
from postmortem.accounts import limits, operations_oidc, rules
from postmortem.accounts.enums import AttemptKind, SignInMethod
from postmortem.accounts.models import Person
from postmortem.accounts.oidc_claims import Claims, SignInRefused
from postmortem.accounts.sign_in import limited, sign_in, spend_attempt
from postmortem.accounts.tokens import new_token
from postmortem.config_parts import Oidc
from postmortem.errors import NotVisible, TooMany
from postmortem.web import access
from postmortem.web.next_url import safe_next
from postmortem.web.request import database, db_session

if TYPE_CHECKING:
    from postmortem.accounts.oidc import Provider

blueprint = Blueprint("oidc", __name__)
COOKIE_KEY = "oidc"
CODE_MAX = 4096
TRIES = 3
NOT_BEGUN = (
    "This sign-in was not begun in this browser, or it was more than 10 minutes ago, or it is over already. "
    "Start again from the sign-in page."
)
BROKEN_OFF = (
    "The sign-in was broken off at {name}, so nobody was signed in. Try again, or sign in another way."
)
DID_NOT_WORK = "Nobody was signed in. Start again; if it happens again, tell an admin."


def _settings() -> Oidc:
    found: Oidc | None = current_app.extensions["config"].oidc
    return found or abort(404)


def _provider() -> "Provider":
    """The provider, made when the first person signs in this way: what it needs is heavy to import."""
    from postmortem.accounts.oidc import Provider

    made: Provider = current_app.extensions.setdefault("oidc", Provider(_settings()))
    return made


def _redirect_uri() -> str:
    return str(current_app.extensions["config"].base_url) + url_for("oidc.callback")


@blueprint.post("/login/oidc")
@access.public
def start() -> ResponseReturnValue:
    """Remember what is begun and lead the browser on.

    By a page and not by a redirect: browsers let a form redirect only where the policy for forms allows, and
    ours allows this site alone.
    """
    settings, target = _settings(), safe_next(request.args.get("next"))
    if access.current_person():
        return redirect(target, 303)
    begun = operations_oidc.new_request(target)
    try:
        # Ends this request's session too: nobody else shall wait for the write lock while the provider is slow.
        attempt = spend_attempt(AttemptKind.OIDC, None)
        address = _provider().authorization_url(
            redirect_uri=_redirect_uri(), state=begun.state, nonce=begun.nonce, verifier=begun.verifier
        )
    except (SignInRefused, TooMany) as refused:
        return refused_page(refused)
    session = db_session()
    operations_oidc.begin_request(session, _this_browser(attempt), begun)
    session.commit()
    return render_template("accounts/oidc_leave.html", name=settings.name, address=address)


def _this_browser(attempt: int) -> str:
    """A secret in the signed cookie, for as long as a sign-in may take; one for all tabs that begin one.

    Beside it stands the attempt that is taken back when somebody comes in.
    """
    until = clock.now() + operations_oidc.REQUEST_LIFE
    secret = _browser_secret() or new_token()
    cookie[COOKIE_KEY] = [secret, until.timestamp(), attempt]
    return secret


def _browser_secret() -> str | None:
    secret, until, _ = cookie.get(COOKIE_KEY, (None, 0, 0))
    return secret if until > clock.now().timestamp() else None


@blueprint.get("/login/oidc/callback")
@access.public
def callback() -> ResponseReturnValue:
    settings = _settings()
    try:
        begun = _take_request()
        claims = _ask_provider(settings, begun)
        _sign_in(settings, claims)
    except SignInRefused as refused:
        return refused_page(refused)
    return redirect(begun.next_path, 303)


def _take_request() -> operations_oidc.Begun:
    """What this browser began. Committed at once: whatever comes of it, this state is used up."""
    state, browser = _argument("state", NOT_BEGUN), _browser_secret()
    if not state or not browser:
        raise SignInRefused("nothing was begun in this browser", NOT_BEGUN)
    with database().session(writes=True) as session:
        begun = operations_oidc.take_request(session, browser, state)
        session.commit()
    if begun is None:
        raise SignInRefused("the sign-in was not begun here, is over or took too long", NOT_BEGUN)
    return begun


def _ask_provider(settings: Oidc, begun: operations_oidc.Begun) -> Claims:
    error, code, issuer = _argument("error"), _argument("code"), _argument("iss")
    _provider().check_issuer(issuer)
    if error is not None:
        raise SignInRefused("the provider answered with an error", BROKEN_OFF.format(name=settings.name))
    if not code or len(code) > CODE_MAX:
        raise SignInRefused("the provider's answer had no code")
    return _provider().claims(code, redirect_uri=_redirect_uri(), nonce=begun.nonce, verifier=begun.verifier)


def _argument(name: str, sentence: str = "") -> str | None:
    values = request.args.getlist(name)
    if len(values) > 1:
        raise SignInRefused(f"the answer had more than one {name}", sentence)
    return values[0] if values else None


def _sign_in(settings: Oidc, claims: Claims) -> None:
    """Find or make the person and sign them in; once more where a twin of this request was faster."""
    *_, attempt = cookie[COOKIE_KEY]
    for tries_left in reversed(range(TRIES)):
        with database().session(writes=True) as session:
            try:
                person = operations_oidc.person_from_claims(session, settings, claims)
                session.flush()
                limits.succeeded(session, attempt, AttemptKind.OIDC, person.email)
                sign_in(session, person, method=SignInMethod.OIDC)
                session.commit()
            except (IntegrityError, StaleDataError):
                if not tries_left:
                    raise
            else:
                return


@blueprint.post("/people/<int:person_id>/unlink")
@access.requires(rules.can_manage_people)
def unlink(person_id: int) -> ResponseReturnValue:
    """For somebody who got a new account at the provider, or whose address somebody else has there now."""
    session = db_session()
    person = session.get(Person, person_id)
    if person is None:
        raise NotVisible
    operations_oidc.unlink(session, person, actor=access.current_person())
    session.commit()
    flash(f"{person.name} is not linked to single sign-on any more.", "success")
    return redirect(url_for("people.show", person_id=person.id), 303)


def refused_page(refused: SignInRefused | TooMany) -> ResponseReturnValue:
    """The page that says so, and one entry in history; who does it too often gets the page alone."""
    try:
        if isinstance(refused, SignInRefused):
            spend_attempt(AttemptKind.OIDC, None)
            with database().session(writes=True) as session:
                operations_oidc.record_refusal(session, refused)
                session.commit()
    except TooMany as too_many:
        refused = too_many
    sentence = refused.sentence or DID_NOT_WORK
    page = make_response(render_template("accounts/oidc_refused.html", sentence=sentence))
    if isinstance(refused, TooMany):
        return limited(page, refused)
    page.status_code = refused.status
    return page
