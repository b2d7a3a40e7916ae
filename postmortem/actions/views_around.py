"""What stands around an action: links to trackers, watching, which lead back to its page; a word about its title."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from postmortem.actions import operations_links, operations_watching, queries, rules
from postmortem.actions.checks import MAX_LENGTHS
from postmortem.actions.coaching import title_hint
from postmortem.actions.forms_page import LinkForm
from postmortem.actions.pages import action_page, tracker_links
from postmortem.errors import Refused
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.forms import clean_line
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
    removed = operations_links.remove_link(session, action, request.form.get("url", ""), actor=person)
    session.commit()
    text = "The link is removed. What it leads to is untouched."
    if removed is None:
        flash(text, "success")
    else:
        undo_url = url_for(
            "actions_around.restore_link", number=number, link=removed.url, title=removed.title or None
        )
        flash({"text": text, "undo_url": undo_url, "undo_label": "Undo"}, "success")  # type: ignore[arg-type]
    # To the top of the page, where the way back is offered.
    return redirect(_url(number), 303)


@blueprint.post("/actions/<int:number>/links/restore")
@access.signed_in
def restore_link(number: int) -> ResponseReturnValue:
    """Undo a removal: the link stands in the address. One that is there again already stays as it is."""
    session, person = db_session(), current_person()
    action = queries.visible_action(session, person, number)
    authorize(rules.can_edit, action)
    url, title = (clean_line(request.values.get(name, "")) or "" for name in ("link", "title"))
    if url not in {link.url for link in tracker_links(session, action)}:
        operations_links.add_link(session, action, url, title, actor=person)
        session.commit()
    flash("The link is back.", "success")
    return redirect(_url(number, "links"), 303)


@blueprint.post("/actions/title-hint")
@access.signed_in
def hint() -> ResponseReturnValue:
    """A word about a title that is being typed, as plain text; keeps nothing."""
    title = clean_line(request.form.get("title", "")) or ""
    return Response(title_hint(title[: MAX_LENGTHS["title"]]) if title else "", mimetype="text/plain")


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
