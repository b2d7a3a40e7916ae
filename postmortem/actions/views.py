"""Pages of actions: the list, one action, adding, changing, deleting and bringing back."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem import clock
from postmortem.actions import operations, policy, queries, rules, views_list
from postmortem.actions.coaching import title_hint
from postmortem.actions.drafts import ActionDraft
from postmortem.actions.forms import EditActionForm, NewActionForm
from postmortem.actions.models import Action
from postmortem.actions.pages import action_page
from postmortem.actions.queries_policy import current_policy
from postmortem.actions.queries_story import Place
from postmortem.actions.words import due_words, redated_words
from postmortem.errors import Conflict, Refused
from postmortem.incidents import rules as incidents_rules
from postmortem.incidents.queries import visible_incident
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.forms import conflicting_fields
from postmortem.web.once import already_done, commit_once
from postmortem.web.paging import Cursor, id_key, moment_key
from postmortem.web.request import db_session

blueprint = Blueprint("actions", __name__)
blueprint.add_app_template_filter(redated_words, "redated_words")


@blueprint.app_template_filter("due_words")
def due_words_today(due_on: date) -> str:
    """How far away a due date is from today."""
    return due_words(due_on, clock.today())


blueprint.add_url_rule("/actions/", view_func=views_list.index)


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
            if hint := title_hint(action.title):
                flash(f"About the title of {action.reference}, “{action.title}”: {hint}", "info")
            url = url_for("actions.new", number=number) if is_another else _incident_url(incident.id)
            return commit_once(session, form.form_key.data, url)
    page = render_template(
        "actions/new.html",
        form=form,
        incident=incident,
        coach=title_hint(form.title.data) if form.title.data else "",
        proposal=policy.proposal_sentence(follow_up, incident.severity, today),
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.get("/actions/<int:number>")
@access.signed_in
def show(number: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    action = queries.visible_action(session, person, number)
    return render_template("actions/show.html", **action_page(session, person, action, before=_before()))


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
        version = form.version.data
        if action.deleted_at is not None:
            # Bringing it back has looked at the version, and makes the next one.
            _bring_back(session, action, form)
            version = None
        operations.edit_action(session, action, form.values(), version=version, actor=person)
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
    return render_template(
        "actions/edit.html",
        form=form,
        action=action,
        conflicts=conflicts,
        coach=title_hint(form.title.data) if form.title.data else "",
    )


def _before() -> Place | None:
    """Where the story's part that is asked for ends (`earlier=` in the address). Raises Refused on nonsense."""
    text = request.args.get("earlier", "")
    key = Cursor(values=tuple(text.split("~"))).parse(moment_key, id_key, id_key) if text else None
    return (key[0], key[1], key[2]) if key else None


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
