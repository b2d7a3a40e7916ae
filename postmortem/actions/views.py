"""Pages of actions: the list, one action, adding, changing, deleting and bringing back."""

from datetime import date
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem import clock
from postmortem.actions import listing, operations, policy, queries, rules
from postmortem.actions.drafts import ActionDraft
from postmortem.actions.enums import ACTION_KIND_LABELS
from postmortem.actions.forms import EditActionForm, FilterForm, NewActionForm
from postmortem.actions.models import Action
from postmortem.actions.queries_policy import current_policy
from postmortem.actions.words import due_words, redated_words
from postmortem.errors import Conflict, Refused
from postmortem.history.queries import history_of, record_history
from postmortem.incidents import rules as incidents_rules
from postmortem.incidents.queries import visible_incident
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.forms import conflicting_fields, shown
from postmortem.web.once import already_done, commit_once
from postmortem.web.paging import Cursor, earlier_than, id_key, page_of
from postmortem.web.request import db_session

blueprint = Blueprint("actions", __name__)
blueprint.add_app_template_filter(redated_words, "redated_words")


@blueprint.app_template_filter("due_words")
def due_words_today(due_on: date) -> str:
    """How far away a due date is from today."""
    return due_words(due_on, clock.today())


# The questions asked most, as links above the list: label and what they put into the address.
TABS: tuple[tuple[str, dict[str, str]], ...] = (
    ("Everything", {}),
    ("Open", {"status": "open"}),
    ("Yours", {"owner": "me", "status": "open"}),
    ("Overdue", {"overdue": "y"}),
    ("Without owner", {"owner": "none", "status": "open"}),
    ("To be verified", {"status": "done"}),
)


@blueprint.get("/actions/")
@access.signed_in
def index() -> ResponseReturnValue:
    """The list. An address that names what is not there gets the list's frame with a sentence (422)."""
    session, person = db_session(), current_person()
    form = FilterForm(request.args)
    form.offer(listing.filter_choices(session))
    cursor = Cursor.from_request()
    is_descending = request.args.get("sort") == "-due_on"
    page = None
    if form.validate():
        key = cursor.parse(id_key, id_key)
        rows = listing.find_actions(
            session,
            person,
            form.wanted(),
            key=(key[0], key[1]) if key else None,
            is_backward=cursor.is_backward,
            is_descending=is_descending,
        )
        found = listing.count_actions(session, person, form.wanted())
        page = page_of(
            rows, cursor=cursor, key=lambda row: (row.sort_key, row.id), found=found, noun="action"
        )
    return render_template(
        "actions/list.html",
        form=form,
        page=page,
        tabs=_tabs(),
        filters=_active_filters(form),
        is_descending=is_descending,
        sort_url=_list_url({**_arguments(), "sort": "due_on" if is_descending else "-due_on"}),
    ), 200 if page else 422


