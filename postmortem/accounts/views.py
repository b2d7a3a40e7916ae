"""Signing in and out, setting a password, the first set-up."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from postmortem.accounts import operations_sign_in, queries
from postmortem.accounts.enums import LinkPurpose, SignInMethod
from postmortem.accounts.forms import LoginForm, PasswordForm, SetUpForm
from postmortem.accounts.passwords import is_password
from postmortem.accounts.sign_in import sign_in, sign_out
from postmortem.errors import Refused
from postmortem.web import access, zones
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
    form = LoginForm()
    if form.validate_on_submit():
        # A hash takes its time; nobody else shall wait for the write lock meanwhile.
        with database().session(writes=False) as reading:
            person = queries.person_by_email(reading, form.email.data or "")
        known = is_password(person.password_hash if person else None, form.password.data or "")
        if person is not None and person.is_active and known:
            session = db_session()
            sign_in(session, person, method=SignInMethod.PASSWORD)
            session.commit()
            return redirect(target, 303)
        form.form_errors.append(
            "That e-mail address and password do not go together. Try again, or ask an admin for a new link."
        )
    return render_template("accounts/login.html", form=form), 422 if form.is_submitted() else 200


@blueprint.post("/logout")
@access.public
def logout() -> ResponseReturnValue:
    session = db_session()
    sign_out(session)
    session.commit()
    response = redirect(url_for("sign_in.login"), 303)
    response.headers["Clear-Site-Data"] = '"cache"'
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
            sign_in(session, person, method=SignInMethod.LINK)
            session.commit()
            flash("Your password is set and you are signed in.", "success")
            return redirect("/", 303)
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
