"""The policy of reviews: for admins to look at, change, and set back to what was shipped."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts.rules import is_admin
from postmortem.errors import Conflict, Refused
from postmortem.history.queries import record_history
from postmortem.reviews.forms_policy import ReviewPolicyForm
from postmortem.reviews.models import ReviewPolicy
from postmortem.reviews.operations_policy import reset_policy, set_policy
from postmortem.reviews.policy import AS_SHIPPED
from postmortem.reviews.queries import ONLY_ROW, policy_or_as_shipped, stored_policy
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.forms import Conflicting, conflicting_fields
from postmortem.web.paging import earlier_than
from postmortem.web.request import db_session

blueprint = Blueprint("review_policy", __name__, url_prefix="/settings/reviews")


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
        return redirect(url_for("review_policy.index"), 303)
    flash("The policy is saved. It holds from the next publishing on.", "success")
    return redirect(url_for("review_policy.index"), 303)


@blueprint.post("/reset")
@access.requires(is_admin)
def reset() -> ResponseReturnValue:
    """Everything as shipped. Nothing happens where it is already."""
    session = db_session()
    is_other = reset_policy(session, actor=current_person())
    session.commit()
    flash("Everything is as shipped again." if is_other else "Everything was as shipped already.", "success")
    return redirect(url_for("review_policy.index"), 303)


def _form(row: ReviewPolicy | None, **kwargs: None) -> ReviewPolicyForm:
    return ReviewPolicyForm.of(policy_or_as_shipped(row), row.version if row else 0, **kwargs)


def _page(form: ReviewPolicyForm, is_as_shipped: bool, conflicts: Sequence[Conflicting] = ()) -> str:
    return render_template(
        "reviews/policy.html",
        form=form,
        conflicts=conflicts,
        is_as_shipped=is_as_shipped,
        history=record_history(db_session(), "review_policy", ONLY_ROW, before=earlier_than()),
    )
