"""Merging two people: choose the other, look at what will move, type the address of the one who goes."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts import rules
from postmortem.accounts.models import Person
from postmortem.accounts.queries import person_by_email
from postmortem.accounts.views_confirmation import confirmed
from postmortem.errors import NotVisible, Refused
from postmortem.leaving import operations_merge, queries
from postmortem.leaving.forms import ChooseForm, MergeForm
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.request import db_session

blueprint = Blueprint("merging", __name__, url_prefix="/people")


@blueprint.get("/<int:person_id>/merge")
@access.requires(rules.can_manage_people)
def choose(person_id: int) -> ResponseReturnValue:
    """Choose the other account and who stays; leads on to the page that says what will move."""
    session = db_session()
    person = person_here(session, person_id)
    form = ChooseForm(request.args if "other" in request.args else None)
    form.other.offer(
        (row.email, f"{row.name} ({row.email}){'' if row.is_active else ', deactivated'}")
        for row in queries.people_to_merge(session, person)
    )
    form.stays.choices[0].label = f"{person.name} ({person.email})"
    if "other" in request.args and form.validate():
        other = person_by_email(session, form.other.data)
        if other is None:
            raise NotVisible
        gone, stays = (other, person) if form.stays.data == "this" else (person, other)
        return redirect(url_for("merging.merge", gone_id=gone.id, stays_id=stays.id), 303)
    return render_template("leaving/choose.html", person=person, form=form), 422 if form.errors else 200


@blueprint.route("/<int:gone_id>/merge/<int:stays_id>", methods=["GET", "POST"])
@access.requires(rules.can_manage_people)
@confirmed
def merge(gone_id: int, stays_id: int) -> ResponseReturnValue:
    """Say what will move; then do it. Sent twice, the second finds the account merged and says so."""
    session = db_session()
    form = MergeForm()
    if form.validate_on_submit():
        try:
            stays = operations_merge.merge(
                session, gone_id, stays_id, typed=form.email.data or "", actor=current_person()
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        except StaleDataError:
            session.rollback()
            form.refuse(None, "Somebody changed one of the records meanwhile. Look again, then merge.")
        else:
            flash(f"Merged. Everything points at {stays.name} now.", "success")
            return redirect(url_for("people.show", person_id=stays.id), 303)
    return _page(session, gone_id, stays_id, form), 422 if form.is_submitted() else 200


def person_here(session: Session, person_id: int) -> Person:
    """Somebody who was neither merged nor anonymised."""
    person = session.get(Person, person_id)
    if person is None or person.merged_into_id is not None or person.anonymised_at is not None:
        raise NotVisible
    return person


def _page(session: Session, gone_id: int, stays_id: int, form: MergeForm) -> str:
    gone, stays = person_here(session, gone_id), person_here(session, stays_id)
    in_the_way = ""
    try:
        operations_merge.check_pair(session, gone, stays, actor=current_person())
    except Refused as refused:
        in_the_way = refused.sentence
    return render_template(
        "leaving/merge.html",
        gone=gone,
        stays=stays,
        form=form,
        moves=queries.what_moves(session, gone),
        sign_ins=queries.sign_ins_that_end(session, gone),
        in_the_way=in_the_way,
    )
