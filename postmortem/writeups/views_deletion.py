"""Deleting a write-up, and undo: a page that says what goes with it, and the form that does it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from postmortem.errors import Conflict, Refused
from postmortem.incidents.rules import UNDO_FOR
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.forms import EditForm
from postmortem.web.request import db_session
from postmortem.writeups import operations_deletion, queries, rules
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.models import Writeup
from postmortem.writeups.views_publishing import CHANGED

blueprint = Blueprint("writeup_deletion", __name__)


@blueprint.route("/writeups/<slug>/delete", methods=["GET", "POST"])
@access.requires(rules.can_start)
def delete(slug: str) -> ResponseReturnValue:
    """Delete it; sent twice, the second finds it deleted by the same person and says so again."""
    session, person = db_session(), current_person()
    find = queries.visible_or_just_deleted if request.method == "POST" else queries.visible_writeup
    writeup = find(session, person, slug)
    is_first = writeup.state != WriteupState.DELETED
    if is_first:
        authorize(rules.can_delete, writeup)
    form = EditForm(data={"version": writeup.version})
    if is_first and not form.validate_on_submit():
        return _page(writeup, form, 422 if form.is_submitted() else 200)
    try:
        operations_deletion.delete_writeup(session, writeup, version=form.version.data, actor=person)
        session.commit()
    except Refused as refused:
        session.rollback()
        form.refuse(None, refused.sentence)
        return _page(queries.visible_writeup(session, person, slug), form, 422)
    except (Conflict, StaleDataError):
        session.rollback()
        session.expire_all()
        writeup = queries.visible_or_just_deleted(session, person, slug)
        if writeup.state != WriteupState.DELETED:
            form = EditForm(data={"version": writeup.version}, formdata=None)
            form.form_errors.append(CHANGED)
            return _page(writeup, form, 409)
    undo_url = url_for("writeup_deletion.restore", slug=slug)
    text = f"“{writeup.title}” was deleted."
    flash({"text": text, "undo_url": undo_url, "undo_label": "Undo"}, "success")  # type: ignore[arg-type]
    return redirect(url_for("blog.front_page"), 303)


@blueprint.post("/writeups/<slug>/restore")
@access.requires(rules.can_start)
def restore(slug: str) -> ResponseReturnValue:
    """Undo, for whoever deleted it; admins have the trash as well."""
    session, person = db_session(), current_person()
    writeup = queries.visible_or_just_deleted(session, person, slug)
    operations_deletion.restore_writeup(session, writeup, actor=person)
    session.commit()
    flash("The write-up is back.", "success")
    return redirect(url_for("blog.show", slug=slug), 303)


def _page(writeup: Writeup, form: EditForm, status: int) -> ResponseReturnValue:
    page = render_template(
        "writeups/delete.html",
        writeup=writeup,
        form=form,
        is_published=writeup.state == WriteupState.PUBLISHED,
        undo_hours=int(UNDO_FOR.total_seconds() // 3600),
    )
    return page, status
