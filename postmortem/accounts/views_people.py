"""People: the list, one person, adding, editing, deactivating, links to set a password."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts import (
    operations,
    operations_reset,
    operations_sign_in,
    queries,
    queries_lists,
    rules,
)
from postmortem.accounts.enums import ROLE_LABELS, Role
from postmortem.accounts.forms import AddPersonForm, EditPersonForm, PeopleFilterForm
from postmortem.accounts.models import Person
from postmortem.accounts.views_confirmation import ask_to_confirm, confirmed
from postmortem.actions import queries_pile
from postmortem.errors import Conflict, NotVisible, Refused
from postmortem.history.queries import NOTHING, record_history
from postmortem.web import access, zones
from postmortem.web.access import current_person
from postmortem.web.forms import conflicting_fields
from postmortem.web.once import already_done, commit_once
from postmortem.web.paging import PAGE_SIZE, Cursor, earlier_than, found_text, id_key, page_of
from postmortem.web.request import db_session

blueprint = Blueprint("people", __name__, url_prefix="/people")


@blueprint.get("/")
@access.signed_in
def index() -> ResponseReturnValue:
    form, cursor, database = PeopleFilterForm(request.args), Cursor.from_request(), db_session()
    rows, found = queries_lists.people_rows(
        database,
        form.wanted(),
        key=cursor.parse(str, id_key),
        is_backward=cursor.is_backward,
        limit=PAGE_SIZE + 1,
    )
    page = page_of(
        rows,
        cursor=cursor,
        key=lambda row: (row.sort_name, row.id),
        found=found,
        noun="person",
        plural="people",
    )
    return render_template(
        "accounts/people/index.html",
        page=page,
        teams=queries_lists.teams_of_people(database, page.rows),
        form=form,
        can_manage=rules.can_manage_people(current_person()),
    )


@blueprint.get("/<int:person_id>")
@access.signed_in
def show(person_id: int) -> ResponseReturnValue:
    database = db_session()
    person = _person(database, person_id)
    if person.merged_into_id is not None:
        return redirect(url_for("people.show", person_id=person.merged_into_id), 303)
    can_manage = rules.can_manage_people(current_person())
    # Sign-ins are among it: for admins, and for whom they are about.
    history = NOTHING
    if can_manage or person.id == current_person().id:
        history = record_history(database, "people", person.id, before=earlier_than())
    return render_template(
        "accounts/people/show.html",
        person=person,
        teams=[team for team in person.teams if team.is_active],
        role_label=ROLE_LABELS[person.role],
        can_manage=can_manage,
        link=_link_to_show(person) if can_manage else None,
        sends_mail=_sends_mail(),
        left_behind=_left_behind(database, person),
        issuers=queries.issuers_of(database, person) if can_manage and _has_single_sign_on() else [],
        history=history,
    )


def _left_behind(database: Session, person: Person) -> dict[str, Any]:
    """The open actions of somebody who left, as far as the reader may see them: some rows, and how many in all."""
    if person.is_active:
        return {"count": 0, "rows": ()}
    count = _left_behind_count(database, person)
    rows = queries_pile.open_actions_of(database, current_person(), person.id, limit=20)
    return {"count": count, "rows": rows}


@blueprint.route("/new", methods=["GET", "POST"])
@access.requires(rules.can_manage_people)
def new() -> ResponseReturnValue:
    database = db_session()
    form = AddPersonForm()
    if form.validate_on_submit():
        if form.role.data == Role.ADMIN and (page := ask_to_confirm()):
            return page
        database = db_session()
        if done := already_done(database, form.form_key.data):
            return done
        try:
            person = operations.add_person(database, actor=current_person(), **_values(form))
            token = _invite(database, person)
        except Refused as refused:
            form.refuse(refused.field, refused.sentence)
        else:
            done = commit_once(database, form.form_key.data, url_for("people.show", person_id=person.id))
            _say_where_the_link_is(person, token)
            return done
    return _form_page("new", form), 422 if form.is_submitted() else 200


@blueprint.route("/<int:person_id>/edit", methods=["GET", "POST"])
@access.requires(rules.can_manage_people)
def edit(person_id: int) -> ResponseReturnValue:
    database = db_session()
    person = _person(database, person_id)
    form = EditPersonForm(obj=person)
    if form.validate_on_submit():
        if _decides_who_gets_in(person, form):
            if page := ask_to_confirm():
                return page
            database = db_session()
            person = _person(database, person_id)
        has_left = person.is_active and not form.is_active.data
        try:
            values = {**_values(form), "is_active": form.is_active.data}
            operations.edit_person(
                database, person, values, version=form.version.data, actor=current_person()
            )
            left = _left_behind_count(database, person) if has_left else 0
            database.commit()
        except Refused as refused:
            form.refuse(refused.field, refused.sentence)
        except (Conflict, StaleDataError):
            database.rollback()
            conflicts = conflicting_fields(form, EditPersonForm(obj=person, formdata=None))
            if conflicts:
                return _form_page("edit", form, person=person, conflicts=conflicts), 409
            # Sent twice, or somebody wrote the very same: there is nothing to decide.
            return redirect(url_for("people.show", person_id=person.id), 303)
        else:
            flash(f"{person.name} is saved.", "success")
            _say_what_is_left(person, left)
            return redirect(url_for("people.show", person_id=person.id), 303)
    return _form_page("edit", form, person=person), 422 if form.is_submitted() else 200


def _decides_who_gets_in(person: Person, form: EditPersonForm) -> bool:
    """Whether the form changes where this person's mail goes, or makes them an admin."""
    becomes_admin = form.role.data == Role.ADMIN != person.role
    return becomes_admin or (form.email.data or "").strip().lower() != person.email


