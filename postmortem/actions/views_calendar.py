"""Calendars of due dates: my secret links, and the one page that is shown to whoever has such a link."""

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError, TimeoutError

from postmortem.accounts.queries import teams_of
from postmortem.actions import operations_calendar, queries_calendar
from postmortem.actions.calendar import icalendar_of
from postmortem.actions.forms_calendar import CalendarLinkForm
from postmortem.errors import NotVisible, Refused
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.once import already_done, commit_once
from postmortem.web.request import database, db_session

blueprint = Blueprint("calendar", __name__)
_NEW = "calendar_link"


@blueprint.route("/me/calendar", methods=["GET", "POST"])
@access.signed_in
def index() -> ResponseReturnValue:
    """My links, and the form that makes one. A new one is shown on the page that comes next, and never again."""
    db, person = db_session(), current_person()
    form = CalendarLinkForm()
    form.team.offer((team.slug, team.name) for team in teams_of(db, person) if team.is_active)
    if form.validate_on_submit():
        if done := already_done(db, form.form_key.data):
            return done
        try:
            token = operations_calendar.make_link(db, person, form.team.data or "")
        except Refused as refused:
            form.refuse(refused.field, refused.sentence)
        else:
            session[_NEW] = token
            return commit_once(db, form.form_key.data, url_for("calendar.index"))
    page = render_template(
        "actions/calendar.html",
        form=form,
        links=queries_calendar.links_of(db, person),
        new_url=_new_url() if request.method == "GET" else None,
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.post("/me/calendar/<int:link_id>/revoke")
@access.signed_in
def revoke(link_id: int) -> ResponseReturnValue:
    db = db_session()
    operations_calendar.revoke_link(db, current_person(), link_id)
    db.commit()
    flash("That link is revoked. Calendars that use it get nothing any more.", "success")
    return redirect(url_for("calendar.index"), 303)


@blueprint.get("/calendar/<token>.ics")
@access.public
def feed(token: str) -> ResponseReturnValue:
    """The due dates behind a secret address, as its person may see them now.

    Whoever asks is signed in nowhere: the address alone says whose it is, and it only reads.
    """
    db = db_session()
    found = queries_calendar.link_with_token(db, token)
    if found is None:
        raise NotVisible
    link, person = found
    entries = queries_calendar.entries_of(db, link, person)
    name = queries_calendar.name_of(db, link)
    if operations_calendar.is_use_to_note(link):
        _note_use(link.id)
    response = Response(
        icalendar_of(name, entries, str(current_app.config["BASE_URL"])),
        content_type="text/calendar; charset=utf-8",
        headers={
            "Content-Disposition": 'inline; filename="due-actions.ics"',
            "Cache-Control": "private, no-cache",
        },
    )
    response.add_etag()
    return response.make_conditional(request)


def _new_url() -> str | None:
    token = session.pop(_NEW, None)
    return f"{current_app.config['BASE_URL']}{url_for('calendar.feed', token=token)}" if token else None


def _note_use(link_id: int) -> None:
    """All that this GET writes, in a session of its own and once in an hour; not worth waiting or an error."""
    try:
        with database().session(writes=True, hurried=True) as writing:
            operations_calendar.note_use(writing, link_id)
            writing.commit()
    except (OperationalError, TimeoutError) as error:
        current_app.logger.info("a calendar link's last use was not noted: %s", error)
