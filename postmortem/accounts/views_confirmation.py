"""Proving again who one is, before something that decides who gets in.

    @access.signed_in
    @confirmed                      the whole view, reading included
    def switch_off(): …

    if page := ask_to_confirm():    where only some of what a form may change needs it
        return page

Whoever signed in, or confirmed, within ten minutes notices nothing. A form that was sent later is answered with a
page that asks for the password or a code and carries along all that was typed: nothing has to be typed twice.
"""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from postmortem.accounts import limits, queries
from postmortem.accounts.enums import AttemptKind
from postmortem.accounts.forms import ConfirmForm
from postmortem.accounts.models import Person
from postmortem.accounts.operations_second_factor import WRONG_CODE, take_code
from postmortem.accounts.operations_sign_in import confirm_session
from postmortem.accounts.passwords import is_password
from postmortem.accounts.sign_in import limited, sign_out, spend_attempt
from postmortem.errors import Refused
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.next_url import safe_next
from postmortem.web.request import SAFE_METHODS, database, db_session

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
Carried = list[tuple[str, str]]

blueprint = Blueprint("confirmation", __name__)


def confirmed(view: View) -> View:
    """Ask first who it is, unless that was proved within ten minutes. Stands below the `access` decorator."""

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> ResponseReturnValue:
        return ask_to_confirm() or view(*args, **kwargs)

    return cast(View, guarded)


def ask_to_confirm() -> ResponseReturnValue | None:
    """None where the current person has proved who they are; otherwise the page that asks for it.

    Call it before anything is read or changed: where there is a proof to look at, the request's database session
    is begun anew.
    """
    if current_user.is_confirmed:
        return None
    if request.method in SAFE_METHODS:
        return redirect(url_for("confirmation.confirm", next=request.full_path.rstrip("?")), 303)
    form = ConfirmForm()
    own = {field.name for field in form}
    carried = [(name, value) for name, value in request.form.items(multi=True) if name not in own]
    if not own & set(request.form) - {"csrf_token"}:
        return make_response(_page(ConfirmForm(formdata=None), carried=carried), 403)
    refused = _look_at(form)
    return limited(make_response(_page(form, carried=carried), 422), refused) if refused else None


@blueprint.route("/confirm", methods=["GET", "POST"])
@access.signed_in
def confirm() -> ResponseReturnValue:
    """Ask for the password or a code, then go on to the page that wanted it."""
    form, target = ConfirmForm(), safe_next(request.args.get("next"))
    if form.is_submitted():
        if refused := _look_at(form):
            return limited(make_response(_page(form), 422), refused)
        return redirect(target, 303)
    return _page(form)


@blueprint.post("/confirm/again")
@access.signed_in
def sign_in_again() -> ResponseReturnValue:
    """For whoever has no password here: sign out, and sign in again the way they came."""
    session = db_session()
    sign_out(session)
    session.commit()
    return redirect(url_for("sign_in.login", next=safe_next(request.args.get("next"))), 303)


def _page(form: ConfirmForm, *, carried: Carried | None = None) -> str:
    person: Person = current_person()
    return render_template(
        "accounts/confirm.html",
        form=form,
        carried=carried or [],
        has_password=person.password_hash is not None,
        has_codes=person.totp_confirmed_at is not None,
        target=safe_next(request.args.get("next") if carried is None else request.path),
    )


def _look_at(form: ConfirmForm) -> Refused | None:
    """Note that the person has proved who they are; or put into the form what was wrong, and return it."""
    person: Person = current_person()
    token: str = current_user.token
    kind = AttemptKind.SECOND_FACTOR if form.confirm_code.data else AttemptKind.SIGN_IN
    try:
        if not form.validate():
            raise Refused("Send this form once more.")
        attempt = spend_attempt(kind, person.email)
        # The slow check comes before the first statement that takes the lock for writing.
        is_right = kind == AttemptKind.SIGN_IN and is_password(
            person.password_hash, form.confirm_password.data or ""
        )
        with database().session(writes=True) as session:
            now = queries.person_to_sign_in(session, person.id)
            if kind == AttemptKind.SECOND_FACTOR:
                is_right = now is not None and take_code(session, now, form.confirm_code.data)
            if now is None or not is_right or now.password_hash != person.password_hash:
                session.rollback()
                raise _not_right(kind)
            limits.succeeded(session, attempt, kind, person.email)
            confirm_session(session, token)
            session.commit()
    except Refused as refused:
        form.refuse(refused.field, refused.sentence)
        return refused
    return None


def _not_right(kind: AttemptKind) -> Refused:
    if kind == AttemptKind.SECOND_FACTOR:
        return Refused(WRONG_CODE, field="confirm_code")
    return Refused("That is not your password. Try again.", field="confirm_password")