@blueprint.post("/<int:person_id>/deactivate")
@access.requires(rules.can_manage_people)
def deactivate(person_id: int) -> ResponseReturnValue:
    return _set_active(person_id, is_active=False)


@blueprint.post("/<int:person_id>/reactivate")
@access.requires(rules.can_manage_people)
def reactivate(person_id: int) -> ResponseReturnValue:
    return _set_active(person_id, is_active=True)


def _set_active(person_id: int, *, is_active: bool) -> ResponseReturnValue:
    database = db_session()
    person = _person(database, person_id)
    operations.edit_person(database, person, {"is_active": is_active}, version=None, actor=current_person())
    # Whatever is read is read before: what is saved must not be answered with an error.
    left = 0 if is_active else _left_behind_count(database, person)
    database.commit()
    if is_active:
        flash(f"{person.name} may sign in again, with the password they had.", "success")
    else:
        undo = url_for("people.reactivate", person_id=person.id)
        text = f"{person.name} is deactivated and signed out everywhere."
        message: Any = {"text": text, "undo_url": undo, "undo_label": "Undo"}
        flash(message, "success")
        _say_what_is_left(person, left)
    return redirect(url_for("people.show", person_id=person.id), 303)


def _left_behind_count(database: Session, person: Person) -> int:
    return queries_pile.count_open_actions_of(database, current_person(), person.id)


def _say_what_is_left(person: Person, count: int) -> None:
    """Nothing that somebody owned is lost sight of when they leave."""
    if count:
        them = "it" if count == 1 else "them"
        message: Any = {"text": f"{person.name} owns {found_text(count, 'open action')}: hand {them} over."}
        message |= {"link_url": url_for("pile.leavers", of=person.id), "link_label": "Hand over"}
        flash(message, "warning")


@blueprint.post("/<int:person_id>/link")
@access.requires(rules.can_manage_people)
@confirmed
def link(person_id: int) -> ResponseReturnValue:
    """A new single-use link to set a password, shown once; earlier ones stop working.

    Whoever sees it can sign in as that person, another admin too, and as who they are themselves with no password.
    """
    database = db_session()
    person = _person(database, person_id)
    token = operations_sign_in.issue_password_link(database, person, actor=current_person())
    database.commit()
    _say_where_the_link_is(person, token)
    return redirect(url_for("people.show", person_id=person.id), 303)


@blueprint.post("/<int:person_id>/link/mail")
@access.requires(rules.can_manage_people)
def mail_link(person_id: int) -> ResponseReturnValue:
    """The same by mail: nobody but the person sees it. On a site without mail it is shown."""
    if not _sends_mail() and (page := ask_to_confirm()):
        return page
    database = db_session()
    person = _person(database, person_id)
    token = _invite(database, person)
    database.commit()
    _say_where_the_link_is(person, token)
    return redirect(url_for("people.show", person_id=person.id), 303)


def _invite(database: Session, person: Person) -> str | None:
    """Owe the person their link by mail; where this site sends none, make it now and return its token."""
    if _sends_mail():
        operations_reset.owe_invitation(database, person, actor=current_person())
        return None
    return operations_sign_in.issue_password_link(database, person, actor=current_person())


def _sends_mail() -> bool:
    return current_app.extensions["config"].smtp is not None


def _has_single_sign_on() -> bool:
    return current_app.extensions["config"].oidc is not None


def _person(database: Session, person_id: int) -> Person:
    person = database.get(Person, person_id)
    if person is None:
        raise NotVisible
    return person


def _say_where_the_link_is(person: Person, token: str | None) -> None:
    """On its way, or kept for the page that comes next; the database knows only its hash."""
    if token is None:
        flash(f"A link is on its way to {person.email}.", "success")
    else:
        session["password_link"] = [person.id, token]


def _link_to_show(person: Person) -> str | None:
    kept = session.get("password_link")
    if not kept or kept[0] != person.id:
        return None
    del session["password_link"]
    return str(current_app.config["BASE_URL"]) + url_for("sign_in.password", token=kept[1])


def _values(form: AddPersonForm | EditPersonForm) -> dict[str, Any]:
    return {name: form[name].data for name in ("email", "name", "handle", "role", "timezone")}


def _form_page(template: str, form: Any, **context: Any) -> str:
    return render_template(
        f"accounts/people/{template}.html",
        form=form,
        zones=zones.zone_names(),
        sends_mail=_sends_mail(),
        **{"conflicts": [], **context},
    )
