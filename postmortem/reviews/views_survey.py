"""The survey after a review: answering it, and what it says so far."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from postmortem.errors import Refused
from postmortem.reviews import queries
from postmortem.reviews.survey import QUESTIONS, SCORES, answer_survey, has_answered, is_open, survey_of
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.forms import BaseForm
from postmortem.web.request import db_session
from postmortem.web.sent import refuse_doubles

blueprint = Blueprint("review_survey", __name__)


@blueprint.route("/writeups/<slug>/review/survey", methods=["GET", "POST"])
@access.signed_in
def show(slug: str) -> ResponseReturnValue:
    """Whoever sees the review may answer, once; nobody learns what they said."""
    session, person = db_session(), current_person()
    writeup = queries.reviewed_writeup(session, person, slug)
    form = BaseForm()
    if form.validate_on_submit():
        try:
            refuse_doubles(request.form)
            is_new = answer_survey(session, writeup, _scores(request.form), person=person)
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(None, refused.sentence)
            writeup = queries.reviewed_writeup(session, current_person(), slug)
        else:
            said = "Thank you. Nobody learns which answer is yours." if is_new else "You answered before."
            flash(said, "success" if is_new else "info")
            return redirect(url_for("review_survey.show", slug=slug), 303)
    page = render_template(
        "reviews/survey.html",
        form=form,
        writeup=writeup,
        survey=survey_of(session, writeup.id),
        is_open=is_open(session, writeup),
        has_answered=has_answered(session, writeup, current_person()),
        questions=QUESTIONS,
        scores=SCORES,
        sent=request.form if form.is_submitted() else {},
    )
    return page, 422 if form.is_submitted() else 200


def _scores(sent: Mapping[str, str]) -> dict[str, int]:
    """The answers that are one digit; what else was sent is none."""
    found = {key: sent.get(key, "") for key in QUESTIONS}
    return {key: int(score) for key, score in found.items() if len(score) == 1 and score in "12345"}
