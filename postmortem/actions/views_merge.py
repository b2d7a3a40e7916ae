"""Merging an action into another one, and taking that back."""

import re

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts.models import Person
from postmortem.actions import operations_merge, queries, queries_around, rules
from postmortem.actions.forms_verification import MergeForm
from postmortem.actions.models import Action
from postmortem.errors import Conflict, NotVisible, Refused
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.request import db_session

blueprint = Blueprint("action_merging", __name__)
_NUMBER = re.compile(r"\s*(?:ACT-)?(\d{1,10})\s*", re.IGNORECASE)


@blueprint.route("/actions/<int:number>/merge", methods=["GET", "POST"])
@access.signed_in
def merge(number: int) -> ResponseReturnValue:
    """Choose the action that stays. Both must be there for this person, and theirs to change."""
    session, person = db_session(), current_person()
    action = queries.visible_action(session, person, number)
    authorize(rules.can_edit, action)
    form = MergeForm(version=action.version)
    if not form.validate_on_submit():
        return _page(session, form, action), 422 if form.is_submitted() else 200
    try:
        into = _chosen(session, person, form.into.data or "")
        if action.merged_into_id == into.id:
            # Sent twice.
            return _to(into)
        operations_merge.merge_action(session, action, into, version=form.version.data, actor=person)
        session.commit()
    except Refused as refused:
        session.rollback()
        form.refuse(refused.field, refused.sentence)
        return _page(session, form, queries.visible_action(session, person, number)), 422
    except (Conflict, StaleDataError):
        return _stale(session, form, number)
    undo_url = url_for("action_merging.unmerge", number=number)
    text = f"{action.reference} is merged into {into.reference}."
    flash({"text": text, "undo_url": undo_url, "undo_label": "Undo"}, "success")  # type: ignore[arg-type]
    return _to(into)


@blueprint.post("/actions/<int:number>/unmerge")
@access.signed_in
def unmerge(number: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    action = queries.visible_action(session, person, number)
    authorize(rules.can_edit, action)
    operations_merge.unmerge_action(session, action, actor=person)
    session.commit()
    flash(f"{action.reference} stands on its own again.", "success")
    return _to(action)


def _chosen(session: Session, person: Person, text: str) -> Action:
    """The action with this number that the person may change. What they may not see does not exist."""
    found = _NUMBER.fullmatch(text)
    try:
        if found is None:
            raise NotVisible
        into = queries.visible_action(session, person, int(found[1]))
    except NotVisible as error:
        raise Refused("There is no action with this number.", field="into") from error
    if not rules.can_edit(person, into):
        raise Refused(f"You may not change {into.reference}. Ask its owner.", field="into")
    return into


def _stale(session: Session, form: MergeForm, number: int) -> ResponseReturnValue:
    session.rollback()
    action = queries.visible_action(session, current_person(), number)
    form.version.data, form.version.raw_data = action.version, None
    form.form_errors.append(
        "Somebody changed one of the two while you were writing. Look at them, then merge again."
    )
    return _page(session, form, action), 409


def _page(session: Session, form: MergeForm, action: Action) -> str:
    return render_template(
        "actions/merge.html",
        form=form,
        action=action,
        others=queries_around.merge_candidates(session, current_person(), action),
    )


def _to(action: Action) -> ResponseReturnValue:
    return redirect(url_for("actions.show", number=action.id), 303)
