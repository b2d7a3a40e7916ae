"""That no action is needed after an incident: said with a reason, taken back; and incidents without follow-up."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts.rules import is_contributor
from postmortem.actions.queries_policy import current_policy
from postmortem.errors import Conflict, Refused
from postmortem.ideas import operations, queries
from postmortem.ideas.forms import NoneNeededForm
from postmortem.incidents import rules as incidents_rules
from postmortem.incidents.enums import SEVERITY_LABELS
from postmortem.incidents.models import Incident
from postmortem.incidents.queries import visible_incident
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.forms import Conflicting, conflicting_fields
from postmortem.web.paging import COUNT_CAP, PAGE_SIZE, Cursor, id_key, moment_key, page_of
from postmortem.web.request import db_session

blueprint = Blueprint("none_needed", __name__)


@blueprint.get("/actions/missing")
@access.signed_in
def missing() -> ResponseReturnValue:
    """Incidents after which an action is needed, or a reason why none is, and neither is there."""
    session, person = db_session(), current_person()
    cursor = Cursor.from_request()
    key = cursor.parse(moment_key, id_key)
    rows = queries.missing_rows(
        session,
        person,
        key=(key[0], key[1]) if key else None,
        is_backward=cursor.is_backward,
        limit=PAGE_SIZE + 1,
    )
    found = queries.count_missing(session, person, cap=COUNT_CAP)
    page = page_of(rows, cursor=cursor, key=lambda row: (row.sort_at, row.id), found=found, noun="incident")
    asked = [SEVERITY_LABELS[severity] for severity in sorted(current_policy(session).needs_action)]
    return render_template("ideas/missing.html", page=page, severities=asked)


@blueprint.route("/incidents/<int:number>/no-actions-needed", methods=["GET", "POST"])
@access.requires(is_contributor)
def say(number: int) -> ResponseReturnValue:
    """Say why no action is needed, or change what was said."""
    session, person = db_session(), current_person()
    incident = visible_incident(session, person, number)
    authorize(incidents_rules.can_edit, incident)
    form = NoneNeededForm(obj=queries.none_needed_after(session, number))
    if not form.validate_on_submit():
        return _page(form, incident), 422 if form.is_submitted() else 200
    try:
        operations.say_none_needed(
            session, incident, form.reason.data or "", version=form.version.data, actor=person
        )
        session.commit()
    except Refused as refused:
        session.rollback()
        form.refuse(refused.field, refused.sentence)
        return _page(form, incident), 422
    except (Conflict, StaleDataError):
        session.rollback()
        return _stale(form, number)
    flash(f"Noted: no actions are needed after {incident.reference}.", "success")
    return redirect(_incident_url(number), 303)


@blueprint.post("/incidents/<int:number>/no-actions-needed/take-back")
@access.requires(is_contributor)
def take_back(number: int) -> ResponseReturnValue:
    """Take it back. Where nobody says so any more, nothing happens."""
    session, person = db_session(), current_person()
    incident = visible_incident(session, person, number)
    authorize(incidents_rules.can_edit, incident)
    if operations.take_back_none_needed(session, number, actor=person):
        flash("Taken back. Whether an action is needed is open again.", "success")
    session.commit()
    return redirect(_incident_url(number), 303)


def _stale(form: NoneNeededForm, number: int) -> ResponseReturnValue:
    """The reason as it was typed, beside what is said now; saving it again is deliberate."""
    session = db_session()
    incident = visible_incident(session, current_person(), number)
    said = queries.none_needed_after(session, number)
    theirs = NoneNeededForm(formdata=None, obj=said)
    conflicts = conflicting_fields(form, theirs)
    if said is not None and not conflicts:
        # Sent twice, or somebody said the very same: there is nothing to decide.
        return redirect(_incident_url(number), 303)
    if said is None:
        form.form_errors.append("Somebody took this back while you were writing. Save again to say it anew.")
        conflicts = []
    return _page(form, incident, conflicts), 409


def _page(form: NoneNeededForm, incident: Incident, conflicts: Sequence[Conflicting] = ()) -> str:
    return render_template(
        "ideas/none_needed.html",
        form=form,
        incident=incident,
        conflicts=conflicts,
        url=url_for("none_needed.say", number=incident.id),
    )


def _incident_url(number: int) -> str:
    return f"/incidents/{number}#actions"
