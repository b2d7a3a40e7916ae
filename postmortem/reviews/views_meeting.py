"""The meeting of a review: planning, changing, calling it off, and its calendar file."""

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem import clock
from postmortem.errors import Conflict, NotVisible, Refused
from postmortem.reviews import queries, rules
from postmortem.reviews.forms_meeting import CancelForm, MeetingForm, fresh_form
from postmortem.reviews.meeting_calendar import icalendar_of
from postmortem.reviews.operations_meeting import cancel_meeting, plan_meeting
from postmortem.reviews.queries_meeting import guests_of, invitation_to, meetings_of, newest_meeting
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.forms import Conflicting, conflicting_fields
from postmortem.web.request import db_session
from postmortem.writeups.models import Writeup

blueprint = Blueprint("review_meeting", __name__)


@blueprint.route("/writeups/<slug>/review/meeting", methods=["GET", "POST"])
@access.signed_in
def plan(slug: str) -> ResponseReturnValue:
    """Plan it or change it. Whoever saves second sees what the first one planned (409)."""
    session, person = db_session(), current_person()
    writeup = queries.reviewed_writeup(session, person, slug)
    authorize(rules.can_run, writeup)
    if request.method != "POST":
        return _page(session, writeup, fresh_form(meetings_of(session, writeup).planned, person.timezone))
    form, status = MeetingForm(), 422
    if form.validate_on_submit():
        try:
            plan_meeting(session, writeup, form.plan(), version=form.version.data or 0, actor=person)
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        except (Conflict, StaleDataError):
            session.rollback()
            return _conflict(session, slug, form)
        else:
            flash(f"The meeting is planned. {_who_is_told()}", "success")
            return redirect(url_for("reviews.show", slug=slug), 303)
    return _page(session, queries.reviewed_writeup(session, current_person(), slug), form, status)


@blueprint.post("/writeups/<slug>/review/meeting/cancel")
@access.signed_in
def cancel(slug: str) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    writeup = queries.reviewed_writeup(session, person, slug)
    authorize(rules.can_run, writeup)
    form = CancelForm()
    if not form.validate_on_submit():
        raise Refused("Reload the page, then cancel the meeting.")
    try:
        meeting = cancel_meeting(session, writeup, version=form.version.data or 0, actor=person)
        session.commit()
    except (Conflict, StaleDataError):
        session.rollback()
        flash("Somebody changed the meeting at the same moment. Look at it, then cancel it.", "error")
        return redirect(url_for("review_meeting.plan", slug=slug), 303)
    said = f"The meeting is cancelled. {_who_is_told()}" if meeting else "No meeting is planned now."
    flash(said, "success" if meeting else "info")
    return redirect(url_for("reviews.show", slug=slug), 303)


@blueprint.get("/writeups/<slug>/review/meeting.ics")
@access.signed_in
def as_calendar(slug: str) -> ResponseReturnValue:
    """The meeting as a file for a calendar program, for whoever sees the review."""
    session = db_session()
    writeup = queries.reviewed_writeup(session, current_person(), slug)
    meeting = newest_meeting(session, writeup)
    if meeting is None:
        raise NotVisible
    base_url = str(current_app.config["BASE_URL"])
    return Response(
        icalendar_of(invitation_to(meeting, writeup, base_url, stamped_at=clock.now())),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="review-meeting.ics"'},
    )


def _who_is_told() -> str:
    if current_app.extensions["config"].smtp is None:
        return "This site sends no mail, so tell its guests yourself."
    return "Its guests are mailed what is new."


def _conflict(session: Session, slug: str, form: MeetingForm) -> ResponseReturnValue:
    """Both plans, side by side; nothing to decide where both are the same, because it was sent twice."""
    person = current_person()
    writeup = queries.reviewed_writeup(session, person, slug)
    theirs = fresh_form(meetings_of(session, writeup).planned, person.timezone)
    if conflicts := conflicting_fields(form, theirs):
        return _page(session, writeup, form, 409, conflicts)
    return redirect(url_for("reviews.show", slug=slug), 303)


def _page(
    session: Session,
    writeup: Writeup,
    form: MeetingForm,
    status: int = 200,
    conflicts: list[Conflicting] | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "reviews/meeting.html",
        writeup=writeup,
        form=form,
        conflicts=conflicts,
        meetings=meetings_of(session, writeup),
        guests=guests_of(session, writeup),
    )
    return page, status
