"""One change of all ticked rows of the list."""

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from postmortem.accounts.queries import people_to_choose
from postmortem.actions.forms_list import BulkForm
from postmortem.actions.operations_bulk import Outcome, change_many
from postmortem.actions.views_list import asked_query, list_page
from postmortem.errors import Refused
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.paging import found_text
from postmortem.web.request import db_session

blueprint = Blueprint("actions_bulk", __name__)


@blueprint.post("/actions/bulk")
@access.signed_in
def change() -> ResponseReturnValue:
    """Re-date, hand over or set the status of the ticked ones. The address holds the list that they stand in."""
    session, person = db_session(), current_person()
    form = bulk_form(session)
    if not form.validate():
        return list_page(form)
    try:
        outcome = change_many(
            session,
            person,
            form.row.data or [],
            form.values(),
            reason=form.reason.data,
            actor=person,
        )
    except Refused as refused:
        form.refuse(refused.field, refused.sentence)
        return list_page(form)
    session.commit()
    query = asked_query()
    back = f"/actions/?{query}" if query else "/actions/"
    if not outcome.refused:
        flash(said(outcome), "success")
        return redirect(back, 303)
    page = render_template(
        "actions/bulk.html", outcome=outcome, said=said(outcome), back=back, reason=form.reason.data
    )
    return page, 200 if outcome.changed or outcome.was_so else 422


def bulk_form(session: Session) -> BulkForm:
    """The form with its choices."""
    form = BulkForm()
    form.offer((person.email, person.name) for person in people_to_choose(session))
    return form


def said(outcome: Outcome) -> str:
    """`12 actions are changed; 2 were so already.`"""
    count = len(outcome.changed)
    sentence = f"{found_text(count, 'action')} {'is' if count == 1 else 'are'} changed"
    if outcome.was_so:
        sentence += f"; {outcome.was_so:,} {'was' if outcome.was_so == 1 else 'were'} so already"
    return f"{sentence}."
