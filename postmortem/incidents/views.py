"""The pages of incidents: the list, one with everything about it, filing one and completing it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem import clock
from postmortem.actions import operations_verification
from postmortem.actions import queries as actions_queries
from postmortem.attachments.queries import images_of_events
from postmortem.errors import Conflict, Refused
from postmortem.ideas import queries as ideas_queries
from postmortem.incidents import listing, operations, queries, rules
from postmortem.incidents.drafts import IncidentDraft
from postmortem.incidents.durations import durations_of
from postmortem.incidents.enums import DETECTED_BY_LABELS, IncidentKind, Visibility
from postmortem.incidents.filter_form import FilterForm, Named
from postmortem.incidents.forms import EditIncidentForm, IncidentFields, NewIncidentForm
from postmortem.incidents.list_statements import FILED, OLDEST
from postmortem.incidents.models import Incident
from postmortem.incidents.pages import (
    listed,
    shown_history,
    shown_moments,
    synthetic_words,
)
from postmortem.incidents.restrictions import announced, because, facts_of
from postmortem.permissions import queries as permissions_queries
from postmortem.permissions import rules as permissions_rules
from postmortem.timeline import queries as timeline_queries
from postmortem.timeline.picture import picture_of
from postmortem.web import access, zones
from postmortem.web.access import authorize, current_person
from postmortem.web.filters import datetime_local, reader_zone
from postmortem.web.forms import Conflicting, conflicting_fields, shown
from postmortem.web.kept import kept_parts, remembered
from postmortem.web.once import already_done, commit_once
from postmortem.web.paging import (
    COUNT_CAP,
    PAGE_SIZE,
    Cursor,
    Page,
    earlier_than,
    id_key,
    moment_key,
    page_of,
)
from postmortem.web.request import db_session
from postmortem.writeups import queries as writeups_queries

blueprint = Blueprint("incidents", __name__)


@blueprint.get("/incidents/")
@access.signed_in
def index() -> ResponseReturnValue:
    """The list. An address that asks for what cannot be gets the list's frame with a sentence (422)."""
    session = db_session()
    form = FilterForm(request.args)
    form.offer(*remembered(session, "incident filters", lambda: _choices(session)))
    page, results = _results(session, form) if form.validate() else (None, "")
    filters = _active_filters(form)
    drawn = kept_parts(
        ("filters", form.looks),
        "incidents/_filters.html",
        lambda: {"form": form, "is_active": bool(filters)},
    )
    return render_template(
        "incidents/list.html",
        form=form,
        filter_form=drawn["filter_form"],
        page=page,
        results=results,
        filters=filters,
    ), 200 if page else 422


