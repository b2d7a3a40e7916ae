"""Pages that add, change, delete and bring back events and factors; all lead back to the incident."""

from collections.abc import Sequence
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts.rules import is_contributor
from postmortem.errors import Conflict, Refused
from postmortem.incidents import queries as incidents_queries
from postmortem.incidents import rules as incidents_rules
from postmortem.incidents.models import Incident
from postmortem.text.reading import plain_text
from postmortem.timeline import operations, queries, rules
from postmortem.timeline.days import by_day
from postmortem.timeline.enums import EventKind
from postmortem.timeline.forms import EditEventForm, EditFactorForm, NewEventForm, NewFactorForm
from postmortem.timeline.models import Factor, TimelineEvent
from postmortem.web import access, zones
from postmortem.web.access import authorize, current_person
from postmortem.web.filters import datetime_local, reader_zone
from postmortem.web.forms import Conflicting, conflicting_fields
from postmortem.web.once import already_done, commit_once
from postmortem.web.request import db_session

blueprint = Blueprint("timeline", __name__)


@blueprint.app_template_filter("by_day")
def events_by_day(events: Sequence[TimelineEvent]) -> list[tuple[date | None, list[TimelineEvent]]]:
    """The events of each of the reader's days, for the headings of a timeline."""
    return by_day(events, reader_zone())


@blueprint.route("/incidents/<int:number>/events/new", methods=["GET", "POST"])
@access.requires(is_contributor)
def new_event(number: int) -> ResponseReturnValue:
    session = db_session()
    incident = _editable_incident(number)
    form = NewEventForm(timezone=_zone_asked_for(), kind=_kind_asked_for())
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            (event,) = operations.add_events(session, incident, [form.draft()], actor=current_person())
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        else:
            flash(f"Added: {plain_text(event.text, 80)}", "success")
            return commit_once(session, form.form_key.data, _after_event(event, form))
    return _event_page(form, incident)


@blueprint.route("/events/<int:event_id>/edit", methods=["GET", "POST"])
@access.requires(is_contributor)
def edit_event(event_id: int) -> ResponseReturnValue:
    session = db_session()
    find = queries.event_or_deleted if request.method == "POST" else queries.visible_event
    event = find(session, current_person(), event_id)
    authorize(rules.can_edit, event)
    form = EditEventForm.of(event, timezone=current_person().timezone)
    if form.validate_on_submit():
        try:
            operations.edit_event(
                session, event, form.values(), version=form.version.data, actor=current_person()
            )
            session.commit()
            return redirect(_url_of(event), 303)
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        except (Conflict, StaleDataError):
            session.rollback()
            theirs = EditEventForm.of(event, timezone=form.timezone.data or "UTC", formdata=None)
            conflicts = conflicting_fields(form, theirs)
            if not conflicts and event.deleted_at is None:
                # Sent twice, or somebody wrote the very same: there is nothing to decide.
                return redirect(_url_of(event), 303)
            return _event_page(form, event.incident, event=event, conflicts=conflicts, status=409)
    return _event_page(form, event.incident, event=event)


@blueprint.post("/events/<int:event_id>/delete")
@access.requires(is_contributor)
def delete_event(event_id: int) -> ResponseReturnValue:
    session = db_session()
    event = queries.event_or_deleted(session, current_person(), event_id)
    authorize(rules.can_edit, event)
    operations.delete_event(session, event, actor=current_person())
    session.commit()
    _offer_undo("The event was deleted.", url_for("timeline.restore_event", event_id=event.id))
    return redirect(_url_of(event.incident, "timeline"), 303)


@blueprint.post("/events/<int:event_id>/restore")
@access.requires(is_contributor)
def restore_event(event_id: int) -> ResponseReturnValue:
    session = db_session()
    event = queries.event_or_deleted(session, current_person(), event_id)
    authorize(rules.can_edit, event)
    operations.restore_event(session, event, actor=current_person())
    session.commit()
    flash("The event is back on the timeline.", "success")
    return redirect(_url_of(event), 303)


@blueprint.route("/incidents/<int:number>/factors/new", methods=["GET", "POST"])
@access.requires(is_contributor)
def new_factor(number: int) -> ResponseReturnValue:
    session = db_session()
    incident = _editable_incident(number)
    form = NewFactorForm()
    _offer_events(form, incident)
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            (factor,) = operations.add_factors(session, incident, [form.draft()], actor=current_person())
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        else:
            flash(f"Added: {plain_text(factor.text, 80)}", "success")
            another = url_for("timeline.new_factor", number=incident.number)
            location = another if "add_another" in request.form else _url_of(factor)
            return commit_once(session, form.form_key.data, location)
    return _factor_page(form, incident)


