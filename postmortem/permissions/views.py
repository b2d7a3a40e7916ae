"""Asking for access, and answering who asked.

The page for asking answers alike whatever its address leads to, or does not lead to.
"""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from postmortem.accounts.rules import is_admin
from postmortem.errors import NotVisible, Refused
from postmortem.permissions import operations, queries, rules
from postmortem.permissions.enums import RequestState
from postmortem.permissions.forms import AskForm, DeclineForm
from postmortem.permissions.models import AccessRequest
from postmortem.permissions.router import name_of
from postmortem.permissions.things import Thing, sees, thing_named, things_named
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.once import already_done, commit_once
from postmortem.web.paging import PAGE_SIZE, Cursor, id_key, page_of
from postmortem.web.request import db_session

blueprint = Blueprint("access_requests", __name__)


@blueprint.route("/access/ask", methods=["GET", "POST"])
@access.signed_in
def ask() -> ResponseReturnValue:
    """Ask to see what is under `?path=`, whether or not anything is."""
    session = db_session()
    form = AskForm(path=request.args.get("path", "")[: operations.PATH_MAX])
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            operations.ask(
                session,
                path=form.path.data,
                reason=(form.reason.data or "").strip(),
                actor=current_person(),
            )
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        else:
            flash("You have asked. The answer will stand on this page.", "success")
            return commit_once(session, form.form_key.data, f"{url_for('me.start')}#your-requests")
    return render_template("permissions/ask.html", form=form), 422 if form.is_submitted() else 200


@blueprint.get("/settings/access-requests")
@access.requires(is_admin)
def index() -> ResponseReturnValue:
    """Open requests, or with `?show=answered` the others, newest first, each with what is there."""
    session, person, cursor = db_session(), current_person(), Cursor.from_request()
    is_open = request.args.get("show") != "answered"
    key = cursor.parse(id_key)
    place = key[0] if key else None
    rows = queries.requests_by_state(
        session,
        is_open=is_open,
        after=None if cursor.is_backward else place,
        before=place if cursor.is_backward else None,
        limit=PAGE_SIZE + 1,
    )
    found = queries.count_requests(session, is_open=is_open)
    page = page_of(rows, cursor=cursor, key=lambda row: (row.id,), found=found, noun="request")
    names = {row.id: name_of(row.path) for row in page.rows}
    things = things_named(session, person, names.values())
    about = {number: things.get(name) if name else None for number, name in names.items()}
    return render_template("permissions/requests.html", page=page, about=about, is_open=is_open)


@blueprint.get("/access/requests/<int:request_id>")
@access.signed_in
def answer(request_id: int) -> ResponseReturnValue:
    session = db_session()
    asked, thing = _answerable(session, request_id)
    return _answer_page(session, asked, thing, DeclineForm())


@blueprint.post("/access/requests/<int:request_id>/grant")
@access.signed_in
def grant(request_id: int) -> ResponseReturnValue:
    session = db_session()
    asked, thing = _answerable(session, request_id)
    try:
        operations.grant(session, asked, thing, actor=current_person())
    except Refused as refused:
        session.rollback()
        asked, thing = _answerable(session, request_id)
        form = DeclineForm(formdata=None)
        form.refuse(None, refused.sentence)
        return _answer_page(session, asked, thing, form), 422
    name = asked.person.name
    session.commit()
    flash(f"{name} sees it now.", "success")
    return redirect(_after(thing), 303)


@blueprint.post("/access/requests/<int:request_id>/decline")
@access.signed_in
def decline(request_id: int) -> ResponseReturnValue:
    session, form = db_session(), DeclineForm()
    asked, thing = _answerable(session, request_id)
    if not form.validate_on_submit():
        return _answer_page(session, asked, thing, form), 422
    operations.decline(session, asked, answer=form.answer.data or "", actor=current_person())
    name = asked.person.name
    session.commit()
    flash(f"Declined. {name} reads that on their page.", "success")
    return redirect(_after(thing), 303)


def _answerable(session: Session, request_id: int) -> tuple[AccessRequest, Thing | None]:
    """The request and what it is about, for whoever may answer it; for others there is none. Raises NotVisible."""
    lock = True if request.method == "POST" else None
    asked = session.get(AccessRequest, request_id, with_for_update=lock)
    if asked is None:
        raise NotVisible
    person = current_person()
    thing = thing_named(session, person, name_of(asked.path))
    if not rules.can_answer(person, thing.incident if thing else None):
        raise NotVisible
    return asked, thing


def _answer_page(session: Session, asked: AccessRequest, thing: Thing | None, form: DeclineForm) -> str:
    return render_template(
        "permissions/answer.html",
        asked=asked,
        thing=thing,
        form=form,
        is_open=asked.state == RequestState.OPEN,
        is_seen=thing is not None and sees(session, asked.person, thing),
        given=operations.GIVEN_ACCESS,
    )


def _after(thing: Thing | None) -> str:
    """Admins go on with the next request, others back to their incident."""
    if thing is None or is_admin(current_person()):
        return url_for("access_requests.index")
    return thing.url
