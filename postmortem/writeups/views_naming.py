"""Names before publishing: an editor's choices about everybody, and each person's own answer whether to be named."""

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from wtforms import RadioField
from wtforms.fields import SelectChoice

from postmortem.errors import Conflict
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.forms import BaseForm
from postmortem.web.request import db_session
from postmortem.web.sent import sent_doubles
from postmortem.writeups import queries, rules
from postmortem.writeups.forms_publishing import VersionForm, keep_typed
from postmortem.writeups.naming import names_of
from postmortem.writeups.naming_page import TICKED, sent_choices
from postmortem.writeups.operations_naming import decide_consent, save_choices
from postmortem.writeups.pages import published_page
from postmortem.writeups.preview import names_listed

blueprint = Blueprint("naming", __name__)


class ConsentForm(BaseForm):
    """Somebody's own answer."""

    is_named = RadioField(
        "In this write-up",
        choices=[
            SelectChoice("yes", "Name me"),
            SelectChoice("no", "Do not name me: a role stands in my place"),
        ],
        default="no",
    )


@blueprint.post("/writeups/<slug>/names")
@access.requires(rules.can_start)
def choose(slug: str) -> ResponseReturnValue:
    """Keep what was ticked and typed, and show the text with it. Nothing is published."""
    session, person = db_session(), current_person()
    writeup = queries.visible_writeup(session, person, slug)
    authorize(rules.can_publish, writeup)
    form = VersionForm(data={"version": writeup.version})
    if not form.validate() or sent_doubles(request.form, TICKED):
        abort(422)
    page = names_listed(session, writeup)
    try:
        changed = save_choices(
            session, writeup, sent_choices(request.form, page), actor=person, version=form.version.data
        )
        session.commit()
    except (Conflict, StaleDataError):
        session.rollback()
        flash(
            "Somebody saved a change while this page was open, so nothing was kept. Look at it again.",
            "warning",
        )
    else:
        if changed:
            flash("Kept. The text below is what readers will see; nothing is published yet.", "success")
        else:
            flash("Nothing about the names was different, so nothing was changed.", "info")
    keep_typed(slug)
    return redirect(f"/writeups/{slug}/publish", 303)


@blueprint.route("/writeups/<slug>/naming", methods=["GET", "POST"])
@access.signed_in
def consent(slug: str) -> ResponseReturnValue:
    """One's own name: whether it may stand in this write-up. Nobody answers for another."""
    session, person = db_session(), current_person()
    writeup = queries.visible_writeup(session, person, slug)
    names = names_of(session, [writeup.id])
    is_author = any(author.id == person.id for author in writeup.authors)
    answer = names.consent(writeup.id, person.id)
    # An author who said nothing stands above the text and not in it: neither answer is theirs yet.
    shown = "yes" if answer else "no" if answer is False or not is_author else None
    form = ConsentForm(data={"is_named": shown})
    if form.validate_on_submit():
        is_agreed = form.is_named.data == "yes"
        try:
            decide_consent(session, writeup, person, is_agreed=is_agreed)
            session.commit()
        except (Conflict, StaleDataError, IntegrityError):
            session.rollback()
            flash("Somebody changed this while the page was open. Look at it again.", "warning")
        else:
            flash(
                "You agreed to be named." if is_agreed else "You will not be named.",
                "success",
            )
        return redirect(f"{request.path}", 303)
    published = published_page(session, person, slug)
    return render_template(
        "writeups/naming.html",
        form=form,
        slug=slug,
        title=writeup.title
        if rules.can_see_draft(person, writeup)
        else published.row.title
        if published
        else "",
        answer=answer,
        is_author=is_author,
        is_published=published is not None,
    ), 422 if form.is_submitted() else 200
