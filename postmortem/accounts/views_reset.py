"""Forgotten passwords: asking for a link by mail.

What a newcomer gets wrong: nothing here may look whether somebody has the address. The request only notes what was
typed, the same for everybody; the worker finds out later who it is, and mails the stored address.
"""

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from postmortem.accounts.browsers import browser_name
from postmortem.accounts.enums import AttemptKind
from postmortem.accounts.forms import ForgotForm
from postmortem.accounts.operations_reset import ask_for_reset
from postmortem.accounts.sign_in import limited, spend_attempt
from postmortem.errors import TooMany
from postmortem.web import access
from postmortem.web.request import db_session

blueprint = Blueprint("reset", __name__, url_prefix="/login/forgot")


@blueprint.route("", methods=["GET", "POST"])
@access.public
def forgot() -> ResponseReturnValue:
    if current_app.extensions["config"].smtp is None:
        return render_template("accounts/forgot_without_mail.html")
    form = ForgotForm()
    if form.validate_on_submit():
        email = form.email.data or ""
        try:
            spend_attempt(AttemptKind.RESET, email)
        except TooMany as refused:
            form.refuse(None, refused.sentence)
            return limited(make_response(render_template("accounts/forgot.html", form=form)), refused)
        session = db_session()
        ask_for_reset(session, email, browser=browser_name(request.user_agent.string))
        session.commit()
        return redirect(url_for("reset.sent"), 303)
    return render_template("accounts/forgot.html", form=form), 422 if form.is_submitted() else 200


@blueprint.get("/sent")
@access.public
def sent() -> ResponseReturnValue:
    return render_template("accounts/forgot_sent.html")
