"""The policy of follow-up: for admins to look at, change, and set back to what was shipped."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts.rules import is_admin
from postmortem.actions.forms_policy import KINDS, PolicyForm
from postmortem.actions.models_around import ActionPolicy
from postmortem.actions.operations_policy import reset_policy, set_policy
from postmortem.actions.policy import AS_SHIPPED
from postmortem.actions.queries_policy import policy_or_as_shipped, stored_policy
from postmortem.errors import Conflict, Refused
from postmortem.history.queries import record_history
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.forms import Conflicting, conflicting_fields
from postmortem.web.paging import earlier_than
from postmortem.web.request import db_session

blueprint = Blueprint("policy", __name__, url_prefix="/settings/actions")


@blueprint.route("", methods=["GET", "POST"])
@access.requires(is_admin)
def index() -> ResponseReturnValue:
    session = db_session()
    row = stored_policy(session)
    form, is_as_shipped = _form(row), policy_or_as_shipped(row) == AS_SHIPPED
    if not form.validate_on_submit():
        return _page(form, is_as_shipped), 422 if form.is_submitted() else 200
    try:
        set_policy(session, form.policy(), version=form.version.data or 0, actor=current_person())
        session.commit()
    except Refused as refused:
        session.rollback()
        form.refuse(refused.field, refused.sentence)
        return _page(form, is_as_shipped), 422
    except (Conflict, StaleDataError):
        session.rollback()
        session.expire_all()
        row = stored_policy(session)
        if conflicts := conflicting_fields(form, _form(row, formdata=None)):
            return _page(form, policy_or_as_shipped(row) == AS_SHIPPED, conflicts), 409
        # Sent twice, or somebody decided the very same: there is nothing to decide.
        return redirect(url_for("policy.index"), 303)
    flash("The policy is saved. It holds from now on; dates that were given stay.", "success")
    return redirect(url_for("policy.index"), 303)


@blueprint.post("/reset")
@access.requires(is_admin)
def reset() -> ResponseReturnValue:
    """Everything as shipped. Nothing happens where it is already."""
    session = db_session()
    is_other = reset_policy(session, actor=current_person())
    session.commit()
    flash("Everything is as shipped again." if is_other else "Everything was as shipped already.", "success")
    return redirect(url_for("policy.index"), 303)


def _form(row: ActionPolicy | None, **kwargs: None) -> PolicyForm:
    return PolicyForm.of(policy_or_as_shipped(row), row.version if row else 0, **kwargs)


def _page(form: PolicyForm, is_as_shipped: bool, conflicts: Sequence[Conflicting] = ()) -> str:
    session = db_session()
    return render_template(
        "actions/policy.html",
        form=form,
        kinds=list(KINDS.values()),
        conflicts=conflicts,
        is_as_shipped=is_as_shipped,
        history=record_history(session, "action_policy", 1, before=earlier_than()),
    )
