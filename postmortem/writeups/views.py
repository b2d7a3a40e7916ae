"""The writer's pages: start, edit with a preview, publish, withdraw. The reader's stand in `views_blog.py`."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts.queries import people_with_emails, services_with_slugs, teams_with_slugs
from postmortem.errors import Conflict, Refused
from postmortem.incidents.models import Incident
from postmortem.incidents.queries import visible_incident
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.forms import conflicting_fields
from postmortem.web.once import already_done, commit_once
from postmortem.web.request import db_session, start_over_reading
from postmortem.web.sent import TWICE
from postmortem.writeups import operations, operations_desk, queries, rules
from postmortem.writeups.desk import choose_page, desk_page, rendered, show_desk
from postmortem.writeups.drafts import WriteupDraft
from postmortem.writeups.enums import Audience, Template, WriteupState
from postmortem.writeups.facts import facts_of
from postmortem.writeups.forms import EditWriteupForm, NewWriteupForm, WriteupFields
from postmortem.writeups.models import Writeup
from postmortem.writeups.outline import draft_body
from postmortem.writeups.overtaken import Overtaken, Started, as_shown, overtaken
from postmortem.writeups.queries_templates import active_templates, sections_of
from postmortem.writeups.templates import proposed

blueprint = Blueprint("writeups", __name__)
# So often somebody else may be quicker while one form is saved.
TRIES = 4


@blueprint.route("/writeups/new", methods=["GET", "POST"])
@access.requires(rules.can_start)
def new() -> ResponseReturnValue:
    """Start a write-up; a blank text is made from the template and what the first incident knows."""
    session, person = db_session(), current_person()
    incident = _incident_asked_for(session)
    form = NewWriteupForm(data=_proposed(session, incident) | {"authors": [person.email]})
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
    page = render_template("writeups/new.html", form=form, incident=incident)
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/writeups/<slug>/edit", methods=["GET", "POST"])
@access.requires(rules.can_start)
def edit(slug: str) -> ResponseReturnValue:
    """The desk. Whoever was overtaken while writing has both texts put together, or chooses where they cannot be."""
    session, person = db_session(), current_person()
    writeup = queries.visible_writeup(session, person, slug)
    authorize(rules.can_edit, writeup)
    if request.method != "POST":
        return show_desk(session, writeup)
    form = EditWriteupForm.of(writeup)
    form.offer(session, writeup)
    started = Started.sent(request.form)
    if "later" in request.form:
        return _keep_for_later(session, writeup)
    if "preview" in request.form:
        return desk_page(session, form, writeup, started, preview=rendered(form.body.data or "", writeup))
    if not form.validate() or _came_twice(form):
        return desk_page(session, form, writeup, started, status=422)
    against = operations_desk.whole_number(request.form.get("against"))
    if against and (asked := as_shown(session, writeup, form, started, against)):
        if not asked.answer(request.form):
            return choose_page(asked, writeup, started, against, status=422)
        started = Started(against, started.fields)
    return _save(session, form, slug, started)


def _came_twice(form: EditWriteupForm) -> bool:
    """Whether what the desk says beside its fields was sent more than once; the form says so."""
    names = [name for name in ("revision", "base", "token", "against") if len(request.form.getlist(name)) > 1]
    if names:
        form.refuse(None, TWICE)
    return bool(names)


def _keep_for_later(session: Session, writeup: Writeup) -> ResponseReturnValue:
    """Whoever will not choose between two texts now finds theirs again at the desk."""
    operations_desk.keep_sent(session, writeup, request.form, person=current_person())
    session.commit()
    return redirect(url_for("writeups.edit", slug=writeup.slug), 303)


def _save(session: Session, form: EditWriteupForm, slug: str, started: Started) -> ResponseReturnValue:
    """Save; as often as somebody else was quicker, put their text and this one together and try again."""
    writeup = queries.visible_writeup(session, current_person(), slug)
    merged: Overtaken | None = None
    for _ in range(TRIES):
        try:
            operations.save_writeup(
                session, writeup, _values(session, form), version=form.version.data, actor=current_person()
            )
            operations_desk.leave(session, writeup, person=current_person())
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
            return desk_page(session, form, _again(session, slug), started, status=422)
        except (Conflict, StaleDataError):
            session.rollback()
            writeup = _again(session, slug)
            form.offer(session, writeup)
            found = overtaken(session, writeup, form, started)
            if found is None:
                break
            newest = Started.now(session, writeup)
            if found.clashes:
                return choose_page(found, writeup, started, newest.revision, status=409)
            merged, started = found, newest
        else:
            _say_saved(writeup, merged)
            return redirect(_after_saving(writeup), 303)
    return _stale(session, form, writeup)


@blueprint.post("/writeups/preview")
@access.requires(rules.can_start)
def preview() -> ResponseReturnValue:
    """The text rendered as it will be published: the same function, the same block of prose.

    `?writeup=<slug>` fills in the blocks of a write-up that this person may edit.
    """
    # Nothing is written, and rendering takes its time: let the next writer have the lock.
    start_over_reading()
    text = request.form.get("text", request.form.get("body", ""))
    writeup = _again(db_session(), slug) if (slug := request.args.get("writeup")) else None
    return render_template("writeups/_preview.html", html=rendered(text, writeup))


def _incident_asked_for(session: Session) -> Incident | None:
    number = request.args.get("incident", type=int)
    if number is None:
        return None
    return visible_incident(session, current_person(), number)


def _proposed(session: Session, incident: Incident | None) -> dict[str, Any]:
    """What the form starts with, from the incident."""
    if incident is None:
        return {}
    template = proposed(active_templates(session), severity=incident.severity, kind=incident.kind)
    return {
        "title": incident.title,
        "incidents": [incident],
        "template": template.key if template else None,
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
        body=form.body.data or draft_body(sections_of(session, template), facts),
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


def _again(session: Session, slug: str) -> Writeup:
    """The write-up as it is now, for somebody who may still edit it."""
    session.expire_all()
    writeup = queries.visible_writeup(session, current_person(), slug)
    authorize(rules.can_edit, writeup)
    return writeup


def _stale(session: Session, form: EditWriteupForm, writeup: Writeup) -> ResponseReturnValue:
    """Where it is not known what the form started from: both, field by field."""
    theirs = EditWriteupForm.of(writeup, formdata=None)
    theirs.offer(session, writeup)
    conflicts = conflicting_fields(form, theirs)
    if not conflicts:
        # Sent twice, or somebody wrote the very same: there is nothing to decide.
        return redirect(_after_saving(writeup), 303)
    return desk_page(session, form, writeup, Started.now(session, writeup), conflicts=conflicts, status=409)


def _say_saved(writeup: Writeup, merged: Overtaken | None) -> None:
    said = "Saved."
    if merged is not None and merged.kept:
        what = "1 other paragraph" if merged.kept == 1 else f"{merged.kept} other paragraphs"
        said = f"Saved. {merged.who} changed {what} meanwhile; your changes and theirs are both kept."
    if writeup.state == WriteupState.PUBLISHED:
        said += " Readers see the published text until you publish again."
    flash(said, "success")


def _after_saving(writeup: Writeup) -> str:
    if request.form.get("then") == "edit":
        return url_for("writeups.edit", slug=writeup.slug)
    return url_for("blog.show", slug=writeup.slug)
