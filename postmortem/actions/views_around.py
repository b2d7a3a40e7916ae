"""What stands around an action: links to trackers, watching. All lead back to its page."""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from postmortem.actions import operations_links, operations_watching, queries, rules
from postmortem.actions.forms_page import LinkForm
from postmortem.actions.pages import action_page
from postmortem.errors import Refused
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.request import db_session

blueprint = Blueprint("actions_around", __name__)


@blueprint.post("/actions/<int:number>/links")
@access.signed_in
def add_link(number: int) -> ResponseReturnValue:
    """Add a link to a tracker. The same link sent twice is refused with a sentence."""
    session, person = db_session(), current_person()
    action = queries.visible_action(session, person, number)
    authorize(rules.can_edit, action)
    form = LinkForm()
    if form.validate_on_submit():
        try:
            operations_links.add_link(
                session, action, form.url.data or "", form.title.data or "", actor=person
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        else:
            flash("The link is added.", "success")
            return redirect(_url(number, "links"), 303)
    action = queries.visible_action(session, person, number)
    return render_template("actions/show.html", **action_page(session, person, action, link_form=form)), 422


@blueprint.post("/actions/<int:number>/links/remove")
@access.signed_in
def remove_link(number: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    action = queries.visible_action(session, person, number)
    authorize(rules.can_edit, action)
    operations_links.remove_link(session, action, request.form.get("url", ""), actor=person)
    session.commit()
    flash("The link is removed. What it leads to is untouched.", "success")
    return redirect(_url(number, "links"), 303)


@blueprint.post("/actions/<int:number>/watch")
@access.signed_in
def watch(number: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    action = queries.visible_action(session, person, number)
    operations_watching.watch(session, action, actor=person)
    session.commit()
    flash(f"You watch {action.reference} now, and hear of what changes.", "success")
    return redirect(_url(number), 303)


@blueprint.post("/actions/<int:number>/unwatch")
@access.signed_in
def unwatch(number: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    action = queries.visible_action(session, person, number)
    operations_watching.unwatch(session, action, actor=person)
    session.commit()
    flash(f"You do not watch {action.reference} any more.", "success")
    return redirect(_url(number), 303)


def _url(number: int, part: str = "") -> str:
    return f"/actions/{number}#{part}" if part else f"/actions/{number}"
