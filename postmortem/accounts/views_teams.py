"""Teams: the list, one team, adding and editing."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts import operations, queries, queries_lists, rules
from postmortem.accounts.forms import AddTeamForm, EditTeamForm, ListFilterForm
from postmortem.accounts.models import Team
from postmortem.errors import Conflict, NotVisible, Refused
from postmortem.history.queries import NOTHING, record_history
from postmortem.notifications import queries as notifications_queries
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.forms import conflicting_fields
from postmortem.web.once import already_done, commit_once
from postmortem.web.paging import PAGE_SIZE, Cursor, earlier_than, id_key, page_of
from postmortem.web.request import db_session
from postmortem.writeups import queries as writeups_queries

blueprint = Blueprint("teams", __name__, url_prefix="/teams")


@blueprint.get("/")
@access.signed_in
def index() -> ResponseReturnValue:
    form, cursor = ListFilterForm(request.args), Cursor.from_request()
    rows, found = queries_lists.team_rows(
        db_session(),
        form.wanted(),
        key=cursor.parse(str, id_key),
        is_backward=cursor.is_backward,
        limit=PAGE_SIZE + 1,
    )
    page = page_of(rows, cursor=cursor, key=lambda row: (row.sort_name, row.id), found=found, noun="team")
    return render_template(
        "accounts/teams/index.html",
        page=page,
        form=form,
        can_manage=rules.can_manage_people(current_person()),
    )


@blueprint.get("/<slug>")
@access.signed_in
def show(slug: str) -> ResponseReturnValue:
    session = db_session()
    team = _team(session, slug)
    can_manage = rules.can_manage_people(current_person())
    history = NOTHING
    if can_manage:
        history = record_history(session, "teams", team.id, before=earlier_than())
    return render_template(
        "accounts/teams/show.html",
        team=team,
        members=[person for person in team.members if person.is_active],
        services=[service for service in team.services if service.is_active],
        writeups=writeups_queries.writeups_of_team(session, team.id, current_person()),
        feed_folder=f"/teams/{team.slug}",
        can_manage=can_manage,
        is_followed=notifications_queries.does_follow(session, current_person(), "team", team.id),
        history=history,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@access.requires(rules.can_manage_people)
def new() -> ResponseReturnValue:
    session = db_session()
    form = AddTeamForm()
    form.offer_people(queries.active_people(session))
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            team = operations.add_team(
                session, **_values(session, form), slug=form.slug.data or "", actor=current_person()
            )
        except Refused as refused:
            form.refuse(refused.field, refused.sentence)
        else:
            flash(f"The team {team.name} is added.", "success")
            return commit_once(session, form.form_key.data, url_for("teams.show", slug=team.slug))
    return _form_page("new", form), 422 if form.is_submitted() else 200


@blueprint.route("/<slug>/edit", methods=["GET", "POST"])
@access.requires(rules.can_manage_people)
def edit(slug: str) -> ResponseReturnValue:
    session = db_session()
    team = _team(session, slug)
    form = _edit_form(session, team)
    if form.validate_on_submit():
        try:
            values = {**_values(session, form), "is_active": form.is_active.data}
            operations.edit_team(session, team, values, version=form.version.data, actor=current_person())
            session.commit()
        except Refused as refused:
            form.refuse(refused.field, refused.sentence)
        except (Conflict, StaleDataError):
            session.rollback()
            conflicts = conflicting_fields(form, _edit_form(session, team, formdata=None))
            if conflicts:
                return _form_page("edit", form, team=team, conflicts=conflicts), 409
            # Sent twice, or somebody wrote the very same: there is nothing to decide.
            return redirect(url_for("teams.show", slug=team.slug), 303)
        else:
            flash(f"The team {team.name} is saved.", "success")
            return redirect(url_for("teams.show", slug=team.slug), 303)
    return _form_page("edit", form, team=team), 422 if form.is_submitted() else 200


def _team(session: Session, slug: str) -> Team:
    team = queries.team_by_slug(session, slug)
    if team is None:
        raise NotVisible
    return team


def _edit_form(session: Session, team: Team, **kwargs: Any) -> EditTeamForm:
    """The form; who is a member already can stay one, also deactivated."""
    form = EditTeamForm(obj=team, **kwargs)
    people = {person.id: person for person in (*queries.active_people(session), *team.members)}
    form.offer_people(sorted(people.values(), key=lambda person: (person.name.lower(), person.id)))
    return form


def _values(session: Session, form: AddTeamForm | EditTeamForm) -> dict[str, Any]:
    return {
        "name": form.name.data,
        "members": queries.people_with_emails(session, form.members.data or []),
    }


def _form_page(template: str, form: Any, **context: Any) -> str:
    return render_template(f"accounts/teams/{template}.html", form=form, **{"conflicts": [], **context})
