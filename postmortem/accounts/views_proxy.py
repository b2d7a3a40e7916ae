"""Signing in as whom a trusted proxy names, by a button; and what `/login` offers besides the password.

Nobody is signed in without a click, and the session lasts only as long as the proxy names the same person.
"""

from dataclasses import dataclass

from flask import Blueprint, abort, current_app, redirect, request
from flask import session as cookie
from flask.typing import ResponseReturnValue

from postmortem.accounts import proxy_sign_in
from postmortem.accounts.enums import SignInMethod
from postmortem.accounts.oidc_claims import SignInRefused
from postmortem.accounts.proxy_sign_in import Word
from postmortem.accounts.sign_in import sign_in, sign_out
from postmortem.accounts.views_oidc import refused_page
from postmortem.web import access
from postmortem.web.next_url import safe_next
from postmortem.web.request import SAFE_METHODS, close_db_session, database, db_session

blueprint = Blueprint("proxy", __name__)
# Stands in the signed cookie beside the session's token where the session is the proxy's: whom it named.
COOKIE_KEY = "proxy"
UNKNOWN = "The proxy in front of this site says that you are {email}. Nobody here has that address, or the account is deactivated. Ask an admin."
UNUSABLE = (
    "The proxy in front of this site does not say who you are in a way that can be used. Tell an admin."
)
CHANGED = "The proxy in front of this site does not name the person that the page showed. Go back to the sign-in page and look again."


@dataclass(frozen=True)
class OtherWays:
    """What the sign-in page offers besides the password. Blank: not offered."""

    next_path: str | None
    oidc_name: str = ""
    proxy_email: str = ""
    proxy_sentence: str = ""


@blueprint.app_template_global()
def other_ways() -> OtherWays:
    target = safe_next(request.args.get("next"))
    oidc = current_app.extensions["config"].oidc
    found = proxy_sign_in.named(db_session())
    sentence = {Word.UNKNOWN: UNKNOWN.format(email=found.email), Word.UNUSABLE: UNUSABLE}.get(found.word, "")
    return OtherWays(
        next_path=None if target == "/" else target,
        oidc_name=oidc.name if oidc else "",
        proxy_email=found.email if found.word is Word.KNOWN else "",
        proxy_sentence=sentence,
    )


@blueprint.post("/login/proxy")
@access.public
def start() -> ResponseReturnValue:
    """Sign in whom the proxy names now, if that is whom the button named."""
    if proxy_sign_in.settings() is None:
        abort(404)
    target, session = safe_next(request.args.get("next")), db_session()
    found = proxy_sign_in.named(session)
    if found.person is None or request.form.getlist("email") != [found.email]:
        reason, sentence = {
            Word.UNKNOWN: ("nobody here has the address that the proxy named", UNKNOWN),
            Word.UNUSABLE: ("the proxy named nobody in a way that can be used", UNUSABLE),
        }.get(found.word, ("the proxy did not name whom the page showed", CHANGED))
        return refused_page(SignInRefused(reason, sentence.format(email=found.email), status=403))
    sign_in(session, found.person, method=SignInMethod.PROXY)
    cookie[COOKIE_KEY] = found.email
    session.commit()
    return redirect(target, 303)


@blueprint.before_app_request
def end_with_the_proxy() -> None:
    """A session that the proxy began counts only while the proxy names the same person.

    Where the proxy itself names somebody else or nobody, it ends, also on a GET: that only takes rights away.
    A request past the proxy ends nothing, and comes from nobody.
    """
    # Looking into the cookie makes an answer one that nobody may keep, so it is done only where there is one.
    if request.endpoint == "static" or current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        return
    began_as = cookie.get(COOKIE_KEY)
    if began_as is None or proxy_sign_in.named_address() == began_as:
        return
    if proxy_sign_in.settings() is None or proxy_sign_in.is_from_proxy():
        _end_session()
    else:
        access.forget_person()


def _end_session() -> None:
    # A request that may write does so in its own session; two that write would wait for each other.
    is_reading = request.method in SAFE_METHODS
    session = database().session(writes=True) if is_reading else db_session()
    with session:
        sign_out(session)
        session.commit()
    if not is_reading:
        close_db_session()
