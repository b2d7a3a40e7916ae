"""The list as a file."""

from collections.abc import Iterator
from itertools import islice

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from postmortem.accounts.models import Person
from postmortem.actions import listing
from postmortem.actions.export import csv_lines
from postmortem.actions.forms_list import FilterForm
from postmortem.errors import Refused
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.request import database, db_session

blueprint = Blueprint("actions_export", __name__)
LINES_AT_ONCE = 200


@blueprint.get("/actions/actions.csv")
@access.signed_in
def as_csv() -> ResponseReturnValue:
    """All that the same filters find, in the list's order, sent while it is read."""
    form = FilterForm(request.args)
    form.offer(listing.filter_choices(db_session()))
    if not form.validate():
        raise Refused("This address asks for something that is not here. Start from the list.")
    wanted, person_id, opened = form.wanted(), current_person().id, database()

    def sent() -> Iterator[str]:
        # The request's own session is closed before the last line is sent.
        with opened.session(writes=False) as session:
            lines = csv_lines(session, session.get_one(Person, person_id), wanted)
            while some := "".join(islice(lines, LINES_AT_ONCE)):
                yield some

    headers = {"Content-Disposition": 'attachment; filename="actions.csv"'}
    return Response(sent(), content_type="text/csv; charset=utf-8", headers=headers)
