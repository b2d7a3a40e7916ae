"""Deleting an incident, and undo: a page that says what goes with it, and the form that does it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from postmortem.errors import Conflict
from postmortem.incidents import operations_deletion, queries, rules
from postmortem.incidents.enums import Visibility
from postmortem.incidents.models import Incident
from postmortem.trash.queries import hanging_on
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.forms import EditForm
from postmortem.web.request import db_session
from postmortem.writeups.queries import writeups_of

blueprint = Blueprint("incident_deletion", __name__)
CHANGED = "Somebody saved a change while this page was open. Look at it again, then decide."


@blueprint.route("/incidents/<int:number>/delete", methods=["GET", "POST"])
@access.requires(rules.can_report)
def delete(number: int) -> ResponseReturnValue:
    """Delete it; sent twice, the second finds it deleted by the same person and says so again."""
    session, person = db_session(), current_person()
    find = queries.visible_or_just_deleted if request.method == "POST" else queries.visible_incident
    incident = find(session, person, number)
    is_first = incident.visibility != Visibility.DELETED
    if is_first:
        authorize(rules.can_delete, incident)
    form = EditForm(data={"version": incident.version})
    if is_first and not form.validate_on_submit():
        return _page(incident, form, 422 if form.is_submitted() else 200)
    try:
        operations_deletion.delete_incident(session, incident, version=form.version.data, actor=person)
        session.commit()
    except (Conflict, StaleDataError):
        session.rollback()
        session.expire_all()
        incident = queries.visible_or_just_deleted(session, person, number)
        if incident.visibility != Visibility.DELETED:
            form = EditForm(data={"version": incident.version}, formdata=None)
            form.form_errors.append(CHANGED)
            return _page(incident, form, 409)
    undo_url = url_for("incident_deletion.restore", number=number)
    flash({"text": f"INC-{number} was deleted.", "undo_url": undo_url, "undo_label": "Undo"}, "success")  # type: ignore[arg-type]
    return redirect(url_for("incidents.index"), 303)


@blueprint.post("/incidents/<int:number>/restore")
@access.requires(rules.can_report)
def restore(number: int) -> ResponseReturnValue:
    """Undo, for whoever deleted it; admins have the trash as well."""
    session, person = db_session(), current_person()
    incident = queries.visible_or_just_deleted(session, person, number)
    operations_deletion.restore_incident(session, incident, actor=person)
    session.commit()
    flash(f"INC-{number} is back.", "success")
    return redirect(url_for("incidents.show", number=number), 303)


def _page(incident: Incident, form: EditForm, status: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    hanging = hanging_on(session, [incident.id])[incident.id]
    writeups = writeups_of(session, incident.id, person)
    # Somebody else's draft is nothing that this person may count.
    hanging.drafts = sum(each.state != "published" for each in writeups)
    page = render_template(
        "incidents/delete.html",
        incident=incident,
        form=form,
        hanging=hanging.words,
        published=[each for each in writeups if each.state == "published"],
        undo_hours=int(rules.UNDO_FOR.total_seconds() // 3600),
    )
    return page, status
