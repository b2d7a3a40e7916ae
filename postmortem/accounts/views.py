"""Signing in and out, setting a password, the first set-up."""

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
from flask.typing import ResponseReturnValue

from postmortem.accounts import limits, operations_sign_in, queries
from postmortem.accounts.enums import AttemptKind, LinkPurpose, SignInMethod
from postmortem.accounts.forms import LoginForm, PasswordForm, SetUpForm
from postmortem.accounts.passwords import is_password
from postmortem.accounts.sign_in import (
    complete_password_sign_in,
    limited,
    sign_in,
    sign_out,
    spend_attempt,
    why_signed_out,
)
from postmortem.errors import Refused
from postmortem.web import access, zones
from postmortem.web.client_address import client_address
from postmortem.web.next_url import safe_next
from postmortem.web.request import database, db_session

blueprint = Blueprint("sign_in", __name__)


@blueprint.before_app_request
def ask_for_set_up() -> ResponseReturnValue | None:
    """Lead the first visitor of an empty database to /setup; remembered once somebody is there."""
    if current_app.extensions.get("has_people") or request.endpoint in (
        None,
        "static",
        "sign_in.set_up",
        "site.health",
        "site.ready",
    ):
        return None
    if queries.has_people(db_session()):
        current_app.extensions["has_people"] = True
        return None
    return redirect(url_for("sign_in.set_up"), 303)


@blueprint.route("/login", methods=["GET", "POST"])
@access.public
def login() -> ResponseReturnValue:
    target = safe_next(request.args.get("next"))
    if access.current_person():
        return redirect(target, 303)
    form, ended = LoginForm(), why_signed_out()
    if form.validate_on_submit():
        try:
            path = _sign_in_with(form.email.data or "", form.password.data or "", target)
        except Refused as refused:
            form.refuse(None, refused.sentence)
            page = render_template("accounts/login.html", form=form, ended=None)
            return limited(make_response(page, 422), refused)
        return redirect(path, 303)
    return render_template("accounts/login.html", form=form, ended=ended), 422 if form.is_submitted() else 200


def _sign_in_with(email: str, password: str, target: str) -> str:
    """Sign in, or remember that only the code is missing; returns where to go. Raises Refused, TooMany.

    A hash takes its time; nobody else shall wait for the write lock meanwhile. What was read before is therefore
    looked at again: a password changed in between, or an account deactivated, lets nobody in.
    """
    attempt = spend_attempt(AttemptKind.SIGN_IN, email)
    with database().session(writes=False) as reading:
        found = queries.person_by_email(reading, email)
    is_right = is_password(found.password_hash if found else None, password)
    session = db_session()
    person = queries.person_to_sign_in(session, found.id) if found is not None and is_right else None
    if person is None or found is None or person.password_hash != found.password_hash:
        operations_sign_in.failed_sign_in(session, found, address=client_address())
        session.commit()
        raise Refused(
            "That e-mail address and password do not go together. Try again, or ask for a new password below."
        )
    limits.succeeded(session, attempt, AttemptKind.SIGN_IN, email)
    path = complete_password_sign_in(session, person, method=SignInMethod.PASSWORD, target=target)
    session.commit()
    return path


@blueprint.post("/logout")
@access.public
def logout() -> ResponseReturnValue:
    session = db_session()
    sign_out(session)
    session.commit()
    response = redirect(url_for("sign_in.login"), 303)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.route("/password/<token>", methods=["GET", "POST"])
@access.public
def password(token: str) -> ResponseReturnValue:
    """Set a password through a single-use link. A used, expired or wrong link gets the same answer."""
    session = db_session()
    link = queries.usable_link(session, LinkPurpose.PASSWORD, token)
    if link is None:
        return render_template("accounts/link_gone.html"), 404
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            person = operations_sign_in.set_password(session, link, form.password.data or "")
        except Refused as refused:
            form.refuse(refused.field, refused.sentence)
        else:
            path = complete_password_sign_in(session, person, method=SignInMethod.LINK, target="/")
            session.commit()
            flash("Your password is set.", "success")
            return redirect(path, 303)
    return render_template("accounts/password.html", form=form), 422 if form.is_submitted() else 200


@blueprint.route("/setup", methods=["GET", "POST"])
@access.public
def set_up() -> ResponseReturnValue:
    """Make the first admin. Exists only while there is nobody."""
    session = db_session()
    if queries.has_people(session):
        abort(404)
    form = SetUpForm(code=request.args.get("code", ""))
    if form.validate_on_submit():
        try:
            spend_attempt(AttemptKind.CODE, None)
            session = db_session()
            link = queries.usable_link(session, LinkPurpose.SETUP, form.code.data or "")
            if link is None:
                raise Refused(
                    "That is not the code. The program printed a link with it when it started; a restart prints a new one.",
                    field="code",
                )
            person = operations_sign_in.set_up(
                session,
                link,
                email=form.email.data or "",
                name=form.name.data or "",
                password=form.password.data or "",
                timezone=form.timezone.data or "UTC",
            )
            if form.load_samples.data:
                current_app.config["LOAD_SAMPLES"](session, person)
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        else:
            sign_in(session, person, method=SignInMethod.LINK)
            session.commit()
            flash(
                "Welcome. You are the first admin: add your colleagues under People, or file an incident.",
                "success",
            )
            return redirect("/", 303)
    page = render_template("accounts/setup.html", form=form, zones=zones.zone_names())
    return page, 422 if form.is_submitted() else 200
