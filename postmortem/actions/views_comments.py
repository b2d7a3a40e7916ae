"""Comments on actions: writing, changing, deleting and bringing back; all lead back to the action."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.actions import operations_comments as operations
from postmortem.actions import queries, rules
from postmortem.actions.forms_page import CommentForm, EditCommentForm
from postmortem.actions.models_around import ActionComment
from postmortem.actions.pages import action_page
from postmortem.actions.queries_story import visible_comment
from postmortem.errors import Conflict, NotVisible, Refused
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.forms import Conflicting, conflicting_fields
from postmortem.web.once import already_done, commit_once
from postmortem.web.request import db_session

blueprint = Blueprint("action_comments", __name__)


@blueprint.post("/actions/<int:number>/comments")
@access.signed_in
def add(number: int) -> ResponseReturnValue:
    """Say something. Whoever sees an action may, readers too."""
    session, person = db_session(), current_person()
    action = queries.visible_action(session, person, number)
    form = CommentForm()
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            comment = operations.add_comment(session, action, form.text.data or "", actor=person)
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        else:
            return commit_once(session, form.form_key.data, _url(number, comment.id))
    action = queries.visible_action(session, person, number)
    return render_template(
        "actions/show.html", **action_page(session, person, action, comment_form=form)
    ), 422


@blueprint.route("/action-comments/<int:comment_id>/edit", methods=["GET", "POST"])
@access.signed_in
def edit(comment_id: int) -> ResponseReturnValue:
    """Put it otherwise. A stale form, and one of a comment deleted meanwhile, come back with what was typed."""
    session, person = db_session(), current_person()
    comment = visible_comment(session, person, comment_id)
    if request.method == "GET" and comment.deleted_at is not None:
        raise NotVisible
    authorize(rules.can_change_comment, comment)
    form = EditCommentForm(obj=comment)
    if not form.validate_on_submit():
        return _edit_page(form, comment), 422 if form.is_submitted() else 200
    try:
        if comment.deleted_at is not None:
            _bring_back(session, comment, form)
        text, version = form.text.data or "", form.version.data
        operations.edit_comment(session, comment, text, version=version, actor=person)
        session.commit()
    except Refused as refused:
        form.refuse(refused.field, refused.sentence)
        return _edit_page(form, comment), 422
    except (Conflict, StaleDataError):
        return _stale(session, form, comment_id)
    return redirect(_url(comment.action_id, comment_id), 303)


@blueprint.post("/action-comments/<int:comment_id>/delete")
@access.signed_in
def delete(comment_id: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    comment = visible_comment(session, person, comment_id)
    authorize(rules.can_delete_comment, comment)
    operations.delete_comment(session, comment, actor=person)
    session.commit()
    undo_url = url_for("action_comments.restore", comment_id=comment_id)
    flash({"text": "The comment was deleted.", "undo_url": undo_url, "undo_label": "Undo"}, "success")  # type: ignore[arg-type]
    # To the top of the page, where the way back is offered.
    return redirect(f"/actions/{comment.action_id}", 303)


@blueprint.post("/action-comments/<int:comment_id>/restore")
@access.signed_in
def restore(comment_id: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    comment = visible_comment(session, person, comment_id)
    authorize(rules.can_delete_comment, comment)
    operations.restore_comment(session, comment, actor=person)
    session.commit()
    flash("The comment is back.", "success")
    return redirect(_url(comment.action_id, comment_id), 303)


def _edit_page(
    form: EditCommentForm, comment: ActionComment, conflicts: list[Conflicting] | None = None
) -> str:
    return render_template("actions/comment.html", form=form, comment=comment, conflicts=conflicts or [])


def _stale(session: Session, form: EditCommentForm, comment_id: int) -> ResponseReturnValue:
    """The form as it was typed, beside what is stored now; saving it again is deliberate."""
    session.rollback()
    stored = visible_comment(session, current_person(), comment_id)
    conflicts = conflicting_fields(form, EditCommentForm(formdata=None, obj=stored))
    if stored.deleted_at is not None:
        form.bring_back.data = "yes"
        form.form_errors.append(
            "Somebody deleted this comment while you were writing. Save again to bring it back with your text."
        )
    elif not conflicts:
        return redirect(_url(stored.action_id, comment_id), 303)
    return _edit_page(form, stored, conflicts), 409


def _bring_back(session: Session, comment: ActionComment, form: EditCommentForm) -> None:
    """Undo a deletion that the person has been told of; before that, it is a conflict like any other."""
    if form.bring_back.data != "yes" or form.version.data != comment.version:
        raise Conflict
    operations.restore_comment(session, comment, actor=current_person())


def _url(number: int, comment_id: int | None = None) -> str:
    return f"/actions/{number}#comment-{comment_id}" if comment_id else f"/actions/{number}#history"
