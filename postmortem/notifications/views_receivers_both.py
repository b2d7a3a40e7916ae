"""What the pages of the site's receivers and those of a person's own have in common. No blueprint of its own."""

from collections.abc import Callable
from typing import Any

from flask import current_app, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts import queries as accounts_queries
from postmortem.accounts.models import Person, Team
from postmortem.config_parts import WebhookAllow
from postmortem.errors import Conflict, NotVisible, Refused
from postmortem.notifications import operations_receivers as operations
from postmortem.notifications import queries_receivers as queries
from postmortem.notifications.forms_receivers import (
    AddOwnReceiverForm,
    AddReceiverForm,
    EditOwnReceiverForm,
    EditReceiverForm,
)
from postmortem.notifications.models import Receiver
from postmortem.notifications.pages_receivers import Place, call_row, row, secret_page
from postmortem.web.access import current_person
from postmortem.web.forms import conflicting_fields
from postmortem.web.once import already_done, commit_once
from postmortem.web.request import db_session


def show(place: Place, receiver_id: int) -> ResponseReturnValue:
    session = db_session()
    receiver = found(session, place, receiver_id)
    calls = queries.calls_of(session, receiver)
    return render_template(
        "notifications/receivers/show.html",
        place=place,
        receiver=row(receiver),
        calls=calls,
        rows=[call_row(each) for each in calls.rows],
    )


def new(place: Place) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    form = AddOwnReceiverForm() if place.is_own else AddReceiverForm()
    _offer_teams(session, form)
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            receiver = operations.add_receiver(
                session,
                {**_values(session, form), "url": form.url.data},
                kind=form.kind.data,
                allow=_allow(),
                person=person if place.is_own else None,
                actor=person,
            )
        except Refused as refused:
            form.refuse(refused.field, refused.sentence)
        else:
            secret = receiver.secret
            led = commit_once(session, form.form_key.data, place.url("show", receiver_id=receiver.id))
            if secret:
                return secret_page(place, receiver, secret, is_new=True)
            flash(f"The receiver {receiver.name} is added. Send it a test call.", "success")
            return led
    return _form_page("new", place, form), 422 if form.is_submitted() else 200


def edit(place: Place, receiver_id: int) -> ResponseReturnValue:
    session = db_session()
    receiver = found(session, place, receiver_id)
    form = _edit_form(session, place, receiver)
    there = place.url("show", receiver_id=receiver.id)
    if form.validate_on_submit():
        try:
            values = {**_values(session, form), "url": form.url.data}
            operations.edit_receiver(
                session,
                receiver,
                values,
                allow=_allow(),
                version=form.version.data,
                actor=current_person(),
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        except (Conflict, StaleDataError):
            session.rollback()
            if form.url.data == receiver.url:
                # The stored address is never in a form: the same one, sent twice, is no difference.
                form.url.data = ""
            conflicts = conflicting_fields(form, _edit_form(session, place, receiver, formdata=None))
            if conflicts:
                return _form_page("edit", place, form, receiver=row(receiver), conflicts=conflicts), 409
            # Sent twice, or somebody wrote the very same: there is nothing to decide.
            return redirect(there, 303)
        else:
            flash(f"The receiver {receiver.name} is saved.", "success")
            return redirect(there, 303)
    page = _form_page("edit", place, form, receiver=row(receiver))
    return page, 422 if form.is_submitted() else 200


def rotate(place: Place, receiver_id: int) -> ResponseReturnValue:
    session = db_session()
    receiver = found(session, place, receiver_id)
    secret = operations.rotate_secret(session, receiver, actor=current_person())
    session.commit()
    return secret_page(place, receiver, secret, is_new=False)


def act(
    place: Place, receiver_id: int, do: Callable[[Session, Receiver, Person], str]
) -> ResponseReturnValue:
    """Do something to a receiver and lead back to it, or to the list where it is gone; `do` returns what to say."""
    session = db_session()
    receiver = found(session, place, receiver_id)
    sentence = do(session, receiver, current_person())
    session.commit()
    flash(sentence, "success")
    if receiver.deleted_at is not None:
        return redirect(place.url("index"), 303)
    return redirect(place.url("show", receiver_id=receiver_id), 303)


def do_test(session: Session, receiver: Receiver, person: Person) -> str:
    operations.send_test_call(session, receiver, actor=person)
    return "A test call is on its way. If it fails, the reason stands below in a minute."


def do_switch_on(session: Session, receiver: Receiver, person: Person) -> str:
    operations.switch_on(session, receiver, actor=person)
    return f"The receiver {receiver.name} is on. Replay what it missed, if it should hear of that."


def do_switch_off(session: Session, receiver: Receiver, person: Person) -> str:
    operations.switch_off(session, receiver, actor=person)
    return f"The receiver {receiver.name} is off and is not called any more."


def do_replay(session: Session, receiver: Receiver, person: Person) -> str:
    count = operations.replay(session, receiver, actor=person)
    if not count:
        return "Nothing was given up, so nothing is replayed."
    return f"{count} {'call is' if count == 1 else 'calls are'} made again now."


def do_delete(session: Session, receiver: Receiver, person: Person) -> str:
    operations.delete_receiver(session, receiver, actor=person)
    return f"The receiver {receiver.name} is deleted."


def found(session: Session, place: Place, receiver_id: int) -> Receiver:
    """The receiver, if it belongs to this place: one's own, or the site's."""
    person_id = current_person().id if place.is_own else None
    receiver = queries.receiver_of(session, receiver_id, person_id)
    if receiver is None:
        raise NotVisible
    return receiver


def _edit_form(session: Session, place: Place, receiver: Receiver, **kwargs: Any) -> EditOwnReceiverForm:
    """The form without the address; a team that is out of use can stay."""
    stored: dict[str, Any] = {"name": receiver.name, "version": receiver.version}
    if place.is_own:
        return EditOwnReceiverForm(data=stored, **kwargs)
    stored |= {"events": receiver.events, "team": receiver.team.slug if receiver.team else ""}
    form = EditReceiverForm(data=stored, **kwargs)
    _offer_teams(session, form, receiver.team)
    return form


def _offer_teams(session: Session, form: Any, also: Team | None = None) -> None:
    if "team" in form:
        teams = {team.id: team for team in accounts_queries.active_teams(session)}
        if also is not None:
            teams[also.id] = also
        form.team.offer((team.slug, team.name) for team in teams.values())


def _values(session: Session, form: Any) -> dict[str, Any]:
    values: dict[str, Any] = {"name": form.name.data}
    if "team" in form:
        slug = form.team.data
        team = accounts_queries.teams_with_slugs(session, [slug])[0] if slug else None
        values |= {"team": team, "events": form.chosen_events()}
    return values


def _allow() -> WebhookAllow:
    allow: WebhookAllow = current_app.extensions["config"].webhook_allow
    return allow


def _form_page(template: str, place: Place, form: Any, **context: Any) -> str:
    return render_template(
        f"notifications/receivers/{template}.html", place=place, form=form, **{"conflicts": [], **context}
    )
