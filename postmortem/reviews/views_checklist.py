"""The checklist of a write-up: all its questions on one page, each answered with yes or no and a note."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from postmortem.errors import Refused
from postmortem.reviews import queries
from postmortem.reviews.checklist import checklist_of, sent_answers
from postmortem.reviews.operations_checklist import answer_checklist
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.forms import BaseForm
from postmortem.web.request import db_session
from postmortem.web.sent import refuse_doubles

blueprint = Blueprint("review_checklist", __name__)


@blueprint.route("/writeups/<slug>/review/checklist", methods=["GET", "POST"])
@access.signed_in
def show(slug: str) -> ResponseReturnValue:
    """Whoever sees the review may answer; who did stands beside each answer."""
    session, person = db_session(), current_person()
    writeup = queries.reviewed_writeup(session, person, slug)
    form, status = BaseForm(), 200
    checklist = checklist_of(session, writeup)
    if form.validate_on_submit():
        try:
            refuse_doubles(request.form)
            answer_checklist(session, writeup, sent_answers(request.form, checklist), actor=person)
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(None, refused.sentence)
            status = 422
        except (IntegrityError, StaleDataError):
            session.rollback()
            form.refuse(None, "Somebody answered at the same moment. Look at their answers, then save yours.")
            status = 409
        else:
            flash("The checklist is saved.", "success")
            return redirect(url_for("reviews.show", slug=slug), 303)
        writeup = queries.reviewed_writeup(session, current_person(), slug)
        checklist = checklist_of(session, writeup)
    page = render_template(
        "reviews/checklist.html",
        form=form,
        writeup=writeup,
        checklist=checklist,
        sent=request.form if form.is_submitted() else {},
    )
    return page, status if status != 200 or not form.is_submitted() else 422
