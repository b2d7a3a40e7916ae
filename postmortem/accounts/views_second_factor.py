"""My second factor: setting it up, its recovery codes, switching it off."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from postmortem.accounts import operations_second_factor as operations
from postmortem.accounts.forms import CodeForm
from postmortem.accounts.second_factor import in_groups, picture, setup_address
from postmortem.accounts.views_confirmation import confirmed
from postmortem.errors import Refused
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.request import db_session

blueprint = Blueprint("second_factor", __name__, url_prefix="/me/second-factor")


@blueprint.get("")
@access.signed_in
@confirmed
def show() -> ResponseReturnValue:
    return _page(CodeForm(formdata=None))


@blueprint.get("/picture.svg")
@access.signed_in
@confirmed
def qr_code() -> ResponseReturnValue:
    """The secret as a picture for the app's camera; only while it is being set up."""
    person = current_person()
    if person.totp_secret is None or person.totp_confirmed_at is not None:
        abort(404)
    site = f"Postmortem {urlsplit(current_app.config['BASE_URL']).hostname}"
    drawn = picture(setup_address(person.totp_secret, email=person.email, site=site))
    return Response(drawn, mimetype="image/svg+xml", headers={"Cache-Control": "no-store"})


@blueprint.post("/begin")
@access.signed_in
@confirmed
def begin() -> ResponseReturnValue:
    session = db_session()
    operations.begin_second_factor(session, current_person())
    session.commit()
    return redirect(url_for("second_factor.show"), 303)


@blueprint.post("/switch-on")
@access.signed_in
@confirmed
def switch_on() -> ResponseReturnValue:
    """Take the first code, and show the recovery codes: in this answer and never again."""
    session, form = db_session(), CodeForm()
    if form.validate_on_submit():
        try:
            codes = operations.confirm_second_factor(
                session, current_person(), form.code.data or "", token=current_user.token
            )
        except Refused as refused:
            form.refuse(refused.field, refused.sentence)
        else:
            session.commit()
            return _codes(codes, is_new=True)
    return _page(form), 422


@blueprint.post("/recovery-codes")
@access.signed_in
@confirmed
def recovery_codes() -> ResponseReturnValue:
    session = db_session()
    codes = operations.renew_recovery_codes(session, current_person())
    session.commit()
    return _codes(codes, is_new=False)


@blueprint.post("/switch-off")
@access.signed_in
@confirmed
def switch_off() -> ResponseReturnValue:
    """Switch it off, or give up setting it up."""
    session, person = db_session(), current_person()
    was_on = person.totp_confirmed_at is not None
    operations.switch_off_second_factor(session, person, token=current_user.token)
    session.commit()
    if was_on:
        flash("Your second factor is off, and every other browser is signed out.", "success")
    return redirect(url_for("second_factor.show"), 303)


def _page(form: CodeForm) -> str:
    person = current_person()
    is_on = person.totp_confirmed_at is not None
    return render_template(
        "accounts/me/second_factor.html",
        form=form,
        is_on=is_on,
        since=person.totp_confirmed_at,
        secret=in_groups(person.totp_secret) if person.totp_secret and not is_on else None,
        codes_left=operations.recovery_codes_left(db_session(), person) if is_on else 0,
    )


def _codes(codes: list[str], *, is_new: bool) -> str:
    return render_template("accounts/me/recovery_codes.html", codes=codes, is_new=is_new)