@blueprint.route("/incidents/<int:number>/actions/new", methods=["GET", "POST"])
@access.signed_in
def new(number: int) -> ResponseReturnValue:
    """Add an action to an incident; "save and add another" leads back here."""
    session, person = db_session(), current_person()
    incident = visible_incident(session, person, number)
    authorize(incidents_rules.can_edit, incident)
    today, follow_up = clock.today(), current_policy(session)
    form = NewActionForm(due_on=policy.proposed_due_on(follow_up, incident.severity, None, today))
    form.offer(session)
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            (action,) = operations.add_actions(
                session, incident, [ActionDraft(**form.values())], actor=person
            )
        except Refused as refused:
            form.refuse(refused.field, refused.sentence)
        else:
            is_another = "add_another" in request.form
            flash(
                f"{action.reference} was added.{' Here is a form for the next one.' if is_another else ''}",
                "success",
            )
            url = url_for("actions.new", number=number) if is_another else _incident_url(incident.id)
            return commit_once(session, form.form_key.data, url)
    page = render_template(
        "actions/new.html",
        form=form,
        incident=incident,
        proposal=policy.proposal_sentence(follow_up, incident.severity, today),
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.get("/actions/<int:number>")
@access.signed_in
def show(number: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    action = queries.visible_action(session, person, number)
    history = record_history(session, "actions", action.id, before=earlier_than())
    is_verified = action.status == "verified"
    return render_template(
        "actions/show.html",
        action=action,
        kind_label=ACTION_KIND_LABELS[action.kind] if action.kind else "",
        can_edit=rules.can_edit(person, action),
        verification=queries.verification_in(history_of(session, "actions", action.id))
        if is_verified
        else None,
        history=history,
    )


@blueprint.route("/actions/<int:number>/edit", methods=["GET", "POST"])
@access.signed_in
def edit(number: int) -> ResponseReturnValue:
    """Change an action. A stale form, and one of an action deleted meanwhile, come back with what was typed."""
    session, person = db_session(), current_person()
    find = queries.visible_action if request.method == "GET" else queries.visible_or_deleted_action
    action = find(session, person, number)
    authorize(rules.can_edit, action)
    form = EditActionForm(obj=action)
    form.offer(session, action)
    if not form.validate_on_submit():
        return _edit_page(form, action), 422 if form.is_submitted() else 200
    try:
        if action.deleted_at is not None:
            _bring_back(session, action, form)
        operations.edit_action(session, action, form.values(), version=form.version.data, actor=person)
        is_still_visible = queries.sees_incident(session, person, action.incident_id)
        session.commit()
    except Refused as refused:
        form.refuse(refused.field, refused.sentence)
        return _edit_page(form, action), 422
    except (Conflict, StaleDataError):
        return _stale(session, form, number)
    flash(f"{action.reference} is saved.", "success")
    # Who saw a restricted incident only as this action's owner may have handed it on.
    return redirect(
        url_for("actions.show", number=number) if is_still_visible else url_for("actions.index"), 303
    )


@blueprint.post("/actions/<int:number>/delete")
@access.signed_in
def delete(number: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    action = queries.visible_or_deleted_action(session, person, number)
    authorize(rules.can_edit, action)
    operations.delete_action(session, action, actor=person)
    is_still_visible = queries.sees_incident(session, person, action.incident_id)
    session.commit()
    if not is_still_visible:
        flash(f"{action.reference} was deleted, and with it your way to its restricted incident.", "success")
        return redirect(url_for("actions.index"), 303)
    undo_url = url_for("actions.restore", number=number)
    flash({"text": f"{action.reference} was deleted.", "undo_url": undo_url, "undo_label": "Undo"}, "success")  # type: ignore[arg-type]
    return redirect(_incident_url(action.incident_id), 303)


@blueprint.post("/actions/<int:number>/restore")
@access.signed_in
def restore(number: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    action = queries.visible_or_deleted_action(session, person, number)
    authorize(rules.can_edit, action)
    operations.restore_action(session, action, actor=person)
    session.commit()
    flash(f"{action.reference} is back.", "success")
    return redirect(url_for("actions.show", number=number), 303)


def _edit_page(form: EditActionForm, action: Action, conflicts: Any = ()) -> str:
    return render_template("actions/edit.html", form=form, action=action, conflicts=conflicts)


def _stale(session: Session, form: EditActionForm, number: int) -> ResponseReturnValue:
    """The form as it was typed, beside what is stored now; saving it again is deliberate."""
    session.rollback()
    stored = queries.visible_or_deleted_action(session, current_person(), number)
    theirs = EditActionForm(formdata=None, obj=stored)
    theirs.offer(session, stored)
    conflicts = conflicting_fields(form, theirs)
    if stored.deleted_at is not None:
        form.bring_back.data = "yes"
        form.form_errors.append(
            f"Somebody deleted {stored.reference} while you were writing. Save again to bring it back with your text."
        )
    elif not conflicts:
        # Sent twice, or somebody wrote the very same: there is nothing to decide.
        return redirect(url_for("actions.show", number=number), 303)
    return _edit_page(form, stored, conflicts), 409


def _bring_back(session: Session, action: Action, form: EditActionForm) -> None:
    """Undo a deletion that the person has been told of; before that, it is a conflict like any other."""
    if form.bring_back.data != "yes" or form.version.data != action.version:
        raise Conflict
    operations.restore_action(session, action, actor=current_person())


def _incident_url(number: int) -> str:
    return f"/incidents/{number}#actions"


def _arguments() -> dict[str, str]:
    """The address's filters and sorting, without blank ones and without the place in the list."""
    return {name: value for name, value in request.args.items() if value and name not in ("after", "before")}


def _list_url(arguments: dict[str, str]) -> str:
    # Not through url_for, which would take `_external=` and the like for its own.
    return f"{url_for('actions.index')}?{urlencode(arguments)}" if arguments else url_for("actions.index")


def _tabs() -> list[SimpleNamespace]:
    asked = {name: value for name, value in _arguments().items() if name != "sort"}
    return [
        SimpleNamespace(label=label, url=_list_url(arguments), is_current=arguments == asked)
        for label, arguments in TABS
    ]


def _active_filters(form: FilterForm) -> list[SimpleNamespace]:
    """What the list is narrowed to, each with the address that takes it away."""
    return [
        SimpleNamespace(
            label=field.label.text if field.data is True else f"{field.label.text}: {shown(field)}",
            remove_url=_list_url({name: value for name, value in _arguments().items() if name != field.name}),
        )
        for field in form
        if field.data
    ]
