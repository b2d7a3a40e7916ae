"""The writer's pages: start, edit with a preview, publish, withdraw. The reader's stand in `views_blog.py`."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts.queries import people_with_emails, services_with_slugs, teams_with_slugs
from postmortem.errors import Conflict, Refused
from postmortem.incidents.enums import IncidentKind, Visibility
from postmortem.incidents.models import Incident
from postmortem.incidents.queries import visible_incident
from postmortem.text.markdown import render
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.forms import Conflicting, conflicting_fields
from postmortem.web.once import already_done, commit_once
from postmortem.web.request import db_session
from postmortem.writeups import operations, queries, rules
from postmortem.writeups.drafts import WriteupDraft
from postmortem.writeups.enums import Audience, Template, WriteupState
from postmortem.writeups.facts import facts_of
from postmortem.writeups.forms import EditWriteupForm, NewWriteupForm, WriteupFields
from postmortem.writeups.models import Writeup
from postmortem.writeups.outline import SECTIONS, draft_body

blueprint = Blueprint("writeups", __name__)


@blueprint.route("/writeups/new", methods=["GET", "POST"])
@access.requires(rules.can_start)
def new() -> ResponseReturnValue:
    """Start a write-up; a blank text is made from the template and what the first incident knows."""
    session, person = db_session(), current_person()
    incident = _incident_asked_for(session)
    form = NewWriteupForm(data=_proposed(incident) | {"authors": [person.email]})
    form.offer(session)
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            [writeup] = operations.start_writeups(session, [_draft(session, form)], actor=person)
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        else:
            flash("Your draft is ready. Readers see nothing of it until you publish.", "success")
            return commit_once(session, form.form_key.data, url_for("writeups.edit", slug=writeup.slug))
    page = render_template("writeups/new.html", form=form, incident=incident, sections=SECTIONS)
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/writeups/<slug>/edit", methods=["GET", "POST"])
@access.requires(rules.can_start)
def edit(slug: str) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    writeup = queries.visible_writeup(session, person, slug)
    authorize(rules.can_edit, writeup)
    form = EditWriteupForm.of(writeup)
    form.offer(session, writeup)
    if form.is_submitted() and "preview" in request.form:
        return _edit_page(form, writeup, preview=render(form.body.data or "").html)
    if form.validate_on_submit():
        try:
            operations.save_writeup(
                session, writeup, _values(session, form), version=form.version.data, actor=person
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        except (Conflict, StaleDataError):
            session.rollback()
            return _stale(session, form, slug)
        else:
            _say_saved(writeup)
            return redirect(_after_saving(writeup), 303)
    return _edit_page(form, writeup, status=422 if form.is_submitted() else 200)


@blueprint.post("/writeups/preview")
@access.requires(rules.can_start)
def preview() -> ResponseReturnValue:
    """The text rendered as it will be published: the same function, the same block of prose."""
    # Nothing is written, and rendering takes its time: let the next writer have the lock.
    db_session().rollback()
    text = request.form.get("text", request.form.get("body", ""))
    return render_template("writeups/_preview.html", html=render(text).html)


def _incident_asked_for(session: Session) -> Incident | None:
    number = request.args.get("incident", type=int)
    if number is None:
        return None
    return visible_incident(session, current_person(), number)


def _proposed(incident: Incident | None) -> dict[str, Any]:
    """What the form starts with, from the incident."""
    if incident is None:
        return {}
    is_near_miss = incident.kind == IncidentKind.NEAR_MISS
    return {
        "title": incident.title,
        "incidents": [incident],
        "template": Template.NEAR_MISS if is_near_miss else Template.FULL_REVIEW,
        "tags": [tag.name for tag in incident.tags],
        "teams": [team.slug for team in incident.teams],
        "services": [service.slug for service in incident.services],
    }


def _draft(session: Session, form: NewWriteupForm) -> WriteupDraft:
    incidents = _incidents(session, form)
    facts = facts_of(incidents[0]) if incidents else {}
    template = form.template.data or Template.FREE
    return WriteupDraft(
        title=form.title.data or "",
        tldr=form.tldr.data or "",
        body=form.body.data or draft_body(template, facts),
        template=template,
        audience=form.audience.data or Audience.INTERNAL,
        authors=form.authors.data or [current_person().email],
        tags=form.tags.data or [],
        teams=form.teams.data or [],
        services=form.services.data or [],
        incidents=[incident.id for incident in incidents],
    )


def _values(session: Session, form: EditWriteupForm) -> dict[str, Any]:
    return {
        "title": form.title.data,
        "tldr": form.tldr.data or "",
        "body": form.body.data or "",
        "audience": form.audience.data,
        "template": form.template.data,
        "tags": form.tags.data or [],
        "authors": people_with_emails(session, form.authors.data or []),
        "teams": teams_with_slugs(session, form.teams.data or []),
        "services": services_with_slugs(session, form.services.data or []),
        "incidents": _incidents(session, form),
    }


def _incidents(session: Session, form: WriteupFields) -> list[Incident]:
    """The incidents that the form names. Raises Refused for one that is not there for this person."""
    numbers = form.incidents.data or []
    found = {each.id: each for each in queries.visible_incidents(session, current_person(), numbers)}
    for number in numbers:
        if number not in found:
            raise Refused(f"There is no incident INC-{number}.", field="incidents")
    return [found[number] for number in numbers]


def _stale(session: Session, form: EditWriteupForm, slug: str) -> ResponseReturnValue:
    session.expire_all()
    writeup = queries.visible_writeup(session, current_person(), slug)
    authorize(rules.can_edit, writeup)
    form.offer(session, writeup)
    theirs = EditWriteupForm.of(writeup, formdata=None)
    theirs.offer(session, writeup)
    conflicts = conflicting_fields(form, theirs)
    if not conflicts:
        # Sent twice, or somebody wrote the very same: there is nothing to decide.
        return redirect(_after_saving(writeup), 303)
    return _edit_page(form, writeup, conflicts=conflicts, status=409)


def _edit_page(
    form: EditWriteupForm,
    writeup: Writeup,
    *,
    preview: str | None = None,
    conflicts: Sequence[Conflicting] = (),
    status: int = 200,
) -> ResponseReturnValue:
    page = render_template(
        "writeups/edit.html",
        form=form,
        writeup=writeup,
        preview=preview,
        conflicts=conflicts,
        sections=SECTIONS.get(writeup.template, ()),
        is_restricted=any(each.visibility == Visibility.RESTRICTED for each in writeup.incidents),
    )
    return page, status


def _say_saved(writeup: Writeup) -> None:
    if writeup.state == WriteupState.PUBLISHED:
        flash("Saved. Readers see the published text until you publish again.", "success")
    else:
        flash("Saved.", "success")


def _after_saving(writeup: Writeup) -> str:
    if request.form.get("then") == "edit":
        return url_for("writeups.edit", slug=writeup.slug)
    return url_for("blog.show", slug=writeup.slug)
