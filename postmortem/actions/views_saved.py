"""Saved views of the list: keeping one, its link, renaming, sharing, deleting."""

from urllib.parse import parse_qsl

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from postmortem.actions import listing, operations_saved
from postmortem.actions.forms_list import EditSavedViewForm, FilterForm, SavedViewForm
from postmortem.actions.models_around import SavedView
from postmortem.actions.queries_saved import can_change_view, visible_view
from postmortem.actions.views_list import as_query, described, list_url
from postmortem.errors import Conflict, Refused
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.forms import conflicting_fields
from postmortem.web.once import already_done, commit_once
from postmortem.web.request import db_session

blueprint = Blueprint("saved_views", __name__, url_prefix="/actions/views")


@blueprint.route("/new", methods=["GET", "POST"])
@access.signed_in
def new() -> ResponseReturnValue:
    """Keep what this address asks the list under a name."""
    session, person = db_session(), current_person()
    asked, form = FilterForm(request.args), SavedViewForm()
    asked.offer(listing.filter_choices(session))
    query = as_query(request.args)
    if not asked.validate():
        raise Refused("This address asks for something that is not here. Start from the list.")
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            operations_saved.save_view(
                session,
                person,
                name=form.name.data,
                query=query,
                is_shared=form.is_shared.data,
                actor=person,
            )
        except Refused as refused:
            form.refuse(refused.field, refused.sentence)
        else:
            flash(f"“{form.name.data}” is saved. It stands above the list.", "success")
            return commit_once(session, form.form_key.data, _list_of(query))
    page = render_template("actions/view_new.html", form=form, query=query, asked=described(asked))
    return page, 422 if form.is_submitted() else 200


@blueprint.get("/<int:view_id>")
@access.signed_in
def show(view_id: int) -> ResponseReturnValue:
    """The view's link: leads to the list with its question as it is now."""
    return redirect(_list_of(visible_view(db_session(), current_person(), view_id).query))


@blueprint.route("/<int:view_id>/edit", methods=["GET", "POST"])
@access.signed_in
def edit(view_id: int) -> ResponseReturnValue:
    """Another name, or another circle."""
    session, person = db_session(), current_person()
    view = visible_view(session, person, view_id)
    authorize(can_change_view, view)
    form = EditSavedViewForm(obj=view)
    if not form.validate_on_submit():
        return _edit_page(form, view), 422 if form.is_submitted() else 200
    try:
        values = {"name": form.name.data, "is_shared": form.is_shared.data}
        operations_saved.edit_view(session, view, values, version=form.version.data, actor=person)
        session.commit()
    except Refused as refused:
        form.refuse(refused.field, refused.sentence)
        return _edit_page(form, view), 422
    except (Conflict, StaleDataError):
        session.rollback()
        stored = visible_view(session, current_person(), view_id)
        conflicts = conflicting_fields(form, EditSavedViewForm(formdata=None, obj=stored))
        if conflicts:
            return _edit_page(form, stored, conflicts), 409
    flash(f"“{form.name.data}” is saved.", "success")
    return redirect(_list_of(view.query), 303)


@blueprint.post("/<int:view_id>/delete")
@access.signed_in
def delete(view_id: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    view = visible_view(session, person, view_id)
    authorize(can_change_view, view)
    name = view.name
    operations_saved.delete_view(session, view, actor=person)
    session.commit()
    flash(f"The view “{name}” was deleted. The actions are as they were.", "success")
    return redirect(url_for("actions.index"), 303)


def _list_of(query: str) -> str:
    return list_url(dict(parse_qsl(query)))


def _edit_page(form: EditSavedViewForm, view: SavedView, conflicts: object = ()) -> str:
    return render_template("actions/view_edit.html", form=form, view=view, conflicts=conflicts)
