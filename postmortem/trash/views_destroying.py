"""Destroying for good: a page that says what goes and what stays, and the form that does it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts.rules import is_admin
from postmortem.errors import Conflict, NotVisible, Refused
from postmortem.trash import destroying, queries
from postmortem.trash.enums import Kind, kind_of
from postmortem.trash.forms import DestroyForm
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.request import db_session

blueprint = Blueprint("destroying", __name__, url_prefix="/settings/trash")


@blueprint.route("/<kind>/<int:id_>/destroy", methods=["GET", "POST"])
@access.requires(is_admin)
def destroy(kind: str, id_: int) -> ResponseReturnValue:
    """Destroy it; sent twice, the second finds it gone and says so."""
    session, known = db_session(), kind_of(kind)
    form = DestroyForm()
    if not form.validate_on_submit():
        return _page(known, id_, form, 422 if form.is_submitted() else 200)
    try:
        label = destroying.destroy(
            session,
            known,
            id_,
            typed=form.number.data or "",
            reason=form.reason.data or "",
            actor=current_person(),
        )
        session.commit()
    except Refused as refused:
        session.rollback()
        form.refuse(refused.field, refused.sentence)
        return _page(known, id_, form, 422)
    except (Conflict, NotVisible, StaleDataError):
        session.rollback()
        flash("That is not in the trash any more.", "info")
    else:
        flash(f"{label} was destroyed for good.", "success")
    return redirect(url_for("trash.index"), 303)


def _page(kind: Kind, id_: int, form: DestroyForm, status: int) -> ResponseReturnValue:
    session = db_session()
    thing = queries.one_trashed(session, kind, id_)
    if thing is None:
        raise NotVisible
    page = render_template(
        "trash/destroy.html",
        thing=thing,
        form=form,
        in_the_way=destroying.titles_in_the_way(session, id_) if kind is Kind.INCIDENT else [],
    )
    return page, status
