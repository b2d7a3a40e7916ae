"""For admins: why somebody sees something, what it would take, and who sees a thing at all."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from postmortem.accounts.queries import people_to_choose, person_by_email
from postmortem.accounts.rules import is_admin
from postmortem.permissions import explain
from postmortem.permissions.router import name_of
from postmortem.permissions.things import Thing, thing_named
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.forms import BaseForm, LineField
from postmortem.web.paging import PAGE_SIZE, Cursor, id_key, page_of
from postmortem.web.request import db_session

blueprint = Blueprint("permissions", __name__)


class WhyForm(BaseForm):
    """Who, and what. Everything stands in the address."""

    class Meta:
        csrf = False

    what = LineField(
        "What",
        max_length=500,
        description="INC-12, ACT-7, or the address of an incident, action or write-up.",
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    person = LineField(
        "Who",
        max_length=254,
        description="An e-mail address. Leave it blank to list everybody who sees it.",
        render_kw={"list": "people", "autocomplete": "off", "inputmode": "email"},
    )


@blueprint.get("/settings/permissions")
@access.requires(is_admin)
def index() -> ResponseReturnValue:
    """`?person=` (an e-mail address) and `?what=` (a number or an address); without a person, who sees it."""
    session, form = db_session(), WhyForm(request.args)
    is_valid = form.validate()
    thing = thing_named(session, current_person(), name_of(form.what.data or "")) if is_valid else None
    person = person_by_email(session, form.person.data) if is_valid and form.person.data else None
    if is_valid and form.what.data and thing is None:
        form.refuse(
            "what", "There is no such incident, action or write-up. What was deleted is in the trash."
        )
    if is_valid and form.person.data and person is None:
        form.refuse("person", f"Nobody here has the address {form.person.data}.")
    if is_valid and form.person.data and not form.what.data:
        form.refuse("what", "Enter what it is about, for example INC-12.")
    context: dict[str, Any] = {"form": form, "thing": thing, "person": None, "answer": None, "page": None}
    if not form.errors and thing:
        if person:
            context |= {"person": person, "answer": explain.explain(session, person, thing)}
        else:
            context |= _everybody(session, thing)
    people = people_to_choose(session)
    page = render_template("permissions/why.html", **context, people=people)
    return page, 422 if form.errors else 200


def _everybody(session: Session, thing: Thing) -> dict[str, Any]:
    """Those who see a thing, with their reasons where not everybody does."""
    is_open, cursor = explain.is_for_everybody(thing), Cursor.from_request()
    rows = explain.people_rows(
        session, thing, key=cursor.parse(str, id_key), is_backward=cursor.is_backward, limit=PAGE_SIZE + 1
    )
    found = explain.people_count(session, thing)
    page = page_of(
        rows,
        cursor=cursor,
        key=lambda row: (row.name.lower(), row.id),
        found=found,
        noun="person",
        plural="people",
    )
    reasons = {row.id: [] if is_open else explain.reasons_for(session, row, thing) for row in page.rows}
    return {"page": page, "reasons": reasons, "is_open": is_open}
