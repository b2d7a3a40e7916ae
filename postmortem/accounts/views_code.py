"""The second step of signing in: the code, after the right password."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from postmortem.accounts import limits, queries
from postmortem.accounts.enums import AttemptKind
from postmortem.accounts.forms import CodeForm, RecoveryCodeForm
from postmortem.accounts.operations_second_factor import (
    WRONG_CODE,
    failed_code,
    recovery_codes_left,
    take_code,
)
from postmortem.accounts.sign_in import limited, pending_person, sign_in, spend_attempt
from postmortem.errors import Refused
from postmortem.web import access
from postmortem.web.client_address import client_address
from postmortem.web.next_url import safe_next
from postmortem.web.request import db_session

blueprint = Blueprint("code", __name__, url_prefix="/login")


@blueprint.route("/code", methods=["GET", "POST"])
@access.public
def login_code() -> ResponseReturnValue:
    """Ask whoever gave the right password for a code. Nobody is signed in before it is right."""
    target = safe_next(request.args.get("next"))
    if access.current_person():
        return redirect(target, 303)
    if pending_person(db_session()) is None:
        flash("The code is asked for after the password, within 10 minutes. Please sign in.", "info")
        return redirect(url_for("sign_in.login", next=None if target == "/" else target), 303)
    form = RecoveryCodeForm() if "recovery" in request.args else CodeForm()
    if form.validate_on_submit():
        try:
            _sign_in_with(form.code.data or "")
        except Refused as refused:
            form.refuse(refused.field, refused.sentence)
            return limited(make_response(_page(form), 422), refused)
        return redirect(target, 303)
    return _page(form), 422 if form.is_submitted() else 200


def _sign_in_with(code: str) -> None:
    """Take the code and sign in. Raises Refused, TooMany."""
    pending = pending_person(db_session())
    if pending is None:
        raise Refused(WRONG_CODE, field="code")
    attempt = spend_attempt(AttemptKind.SECOND_FACTOR, pending[0].email)
    session = db_session()
    person = queries.person_to_sign_in(session, pending[0].id)
    if person is None or pending_person(session) is None or not take_code(session, person, code):
        failed_code(session, pending[0], address=client_address())
        session.commit()
        raise Refused(WRONG_CODE, field="code")
    limits.succeeded(session, attempt, AttemptKind.SECOND_FACTOR, person.email)
    sign_in(session, person, method=pending[1])
    left = recovery_codes_left(session, person) if "recovery" in request.args else None
    session.commit()
    if left is not None:
        flash(f"Recovery codes that you have left: {left}. Your page, Second factor, makes new ones.", "info")


def _page(form: CodeForm) -> str:
    return render_template("accounts/code.html", form=form, is_recovery=isinstance(form, RecoveryCodeForm))
