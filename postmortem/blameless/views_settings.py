"""The help with language: for admins to switch rules off, add words, and set all back to as shipped."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts.rules import is_admin
from postmortem.blameless.forms_language import LanguageForm
from postmortem.blameless.operations_language import reset_language, set_language
from postmortem.blameless.queries_language import AS_SHIPPED, ONLY_ROW, current_language, stored_language
from postmortem.errors import Conflict, Refused
from postmortem.history.queries import record_history
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.forms import Conflicting, conflicting_fields
from postmortem.web.paging import earlier_than
from postmortem.web.request import db_session

blueprint = Blueprint("language_settings", __name__, url_prefix="/settings/language")


@blueprint.route("", methods=["GET", "POST"])
@access.requires(is_admin)
def index() -> ResponseReturnValue:
    session = db_session()
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422 if form.is_submitted() else 200
    try:
        set_language(session, form.settings(), version=form.version.data or 0, actor=current_person())
        session.commit()
    except Refused as refused:
        session.rollback()
        form.refuse(refused.field, refused.sentence)
        return _page(form), 422
    except (Conflict, StaleDataError):
        session.rollback()
        session.expire_all()
        if conflicts := conflicting_fields(form, _form(formdata=None)):
            return _page(form, conflicts), 409
        # Sent twice, or somebody decided the very same: there is nothing to decide.
        return redirect(url_for("language_settings.index"), 303)
    flash("Saved. Hints follow it from now on; words that were kept stay kept.", "success")
    return redirect(url_for("language_settings.index"), 303)


@blueprint.post("/reset")
@access.requires(is_admin)
def reset() -> ResponseReturnValue:
    """Everything as shipped. Nothing happens where it is already."""
    session = db_session()
    is_other = reset_language(session, actor=current_person())
    session.commit()
    flash("Everything is as shipped again." if is_other else "Everything was as shipped already.", "success")
    return redirect(url_for("language_settings.index"), 303)


def _form(**kwargs: None) -> LanguageForm:
    session = db_session()
    row = stored_language(session)
    return LanguageForm.of(current_language(session), row.version if row else 0, **kwargs)


def _page(form: LanguageForm, conflicts: Sequence[Conflicting] = ()) -> str:
    session = db_session()
    return render_template(
        "blameless/settings.html",
        form=form,
        conflicts=conflicts,
        is_as_shipped=current_language(session) == AS_SHIPPED,
        history=record_history(session, "language_policy", ONLY_ROW, before=earlier_than()),
    )
