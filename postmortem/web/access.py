"""The access gate: every view declares who may call it, and a view that does not stops the start-up.

    @access.public                      anybody, also signed out (sign-in, health)
    @access.reading                     signed in; anybody where the site allows public reading
    @access.signed_in                   every active person
    @access.requires(rules.can_manage)  those for whom the rule says yes; others get 403
    @access.signed_in(post=rules.can_x) the page for everybody signed in, its POST only by the rule

The gate answers "may this person call this at all". Whether they may see or change one particular thing
is asked in the view: by a query through `visible_to(person)` (404), then `authorize(rule, thing)` (403).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar, cast, overload
from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import Forbidden

from postmortem.web.request import SAFE_METHODS


class SignedInPerson(Protocol):
    """What `web` needs to know of a person."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def timezone(self) -> str: ...


Rule = Callable[..., bool]
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])


@dataclass(frozen=True)
class Access:
    """What a view declared. `rule` guards every method, `post` those that change something."""

    kind: str
    rule: Rule | None = None
    post: Rule | None = None


class UndeclaredAccess(Exception):
    """Some route's view does not say who may call it. Raised at start-up."""


def _declare(view: View, access: Access) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Anybody may call this, also signed out."""
    return _declare(view, Access("public"))


def reading(view: View) -> View:
    """Signed-in people; everybody where POSTMORTEM_PUBLIC_READING is on (queries then show public entries)."""
    return _declare(view, Access("reading"))


@overload
def signed_in(view: View) -> View: ...
@overload
def signed_in(*, post: Rule) -> Callable[[View], View]: ...
def signed_in(view: View | None = None, *, post: Rule | None = None) -> View | Callable[[View], View]:
    """Every signed-in person; `post` is a rule of the person for methods that change something."""
    if view is not None:
        return _declare(view, Access("signed_in"))
    return lambda function: _declare(function, Access("signed_in", post=post))


def requires(rule: Rule) -> Callable[[View], View]:
    """Signed-in people for whom `rule(person)` holds."""
    return lambda view: _declare(view, Access("requires", rule=rule))


def declared(view: Callable[..., Any]) -> Access | None:
    """What a view function declared, None where it did not."""
    return getattr(view, "access", None)


def current_person() -> Any:
    """Who is signed in (an accounts.Person), or None."""
    if g.get("is_nobody"):
        return None
    # Flask-Login keeps the user here once it is known; asking its proxy each time is dear in a list. Without
    # its key in the cookie there is nobody to ask for.
    user = g.get("_login_user") or (current_user if "_user_id" in session else None)
    return user.person if user is not None and user.is_authenticated else None


def forget_person() -> None:
    """For the rest of this request nobody is signed in: an error page must not ask a failing database."""
    g.is_nobody = True


def load_person_again() -> None:
    """The person belongs to a session that failed; whoever asks next gets them from a fresh one."""
    g.pop("_login_user", None)


def authorize(rule: Rule, *things: object) -> None:
    """Raise 403 with the rule's sentence unless `rule(current person, *things)` holds."""
    person = current_person()
    if person is None or not rule(person, *things):
        raise Forbidden(refusal(rule))


def refusal(rule: Rule) -> str:
    """The sentence of a rule: its docstring's first line says who may."""
    text = (rule.__doc__ or "").strip().splitlines()
    return text[0] if text else "Your role does not include this. An admin can change it."


def init_app(app: Flask) -> None:
    """Guard every route; call after all blueprints are registered."""
    undeclared = sorted(
        endpoint
        for endpoint, view in app.view_functions.items()
        if endpoint != "static" and declared(view) is None
    )
    if undeclared:
        raise UndeclaredAccess(f"These views do not declare who may call them: {', '.join(undeclared)}")
    app.before_request(_gate)


def _gate() -> ResponseReturnValue | None:
    if request.endpoint is None or request.endpoint == "static":
        return None
    access = cast(Access, declared(current_app.view_functions[request.endpoint]))
    if access.kind == "public" or (access.kind == "reading" and current_app.config["PUBLIC_READING"]):
        return None
    person = current_person()
    if person is None:
        return _ask_to_sign_in()
    rule = access.rule or (access.post if request.method not in SAFE_METHODS else None)
    if rule is not None and not rule(person):
        raise Forbidden(refusal(rule))
    return None


def _ask_to_sign_in() -> ResponseReturnValue:
    """Lead to /login and from there back to this page; after a form was sent, to the page it stood on."""
    if request.method in SAFE_METHODS:
        next_path = request.full_path.rstrip("?")
    else:
        # Whether that is a page of ours at all is looked at when it is used (web/next_url.py).
        came_from = urlsplit(request.referrer or "")
        next_path = came_from._replace(scheme="", netloc="", fragment="").geturl()
    return redirect(url_for("sign_in.login", next=None if next_path in ("", "/") else next_path), 303)
