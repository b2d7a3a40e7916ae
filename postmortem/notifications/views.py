"""What I am told, when and where; following tags, services and teams."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts.models import Person, Service, Team
from postmortem.errors import Conflict, NotVisible, Refused
from postmortem.notifications import operations_choices, queries
from postmortem.notifications.enums import EVENT_LABELS, NEWS_EVENTS, Event
from postmortem.notifications.forms import NotificationsForm
from postmortem.tags.models import Tag
from postmortem.text.slugs import tag_name
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.forms import conflicting_fields
from postmortem.web.request import db_session
from postmortem.writeups import queries as writeups_queries

blueprint = Blueprint("notifications", __name__, url_prefix="/me")


@blueprint.route("/notifications", methods=["GET", "POST"])
@access.signed_in
def choose() -> ResponseReturnValue:
    session, person = db_session(), current_person()
    form = _form(session, person)
    if form.validate_on_submit():
        try:
            operations_choices.save_choices(
                session, person, form.chosen(), form.values(), version=form.version.data, actor=person
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        except (Conflict, StaleDataError, IntegrityError):
            session.rollback()
            conflicts = conflicting_fields(form, _form(session, person, formdata=None))
            if conflicts:
                return _page(session, person, form, conflicts=conflicts), 409
            # Sent twice: there is nothing to decide.
            return redirect(url_for("notifications.choose"), 303)
        else:
            flash("What you are told is saved.", "success")
            return redirect(url_for("notifications.choose"), 303)
    return _page(session, person, form), 422 if form.is_submitted() else 200


@blueprint.post("/follow/<what>/<name>")
@access.signed_in
def follow(what: str, name: str) -> ResponseReturnValue:
    """Be told of a tag, service or team from now on."""
    session, person = db_session(), current_person()
    thing = _thing(session, person, what, name)
    try:
        operations_choices.follow(session, person, thing, actor=person)
        session.commit()
    except IntegrityError:
        # The same button at the same moment.
        session.rollback()
    except Refused as refused:
        session.rollback()
        flash(refused.sentence, "warning")
        return redirect(url_for("notifications.choose"), 303)
    _say(f"You follow {thing.name} now.", "unfollow", what, name)
    return redirect(_page_of(what, name), 303)


@blueprint.post("/unfollow/<what>/<name>")
@access.signed_in
def unfollow(what: str, name: str) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    thing = _thing(session, person, what, name)
    operations_choices.unfollow(session, person, thing, actor=person)
    session.commit()
    _say(f"You do not follow {thing.name} any more.", "follow", what, name)
    is_from_list = request.form.get("back") == "notifications"
    return redirect(url_for("notifications.choose") if is_from_list else _page_of(what, name), 303)


def _form(session: Session, person: Person, **kwargs: Any) -> NotificationsForm:
    """The form with what is stored, or with what was sent."""
    form = NotificationsForm(**kwargs)
    form.offer(queries.own_receivers(session, person.id))
    if "formdata" in kwargs or not form.is_submitted():
        settings = queries.settings_of(session, [person.id]).get(person.id)
        form.fill(settings, queries.choices_of(session, person.id))
    return form


def _page(session: Session, person: Person, form: NotificationsForm, *, conflicts: Any = ()) -> str:
    return render_template(
        "notifications/choose.html",
        form=form,
        conflicts=conflicts,
        events=[(event, EVENT_LABELS[event]) for event in NEWS_EVENTS],
        has_receivers=len(form[f"where_{Event.ASSIGNED}"].choices) > 1,
        follows=[_followed(row) for row in queries.follows_of(session, person)],
    )


def _followed(row: Any) -> dict[str, str]:
    kind = next(kind for kind in queries.FOLLOWED if getattr(row, kind) is not None)
    thing = getattr(row, kind)
    name = thing.name if kind == "tag" else thing.slug
    return {"kind": kind, "key": name, "name": thing.name, "url": _page_of(kind, name)}


def _thing(session: Session, person: Person, kind: str, name: str) -> Tag | Service | Team:
    """What is to be followed or left. Raises NotVisible; a tag that was followed can be left unseen."""
    if kind == "tag":
        tag = session.scalar(select(Tag).where(Tag.name == tag_name(name)))
        if tag is None:
            raise NotVisible
        if not queries.does_follow(session, person, "tag", tag.id):
            writeups_queries.tag_in_use(session, person, name)
        return tag
    if kind not in queries.FOLLOWED:
        raise NotVisible
    found: Service | Team | None
    if kind == "service":
        found = session.scalar(select(Service).where(Service.slug == name))
    else:
        found = session.scalar(select(Team).where(Team.slug == name))
    if found is None:
        raise NotVisible
    return found


def _page_of(kind: str, name: str) -> str:
    if kind == "tag":
        return url_for("tags.show", tag=name)
    return url_for(f"{kind}s.show", slug=name)


def _say(text: str, undo: str, kind: str, name: str) -> None:
    """What was done, with its way back."""
    undo_url = url_for(f"notifications.{undo}", what=kind, name=name)
    message: Any = {"text": text, "undo_url": undo_url, "undo_label": "Undo"}
    flash(message, "success")