@blueprint.route("/factors/<int:factor_id>/edit", methods=["GET", "POST"])
@access.requires(is_contributor)
def edit_factor(factor_id: int) -> ResponseReturnValue:
    session = db_session()
    find = queries.factor_or_deleted if request.method == "POST" else queries.visible_factor
    factor = find(session, current_person(), factor_id)
    authorize(rules.can_edit, factor)
    form = EditFactorForm.of(factor)
    _offer_events(form, factor.incident)
    if form.validate_on_submit():
        try:
            operations.edit_factor(
                session, factor, form.values(), version=form.version.data, actor=current_person()
            )
            session.commit()
            return redirect(_url_of(factor), 303)
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        except (Conflict, StaleDataError):
            session.rollback()
            theirs = EditFactorForm.of(factor, formdata=None)
            _offer_events(theirs, factor.incident)
            conflicts = conflicting_fields(form, theirs)
            if not conflicts and factor.deleted_at is None:
                # Sent twice, or somebody wrote the very same: there is nothing to decide.
                return redirect(_url_of(factor), 303)
            return _factor_page(form, factor.incident, factor=factor, conflicts=conflicts, status=409)
    return _factor_page(form, factor.incident, factor=factor)


@blueprint.post("/factors/<int:factor_id>/delete")
@access.requires(is_contributor)
def delete_factor(factor_id: int) -> ResponseReturnValue:
    session = db_session()
    factor = queries.factor_or_deleted(session, current_person(), factor_id)
    authorize(rules.can_edit, factor)
    operations.delete_factor(session, factor, actor=current_person())
    session.commit()
    _offer_undo("The factor was deleted.", url_for("timeline.restore_factor", factor_id=factor.id))
    return redirect(_url_of(factor.incident, "factors"), 303)


@blueprint.post("/factors/<int:factor_id>/restore")
@access.requires(is_contributor)
def restore_factor(factor_id: int) -> ResponseReturnValue:
    session = db_session()
    factor = queries.factor_or_deleted(session, current_person(), factor_id)
    authorize(rules.can_edit, factor)
    operations.restore_factor(session, factor, actor=current_person())
    session.commit()
    flash("The factor is back.", "success")
    return redirect(_url_of(factor), 303)


def _editable_incident(number: int) -> Incident:
    incident = incidents_queries.visible_incident(db_session(), current_person(), number)
    authorize(incidents_rules.can_edit, incident)
    return incident


def _offer_undo(text: str, url: str) -> None:
    flash({"text": text, "undo_url": url, "undo_label": "Undo"}, "success")  # type: ignore[arg-type]


def _zone_asked_for() -> str:
    """The zone of the event just saved, else the person's own."""
    asked = request.args.get("timezone", "")
    return asked if zones.is_zone(asked) else str(current_person().timezone)


def _kind_asked_for() -> EventKind:
    asked = request.args.get("kind", "")
    return EventKind(asked) if asked in set(EventKind) else EventKind.OTHER


def _day_asked_for() -> str:
    """The day of the event just saved, to type a time behind; never a whole time, which would be a guess."""
    try:
        return f"{date.fromisoformat(request.args.get('day', '')).isoformat()} "
    except ValueError:
        return ""


def _after_event(event: TimelineEvent, form: NewEventForm) -> str:
    """Where to go after adding: to the event, or to the next one of the same day, kind and zone."""
    if "add_another" not in request.form:
        return _url_of(event)
    local = form.occurred_at.local
    return url_for(
        "timeline.new_event",
        number=event.incident_id,
        kind=event.kind.value,
        timezone=form.timezone.data,
        day=local.date().isoformat() if local else None,
    )


def _url_of(thing: TimelineEvent | Factor | Incident, anchor: str = "") -> str:
    """The thing on its incident's page."""
    if isinstance(thing, Incident):
        return f"/incidents/{thing.number}#{anchor}"
    word = "event" if isinstance(thing, TimelineEvent) else "factor"
    return f"/incidents/{thing.incident_id}#{word}-{thing.id}"


def _event_page(
    form: NewEventForm | EditEventForm,
    incident: Incident,
    *,
    event: TimelineEvent | None = None,
    conflicts: Sequence[Conflicting] = (),
    status: int | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "timeline/event_form.html",
        form=form,
        incident=incident,
        event=event,
        conflicts=conflicts,
        roles=sorted({each.role for each in incident.participants if each.role}),
        cancel_url=_url_of(event) if event and not event.deleted_at else _url_of(incident, "timeline"),
        day="" if event or form.is_submitted() else _day_asked_for(),
    )
    return page, status or (422 if form.is_submitted() else 200)


def _factor_page(
    form: NewFactorForm | EditFactorForm,
    incident: Incident,
    *,
    factor: Factor | None = None,
    conflicts: Sequence[Conflicting] = (),
    status: int | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "timeline/factor_form.html",
        form=form,
        incident=incident,
        factor=factor,
        conflicts=conflicts,
        cancel_url=_url_of(factor) if factor and not factor.deleted_at else _url_of(incident, "factors"),
    )
    return page, status or (422 if form.is_submitted() else 200)


def _offer_events(form: NewFactorForm | EditFactorForm, incident: Incident) -> None:
    events = queries.events_of(db_session(), incident.id)
    form.offer(events, {event.id: _when(event) for event in events})


def _when(event: TimelineEvent) -> str:
    if event.occurred_at is None:
        return event.occurred_text or "time not recorded"
    return datetime_local(event.occurred_at)
