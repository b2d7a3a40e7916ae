"""Ideas: adding, changing, deleting and bringing back, and making one an action; all lead back to the incident."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from postmortem import clock
from postmortem.accounts.rules import is_contributor
from postmortem.actions.checks import MAX_LENGTHS
from postmortem.actions.coaching import title_hint
from postmortem.actions.drafts import ActionDraft
from postmortem.actions.policy import Policy, proposal_sentence, proposed_due_on
from postmortem.actions.queries_policy import current_policy
from postmortem.errors import Conflict, NotVisible, Refused
from postmortem.ideas import operations, queries, rules
from postmortem.ideas.forms import EditIdeaForm, NewIdeaForm, PromoteForm
from postmortem.ideas.models import Idea
from postmortem.incidents import rules as incidents_rules
from postmortem.incidents.queries import visible_incident
from postmortem.text.reading import shortened
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.forms import Conflicting, conflicting_fields
from postmortem.web.once import already_done, commit_once
from postmortem.web.request import db_session

blueprint = Blueprint("ideas", __name__)


@blueprint.app_template_global("new_idea_form")
def new_idea_form() -> NewIdeaForm:
    """An empty form for the box on an incident's page."""
    return NewIdeaForm(formdata=None)


@blueprint.route("/incidents/<int:number>/ideas", methods=["GET", "POST"])
@access.requires(is_contributor)
def add(number: int) -> ResponseReturnValue:
    """Write an idea down, from the box on the incident's page or the form of its own."""
    session, person = db_session(), current_person()
    incident = visible_incident(session, person, number)
    authorize(incidents_rules.can_edit, incident)
    form = NewIdeaForm()
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            operations.add_idea(session, incident, form.text.data or "", by=person, actor=person)
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        else:
            flash("The idea is noted. It is no promise yet.", "success")
            return commit_once(session, form.form_key.data, _box_url(number))
    url = url_for("ideas.add", number=number)
    page = render_template("ideas/form.html", form=form, incident=incident, idea=None, conflicts=(), url=url)
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/ideas/<int:idea_id>/edit", methods=["GET", "POST"])
@access.requires(is_contributor)
def edit(idea_id: int) -> ResponseReturnValue:
    """Change an idea. A stale form, and one of an idea deleted meanwhile, come back with what was typed."""
    session, person = db_session(), current_person()
    find = queries.visible_idea if request.method == "GET" else queries.visible_or_deleted_idea
    idea = find(session, person, idea_id)
    authorize(rules.can_edit, idea)
    form = EditIdeaForm(obj=idea)
    if not form.validate_on_submit():
        return _edit_page(form, idea), 422 if form.is_submitted() else 200
    try:
        operations.edit_idea(session, idea, form.text.data or "", version=form.version.data, actor=person)
        session.commit()
    except Refused as refused:
        session.rollback()
        form.refuse(refused.field, refused.sentence)
        return _edit_page(form, idea), 422
    except (Conflict, StaleDataError):
        session.rollback()
        idea = queries.visible_or_deleted_idea(session, person, idea_id)
        conflicts = conflicting_fields(form, EditIdeaForm(formdata=None, obj=idea))
        if conflicts or idea.deleted_at is not None:
            return _edit_page(form, idea, conflicts), 409
        # Sent twice, or somebody wrote the very same: there is nothing to decide.
    return redirect(_box_url(idea.incident_id), 303)


@blueprint.post("/ideas/<int:idea_id>/delete")
@access.requires(is_contributor)
def delete(idea_id: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    idea = queries.visible_or_deleted_idea(session, person, idea_id)
    authorize(rules.can_edit, idea)
    operations.delete_idea(session, idea, actor=person)
    session.commit()
    undo_url = url_for("ideas.restore", idea_id=idea_id)
    flash({"text": "The idea was deleted.", "undo_url": undo_url, "undo_label": "Undo"}, "success")  # type: ignore[arg-type]
    return redirect(_box_url(idea.incident_id), 303)


@blueprint.post("/ideas/<int:idea_id>/restore")
@access.requires(is_contributor)
def restore(idea_id: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    idea = queries.visible_or_deleted_idea(session, person, idea_id)
    authorize(rules.can_edit, idea)
    operations.restore_idea(session, idea, actor=person)
    session.commit()
    flash("The idea is back.", "success")
    return redirect(_box_url(idea.incident_id), 303)


@blueprint.route("/ideas/<int:idea_id>/promote", methods=["GET", "POST"])
@access.requires(is_contributor)
def promote(idea_id: int) -> ResponseReturnValue:
    """Make an idea an action; whoever comes second is led to the action that it became."""
    session, person = db_session(), current_person()
    idea = queries.visible_idea(session, person, idea_id)
    authorize(rules.can_edit, idea)
    policy = current_policy(session)
    if idea.promoted_at is not None:
        return _became(idea)
    form = _promote_form(idea, policy)
    form.offer(session)
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            draft = ActionDraft(**form.values())
            action = operations.promote(
                session, idea, draft, reason=form.reason.data or "", policy=policy, actor=person
            )
            flash(f"The idea is now {action.reference}.", "success")
            return commit_once(session, form.form_key.data, url_for("actions.show", number=action.id))
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        except StaleDataError:
            session.rollback()
            idea = queries.visible_or_deleted_idea(session, person, idea_id)
            if idea.promoted_at is not None:
                return _became(idea)
            if idea.deleted_at is not None:
                raise NotVisible from None
            form.form_errors.append("Somebody changed the idea while you were writing. Save again.")
    page = render_template(
        "ideas/promote.html",
        form=form,
        shown=queries.shown(idea, policy),
        coach=title_hint(form.title.data) if form.title.data else "",
        incident=idea.incident,
        proposal=proposal_sentence(policy, idea.incident.severity, clock.today()),
    )
    return page, 422 if form.is_submitted() else 200


def _promote_form(idea: Idea, policy: Policy) -> PromoteForm:
    """The new-action form with the idea's words as its title; what does not fit goes below."""
    title = shortened(idea.text, MAX_LENGTHS["title"])
    return PromoteForm(
        title=title,
        description="" if title == idea.text else idea.text,
        due_on=proposed_due_on(policy, idea.incident.severity, None, clock.today()),
    )


def _became(idea: Idea) -> ResponseReturnValue:
    if idea.action is None or idea.action.deleted_at is not None:
        flash("The idea became an action already, which was deleted since.", "info")
        return redirect(_box_url(idea.incident_id), 303)
    flash(f"The idea is {idea.action.reference} already.", "info")
    return redirect(url_for("actions.show", number=idea.action.id), 303)


def _edit_page(form: EditIdeaForm, idea: Idea, conflicts: Sequence[Conflicting] = ()) -> str:
    if idea.deleted_at is not None:
        form.form_errors = [
            "Somebody deleted this idea while you were writing. Save again to bring it back with your words."
        ]
    url = url_for("ideas.edit", idea_id=idea.id)
    return render_template(
        "ideas/form.html", form=form, incident=idea.incident, idea=idea, conflicts=conflicts, url=url
    )


def _box_url(number: int) -> str:
    return f"/incidents/{number}#ideas"
