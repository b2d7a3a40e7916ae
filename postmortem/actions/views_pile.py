"""What people who left have left behind, and handing it over."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts.models import Person
from postmortem.accounts.queries import people_to_choose
from postmortem.accounts.rules import is_contributor
from postmortem.actions import operations_pile, queries_pile
from postmortem.actions.forms_pile import HandOverForm
from postmortem.errors import Conflict, Refused
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.paging import found_text
from postmortem.web.request import db_session

blueprint = Blueprint("pile", __name__)
_NUMBER_MAX = 10


@blueprint.route("/actions/leavers", methods=["GET", "POST"])
@access.signed_in(post=is_contributor)
def leavers() -> ResponseReturnValue:
    """Everybody who left open actions behind; `?of=<id>` shows those of one, with the form to hand them over."""
    session, person = db_session(), current_person()
    left = queries_pile.leavers(session, person)
    owner, form = _chosen(session, left), HandOverForm()
    if owner is None:
        if request.method == "POST":
            flash("Nothing of theirs is left to hand over.", "info")
            return redirect(url_for("pile.leavers"), 303)
        return render_template("actions/leavers.html", leavers=left)
    rows = queries_pile.open_actions_of(session, person, owner.id)
    form.offer(((each.email, each.name) for each in people_to_choose(session)), owner)
    if not form.validate_on_submit():
        return _page(form, owner, rows, left), 422 if form.is_submitted() else 200
    owner_name = owner.name
    try:
        handed = operations_pile.hand_over(
            session,
            person,
            owner,
            form.to.data or "",
            ticked=None if "all" in request.form else form.number.data or [],
            reason=form.reason.data or "",
            actor=person,
        )
        session.commit()
    except Refused as refused:
        form.refuse(refused.field, refused.sentence)
        return _page(form, owner, rows, left), 422
    except (Conflict, StaleDataError):
        session.rollback()
        flash("Somebody changed one of them at the same moment. Nothing was handed over; try again.", "error")
        return redirect(url_for("pile.leavers"), 303)
    is_one = len(handed) == 1
    flash(
        f"{found_text(len(handed), 'action')} of {owner_name} {'is' if is_one else 'are'} handed over.",
        "success",
    )
    return redirect(url_for("pile.leavers"), 303)


def _chosen(session: Session, left: Sequence[queries_pile.Leaver]) -> Person | None:
    """Whose actions the address or the form is about, if they left any; where only one person did, theirs."""
    asked = request.values.get("of", "")
    ids = [leaver.person_id for leaver in left]
    if not asked and len(ids) == 1 and request.method == "GET":
        return session.get(Person, ids[0])
    is_number = asked.isascii() and asked.isdigit() and len(asked) <= _NUMBER_MAX
    return session.get(Person, int(asked)) if is_number and int(asked) in ids else None


def _page(form: HandOverForm, owner: Person, rows: Sequence[Any], left: Sequence[queries_pile.Leaver]) -> str:
    [mine] = [leaver for leaver in left if leaver.person_id == owner.id]
    return render_template(
        "actions/leaver.html",
        form=form,
        owner=owner,
        rows=rows,
        mine=mine,
        is_alone=len(left) == 1,
        can_hand_over=is_contributor(current_person()),
        ticked={(each.number, each.version) for each in form.number.data or []},
    )
