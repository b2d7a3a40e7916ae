"""What goes on around the decisions: being there, pausing, going on, ending, and open questions."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from postmortem.action_reviews import operations, queries, rules
from postmortem.action_reviews.forms import NotesForm
from postmortem.action_reviews.models import ActionReview
from postmortem.errors import Conflict
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.forms import conflicting_fields
from postmortem.web.request import db_session

blueprint = Blueprint("running", __name__)


@blueprint.post("/actions/review/<int:review_id>/here")
@access.signed_in
def here(review_id: int) -> ResponseReturnValue:
    """I am there: sent by a button, and by the page's script every fifteen seconds."""
    session, person = db_session(), current_person()
    review = queries.visible_review(session, person, review_id)
    operations.come_in(session, review, actor=person)
    session.commit()
    return redirect(url_for("meeting.show", review_id=review_id), 303)


@blueprint.post("/actions/review/<int:review_id>/pause")
@access.requires(rules.can_run)
def pause(review_id: int) -> ResponseReturnValue:
    session, review = db_session(), _review(review_id)
    operations.pause_review(session, review, actor=current_person())
    session.commit()
    flash("Paused. Time does not run until somebody resumes it.", "success")
    return redirect(url_for("meeting.show", review_id=review_id), 303)


@blueprint.post("/actions/review/<int:review_id>/resume")
@access.requires(rules.can_run)
def resume(review_id: int) -> ResponseReturnValue:
    session, review = db_session(), _review(review_id)
    operations.resume_review(session, review, actor=current_person())
    session.commit()
    return redirect(url_for("meeting.show", review_id=review_id), 303)


@blueprint.post("/actions/review/<int:review_id>/end")
@access.requires(rules.can_run)
def end(review_id: int) -> ResponseReturnValue:
    """End it; what is not decided stays as it is, and stands in the minutes."""
    session, review = db_session(), _review(review_id)
    operations.end_review(session, review, actor=current_person())
    session.commit()
    flash("The meeting has ended. Its minutes go to everybody else whom they name as present.", "success")
    return redirect(url_for("minutes.show", review_id=review_id), 303)


@blueprint.route("/actions/review/<int:review_id>/notes", methods=["GET", "POST"])
@access.signed_in(post=rules.can_note)
def notes(review_id: int) -> ResponseReturnValue:
    """What stays open: during the meeting and after it."""
    session, person = db_session(), current_person()
    review = queries.visible_review(session, person, review_id)
    form = NotesForm(obj=review)
    if not form.validate_on_submit():
        return _notes_page(review, form), 422 if form.is_submitted() else 200
    try:
        operations.save_notes(session, review, form.notes.data or "", version=form.version.data, actor=person)
        session.commit()
    except (Conflict, StaleDataError):
        session.rollback()
        review = queries.visible_review(session, person, review_id)
        conflicts = conflicting_fields(form, NotesForm(formdata=None, obj=review))
        if conflicts:
            return _notes_page(review, form, conflicts), 409
    flash("The open questions are saved.", "success")
    return redirect(url_for("meeting.show", review_id=review_id), 303)


def _notes_page(review: ActionReview, form: NotesForm, conflicts: object = ()) -> str:
    return render_template("action_reviews/notes.html", review=review, form=form, conflicts=conflicts)


def _review(review_id: int) -> ActionReview:
    return queries.visible_review(db_session(), current_person(), review_id)
