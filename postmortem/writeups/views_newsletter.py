"""The newsletter of the week in the browser: the number that is being gathered, and those of the last half year."""

import re

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from postmortem import clock
from postmortem.errors import NotVisible
from postmortem.notifications.enums import Event, Pace
from postmortem.notifications.queries import choices_of
from postmortem.web import access, zones
from postmortem.web.access import current_person
from postmortem.web.request import db_session
from postmortem.writeups.newsletter_issue import issue_after, issue_in, newsletter_of, newsletters
from postmortem.writeups.newsletter_times import next_moment

blueprint = Blueprint("newsletter", __name__, url_prefix="/newsletter")
_WEEK = re.compile(r"\d{4}-W\d\d")


@blueprint.get("")
@access.signed_in
def show() -> ResponseReturnValue:
    """What the next one brings, as of now."""
    session, person = db_session(), current_person()
    now, config = clock.now(), current_app.extensions["config"]
    slot = config.newsletter
    choice = choices_of(session, person.id).get(Event.NEWSLETTER)
    return render_template(
        "writeups/newsletter.html",
        issue=issue_after(session, person, now),
        week=None,
        goes_out_at=next_moment(slot, zones.zone(person.timezone), now) if slot else None,
        is_mailed=slot is not None and config.smtp is not None,
        is_wanted=choice is None or choice.pace is not Pace.NEVER,
        numbers=newsletters(session),
    )


@blueprint.get("/<week>")
@access.signed_in
def number(week: str) -> ResponseReturnValue:
    """One that was put together, without what was withdrawn since."""
    session, person = db_session(), current_person()
    found = newsletter_of(session, week) if _WEEK.fullmatch(week) else None
    if found is None:
        raise NotVisible
    return render_template(
        "writeups/newsletter.html",
        issue=issue_in(session, person, found),
        week=week,
        goes_out_at=None,
        is_mailed=False,
        is_wanted=False,
        numbers=newsletters(session),
    )
