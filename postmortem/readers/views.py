"""“This helped me”, and that somebody stayed with an entry. Both are sent from its page and lead back to it."""

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from postmortem.readers import operations_visits as operations
from postmortem.readers import rules_citations as rules
from postmortem.readers.queries_citations import read_writeup
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.request import db_session

blueprint = Blueprint("readers", __name__)


@blueprint.post("/writeups/<slug>/helped")
@access.signed_in
def helped(slug: str) -> ResponseReturnValue:
    """It helped, or not after all: the button says which, so that pressing it twice at once does not undo it."""
    session, person = db_session(), current_person()
    writeup = read_writeup(session, person, slug)
    authorize(rules.may_react, writeup)
    operations.set_helped(session, writeup, person, helped=request.form.get("helped") != "no")
    session.commit()
    return redirect(f"/writeups/{slug}#given-back", 303)


@blueprint.post("/writeups/<slug>/visit")
@access.signed_in
def visit(slug: str) -> ResponseReturnValue:
    """Sent by script once somebody stayed. Browsers that ask not to be tracked are not counted."""
    session, person = db_session(), current_person()
    writeup = read_writeup(session, person, slug)
    if "1" not in (request.headers.get("DNT"), request.headers.get("Sec-GPC")):
        operations.note_visit(session, writeup, person)
        session.commit()
    return Response(status=204, mimetype="text/plain")