@blueprint.get("/incidents/<int:number>")
@access.signed_in
def show(number: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    incident = queries.visible_incident(session, person, number)
    events = timeline_queries.events_of(session, number)
    factors = timeline_queries.factors_of(session, number)
    actions = actions_queries.actions_of(session, number)
    history, earlier = queries.history_seen_by(session, person, number, before=earlier_than())
    return render_template(
        "incidents/show.html",
        incident=incident,
        can_edit=rules.can_edit(person, incident),
        can_delete=rules.can_delete(person, incident),
        detected_by=DETECTED_BY_LABELS[incident.detected_by] if incident.detected_by else "",
        synthetic=synthetic_words(incident),
        moments=shown_moments(incident, queries.names_of_moment_authors(session, incident)),
        durations=durations_of(incident),
        related=queries.related_incidents(session, person, number),
        external_ids=queries.external_ids_of(session, number),
        picture=picture_of(incident, events, reader_zone()),
        events=events,
        images=images_of_events(session, [event.id for event in events]),
        factors=factors,
        actions=actions,
        ideas=ideas_queries.box_of(session, incident, has_actions=bool(actions)),
        writeups=writeups_queries.writeups_of(session, number, person),
        history=shown_history(history, datetime_local),
        earlier=earlier,
        requests=_requests(session, incident, actions, events, factors),
    )


@blueprint.route("/incidents/new", methods=["GET", "POST"])
@access.requires(rules.can_report)
def new() -> ResponseReturnValue:
    """File an incident. `?kind=near_miss` brings the short form."""
    session, person = db_session(), current_person()
    is_near_miss = request.args.get("kind") == IncidentKind.NEAR_MISS
    form = NewIncidentForm(
        timezone=person.timezone, kind=IncidentKind.NEAR_MISS if is_near_miss else IncidentKind.INCIDENT
    )
    form.offer(session)
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            draft = IncidentDraft(**form.values())
            (incident,) = operations.report_incidents(session, [draft], actor=person)
            asked = operations_verification.raise_questions(session, incident, actor=person)
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        else:
            flash(f"{incident.reference} is filed. Complete it whenever you know more.", "success")
            if incident.visibility != draft.visibility:
                flash(because(session, incident), "info")
            _say_what_is_asked(asked)
            return commit_once(session, form.form_key.data, url_for("incidents.show", number=incident.id))
    page = render_template(
        "incidents/new.html",
        form=form,
        is_near_miss=is_near_miss,
        zone_names=zones.zone_names(),
        restricting=announced(session),
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/incidents/<int:number>/edit", methods=["GET", "POST"])
@access.signed_in
def edit(number: int) -> ResponseReturnValue:
    """Complete an incident. Whoever restricts it for themselves too is led back to the list."""
    session, person = db_session(), current_person()
    incident = queries.visible_incident(session, person, number)
    authorize(rules.can_edit, incident)
    form = _edit_form(session, incident)
    if not form.validate_on_submit():
        return _edit_page(form, incident), 422 if form.is_submitted() else 200
    try:
        if form.visibility.data != incident.visibility and not rules.can_restrict(person, incident):
            raise Refused(str(rules.can_restrict.__doc__), field="visibility")
        known, related = facts_of(incident), operations_verification.related_to(session, incident)
        operations.edit_incident(session, incident, form.values(), version=form.version.data, actor=person)
        session.flush()
        asked = operations_verification.raise_questions(session, incident, actor=person, known=related)
        is_still_visible = rules.can_see(person, incident)
        is_closed_by_rule = incident.visibility != form.visibility.data
        closed = because(session, incident, known) if is_closed_by_rule else ""
        session.commit()
    except Refused as refused:
        session.rollback()
        form.refuse(refused.field, refused.sentence)
        return _edit_page(form, queries.visible_incident(session, person, number)), 422
    except (Conflict, StaleDataError):
        return _stale(session, form, number)
    flash(f"INC-{number} is saved.", "success")
    _say_what_is_asked(asked)
    if closed:
        flash(closed, "info")
    return redirect(
        url_for("incidents.show", number=number) if is_still_visible else url_for("incidents.index"), 303
    )


def _say_what_is_asked(actions: Sequence[Any]) -> None:
    """Tell whoever related two incidents what that made of the actions."""
    if actions:
        names = ", ".join(action.reference for action in actions)
        flash(f"Whether {names} worked is asked again, because of the related incident.", "info")


def _requests(session: Session, incident: Incident, *parts: Iterable[Any]) -> Sequence[Any]:
    """Who asks for access to this restricted incident or its parts, for whoever may answer."""
    is_restricted = incident.visibility == Visibility.RESTRICTED
    if not (is_restricted and permissions_rules.can_answer(current_person(), incident)):
        return ()
    ids = ([each.id for each in part] for part in parts)
    return permissions_queries.open_requests_for(session, incident, *ids)


def _edit_form(session: Session, incident: Incident, **kwargs: Any) -> EditIncidentForm:
    related = queries.related_incidents(session, current_person(), incident.id)
    outgoing = [(other.number, other.kind) for other in related if other.kind]
    form = EditIncidentForm.of(incident, outgoing, **kwargs)
    form.offer(session, incident)
    return form


def _edit_page(form: IncidentFields, incident: Incident, conflicts: list[Conflicting] | None = None) -> str:
    return render_template(
        "incidents/edit.html",
        form=form,
        incident=incident,
        conflicts=conflicts or [],
        zone_names=zones.zone_names(),
        restricting=announced(db_session()),
    )


def _stale(session: Session, form: EditIncidentForm, number: int) -> ResponseReturnValue:
    """The form as it was typed, beside what is stored now; saving it again is deliberate."""
    session.rollback()
    stored = queries.visible_incident(session, current_person(), number)
    theirs = _edit_form(session, stored, formdata=None)
    if conflicts := conflicting_fields(form, theirs):
        return _edit_page(form, stored, conflicts), 409
    # Sent twice, or somebody wrote the very same: there is nothing to decide.
    return redirect(url_for("incidents.show", number=number), 303)


def _choices(session: Session) -> tuple[Named, Named]:
    services, teams = listing.filter_choices(session)
    return Named(services), Named(teams)


def _results(session: Session, form: FilterForm) -> tuple[Page[Any], str]:
    """The page of the list that the address asks for: its rows as they were read, and drawn."""
    person = current_person()
    today = clock.now().astimezone(reader_zone()).date()
    wanted = form.wanted(reader_zone(), today)
    cursor = Cursor.from_request()
    key = cursor.parse(id_key) if wanted.sort == FILED else cursor.parse(moment_key, id_key)
    rows = listing.page_rows(
        session, person, wanted, cursor=key, is_backward=cursor.is_backward, limit=PAGE_SIZE + 1
    )
    services = listing.services_of(session, [row.id for row in rows])
    found = listing.found_count(session, person, wanted, cap=COUNT_CAP)
    page = page_of(
        rows,
        cursor=cursor,
        key=lambda row: listing.sort_key(row, wanted.sort),
        found=found,
        noun="incident",
    )
    sort_url = _list_url({**_arguments(), "sort": "" if wanted.sort == OLDEST else "oldest"})

    def context() -> dict[str, Any]:
        rows = [listed(row, services[row.id]) for row in page.rows]
        return {"page": replace(page, rows=rows), "sort": form.sort.data, "sort_url": sort_url}

    # Tuples, because rows are compared by slower code of their own.
    shown = tuple(map(tuple, (*page.rows, *(each for row in page.rows for each in services[row.id]))))
    around = (page.previous_url, page.next_url, page.found_text, sort_url, form.sort.data, person.timezone)
    return page, kept_parts(("results", shown, around), "incidents/_results.html", context)["results"]


def _arguments() -> dict[str, str]:
    """The address's filters and order, without blank ones and without the place in the list."""
    return {name: value for name, value in request.args.items() if value and name not in ("after", "before")}


def _list_url(arguments: dict[str, str]) -> str:
    # Not through url_for, which would take `_external=` and the like for its own.
    filled = {name: value for name, value in arguments.items() if value}
    return f"{url_for('incidents.index')}?{urlencode(filled)}" if filled else url_for("incidents.index")


def _active_filters(form: FilterForm) -> list[SimpleNamespace]:
    """What the list is narrowed to, each with the address that takes it away."""
    return [
        SimpleNamespace(
            label=f"{_FILTER_LABELS.get(field.name, field.label.text)}: {shown(field)}",
            remove_url=_list_url({name: value for name, value in _arguments().items() if name != field.name}),
        )
        for field in form
        if field.data and field.name != "sort"
    ]


_FILTER_LABELS = {"q": "Text"}
