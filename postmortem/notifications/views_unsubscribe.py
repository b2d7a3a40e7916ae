"""Leaving by the link of a mail: signed, without signing in, with one click where the mail program offers it (RFC 8058).

Whoever has the link can turn off these mails and nothing else. The page names nobody: a link that was made here is
answered alike whether its person is here, gone or never was.
"""

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from postmortem.accounts.models import Person
from postmortem.errors import NotVisible
from postmortem.history.operations import NOBODY
from postmortem.notifications.enums import EVENT_LABELS, Event, Pace
from postmortem.notifications.operations_choices import turn_off
from postmortem.notifications.unsubscribing import What, read_token
from postmortem.web import access
from postmortem.web.request import db_session

blueprint = Blueprint("unsubscribing", __name__)
# Mail programs send the form on their own: no cookie, no token of ours.
WITHOUT_CSRF_TOKEN = f"{__name__}.unsubscribe"


@blueprint.route("/unsubscribe/<token>", methods=["GET", "POST"])
@access.public
def unsubscribe(token: str) -> ResponseReturnValue:
    """GET asks, POST does it."""
    found = read_token(current_app.extensions["config"].secret_key, token)
    if found is None:
        raise NotVisible
    person_id, what = found
    if request.method == "POST":
        session = db_session()
        person = session.get(Person, person_id)
        if person is not None and person.is_active:
            turn_off(session, person, what, actor=NOBODY)
            session.commit()
    return render_template(
        "notifications/unsubscribe.html",
        token=token,
        what=_in_words(what),
        is_done=request.method == "POST",
    )


def _in_words(what: What) -> str:
    if what is Event.NEWSLETTER:
        return "newsletters of the week"
    if isinstance(what, Event):
        return f"mails that say: {EVENT_LABELS[what]}"
    return f"{'daily' if what is Pace.DAILY else 'weekly'} digests"
