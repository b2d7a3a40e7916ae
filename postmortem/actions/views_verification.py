"""Saying whether what was done worked."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem import clock
from postmortem.actions import operations_verification, policy, queries, queries_around, rules
from postmortem.actions.enums import ACTION_STATUS_LABELS
from postmortem.actions.forms_verification import Outcome, VerifyForm
from postmortem.actions.models import Action
from postmortem.actions.queries_policy import current_policy
from postmortem.errors import Conflict, Refused
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.request import db_session

blueprint = Blueprint("verification", __name__)


@blueprint.route("/actions/<int:number>/verify", methods=["GET", "POST"])
@access.signed_in
def verify(number: int) -> ResponseReturnValue:
    """Who checked, how, and whether it worked; if it did not, what follows."""
    session, person = db_session(), current_person()
    action = queries.visible_action(session, person, number)
    authorize(rules.can_edit, action)
    form = VerifyForm(version=action.version, title=action.title, due_on=_proposed_day(session, action))
    if (
        form.is_submitted()
        and form.version.data != action.version
        and _said_so_already(session, action, form)
    ):
        return _to_action(number)
    if action.status not in operations_verification.CHECKED:
        flash(operations_verification.NOT_DONE_YET, "info")
        return _to_action(number)
    if not form.validate_on_submit():
        return _page(session, form, action), 422 if form.is_submitted() else 200
    try:
        made = operations_verification.verify(
            session, action, version=form.version.data, actor=person, **form.answer
        )
        session.commit()
    except Refused as refused:
        session.rollback()
        form.refuse(refused.field, refused.sentence)
        return _page(session, form, queries.visible_action(session, person, number)), 422
    except (Conflict, StaleDataError):
        return _stale(session, form, number)
    flash(_said(action, made), "success")
    return _to_action(made.id if made else number)


def _said(action: Action, made: Action | None) -> str:
    if made:
        return f"{made.reference} takes the place of {action.reference}. Check its owner and its date."
    if action.status == "verified":
        return f"{action.reference} is verified."
    return f"{action.reference} is in progress again."


def _said_so_already(session: Session, action: Action, form: VerifyForm) -> bool:
    """Whether this very form was sent before: the newest record is the same person's and says the same."""
    newest = next(iter(queries_around.verifications_of(session, action)), None)
    return (
        newest is not None
        and newest.person_id == current_person().id
        and newest.how == form.how.data
        and newest.has_worked == (form.outcome.data == Outcome.WORKED)
    )


def _stale(session: Session, form: VerifyForm, number: int) -> ResponseReturnValue:
    """Somebody changed the action meanwhile: say so, and let what was typed be sent again."""
    session.rollback()
    action = queries.visible_action(session, current_person(), number)
    form.version.data, form.version.raw_data = action.version, None
    label = ACTION_STATUS_LABELS[action.status].lower()
    form.form_errors.append(
        f"Somebody changed {action.reference} while you were writing; it is {label} now. "
        "Look at it, then save again if your answer still holds."
    )
    return _page(session, form, action), 409


def _proposed_day(session: Session, action: Action) -> object:
    return policy.proposed_due_on(
        current_policy(session), action.incident.severity, action.kind, clock.today()
    )


def _page(session: Session, form: VerifyForm, action: Action) -> str:
    around = queries_around.around(session, current_person(), action)
    return render_template("actions/verify.html", form=form, action=action, around=around)


def _to_action(number: int) -> ResponseReturnValue:
    return redirect(url_for("actions.show", number=number), 303)
