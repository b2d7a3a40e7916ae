"""What an admin does about another person's way in: end their sign-ins, reset their second factor."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from postmortem.accounts import operations_second_factor, operations_sign_in, rules
from postmortem.accounts.models import Person
from postmortem.accounts.views_confirmation import confirmed
from postmortem.errors import NotVisible
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.request import db_session

blueprint = Blueprint("people_access", __name__, url_prefix="/people")


@blueprint.post("/<int:person_id>/end-sessions")
@access.requires(rules.can_manage_people)
def end_sessions(person_id: int) -> ResponseReturnValue:
    """End every sign-in of this person; an admin's own among them when it is them."""
    session = db_session()
    person = session.get(Person, person_id)
    if person is None:
        raise NotVisible
    ended = operations_sign_in.end_all_sessions(session, person, actor=current_person())
    session.commit()
    browsers = "one browser" if ended == 1 else f"{ended} browsers"
    flash(
        f"{person.name} is signed out of {browsers}." if ended else f"{person.name} was signed in nowhere.",
        "success",
    )
    return redirect(url_for("people.show", person_id=person.id), 303)


@blueprint.post("/<int:person_id>/reset-second-factor")
@access.requires(rules.can_manage_people)
@confirmed
def reset_second_factor(person_id: int) -> ResponseReturnValue:
    """For somebody who lost their telephone and their recovery codes. History keeps who did it."""
    session = db_session()
    person = session.get(Person, person_id)
    if person is None:
        raise NotVisible
    operations_second_factor.reset_second_factor(session, person, actor=current_person())
    session.commit()
    flash(f"{person.name} signs in without a second factor now, until they set up another.", "success")
    return redirect(url_for("people.show", person_id=person.id), 303)
