"""For admins: what waits, what was given up and why; trying again; a test mail."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from postmortem.accounts import rules
from postmortem.accounts.queries import names_of
from postmortem.errors import NotVisible, Refused
from postmortem.outbox import operations, queries
from postmortem.outbox.models import OutboxMessage
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.request import db_session

blueprint = Blueprint("deliveries", __name__, url_prefix="/settings/deliveries")


@blueprint.get("/")
@access.requires(rules.is_admin)
def index() -> ResponseReturnValue:
    session = db_session()
    waiting, given_up = queries.waiting(session), queries.given_up(session)
    names = names_of(session, [each.payload.get("person_id") for each in (*waiting, *given_up)])
    return render_template(
        "outbox/deliveries.html",
        smtp=current_app.extensions["config"].smtp,
        counts=queries.counts(session),
        problems=queries.undelivered(session),
        waiting=[_row(each, names) for each in waiting],
        given_up=[_row(each, names) for each in given_up],
    )


@blueprint.post("/<int:message_id>/again")
@access.requires(rules.is_admin)
def again(message_id: int) -> ResponseReturnValue:
    session = db_session()
    message = session.get(OutboxMessage, message_id)
    if message is None:
        raise NotVisible
    operations.try_again(session, message, actor=current_person())
    session.commit()
    flash("It is tried again now. Look here again in a minute.", "success")
    return redirect(url_for("deliveries.index"), 303)


@blueprint.post("/again")
@access.requires(rules.is_admin)
def all_again() -> ResponseReturnValue:
    session = db_session()
    count = operations.try_all_again(session, actor=current_person())
    session.commit()
    flash(f"{count} {'delivery is' if count == 1 else 'deliveries are'} tried again now.", "success")
    return redirect(url_for("deliveries.index"), 303)


@blueprint.post("/test-mail")
@access.requires(rules.is_admin)
def test_mail() -> ResponseReturnValue:
    if current_app.extensions["config"].smtp is None:
        raise Refused("This site has no mail server. Set POSTMORTEM_SMTP_HOST first.")
    session, person = db_session(), current_person()
    operations.owe_test_mail(session, person, actor=person)
    session.commit()
    flash(f"A test mail is on its way to {person.email}.", "success")
    return redirect(url_for("deliveries.index"), 303)


def _row(message: OutboxMessage, names: dict[int, str]) -> dict[str, Any]:
    """A message as the page shows it; `to` is the person's name, the address that somebody typed, or a receiver's name."""
    payload = message.payload
    to = names.get(payload.get("person_id") or 0) or payload.get("email")
    if message.lane is not None and "receiver" in payload:
        to = f"{payload['receiver']} of {to}" if to else payload["receiver"]
    return {"message": message, "to": to or "nobody known"}
