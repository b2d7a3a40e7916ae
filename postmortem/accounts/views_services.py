"""Services: the list, one service, adding and editing."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts import operations, queries, queries_lists, rules
from postmortem.accounts.forms import AddServiceForm, EditServiceForm, ServiceFilterForm
from postmortem.accounts.models import Service, Team
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

blueprint = Blueprint("services", __name__, url_prefix="/services")


@blueprint.get("/")
@access.signed_in
def index() -> ResponseReturnValue:
    session, cursor, form = db_session(), Cursor.from_request(), ServiceFilterForm(request.args)
    form.team.offer((team.slug, team.name) for team in queries.active_teams(session))
    rows, found = queries_lists.service_rows(
        session,
        form.wanted(),
        key=cursor.parse(str, id_key),
        is_backward=cursor.is_backward,
        limit=PAGE_SIZE + 1,
    )
    page = page_of(rows, cursor=cursor, key=lambda row: (row.sort_name, row.id), found=found, noun="service")
    return render_template(
        "accounts/services/index.html",
        page=page,
        form=form,
        can_manage=rules.can_manage_people(current_person()),
    )


@blueprint.get("/<slug>")
@access.signed_in
def show(slug: str) -> ResponseReturnValue:
    session = db_session()
    service = _service(session, slug)
    can_manage = rules.can_manage_people(current_person())
    history = NOTHING
    if can_manage:
        history = record_history(session, "services", service.id, before=earlier_than())
    return render_template(
        "accounts/services/show.html",
        service=service,
        writeups=writeups_queries.writeups_of_service(session, service.id, current_person()),
        feed_folder=f"/services/{service.slug}",
        can_manage=can_manage,
        is_followed=notifications_queries.does_follow(session, current_person(), "service", service.id),
        history=history,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@access.requires(rules.can_manage_people)
def new() -> ResponseReturnValue:
    session = db_session()
    form = AddServiceForm(data={"team": request.args.get("team", "")})
    form.team.offer((team.slug, team.name) for team in queries.active_teams(session))
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            service = operations.add_service(
                session, **_values(session, form), slug=form.slug.data or "", actor=current_person()
            )
        except Refused as refused:
            form.refuse(refused.field, refused.sentence)
        else:
            flash(f"The service {service.name} is added.", "success")
            return commit_once(session, form.form_key.data, url_for("services.show", slug=service.slug))
    return _form_page("new", form), 422 if form.is_submitted() else 200


@blueprint.route("/<slug>/edit", methods=["GET", "POST"])
@access.requires(rules.can_manage_people)
def edit(slug: str) -> ResponseReturnValue:
    session = db_session()
    service = _service(session, slug)
    form = _edit_form(session, service)
    if form.validate_on_submit():
        try:
            values = {**_values(session, form), "is_active": form.is_active.data}
            operations.edit_service(
                session, service, values, version=form.version.data, actor=current_person()
            )
            session.commit()
        except Refused as refused:
            form.refuse(refused.field, refused.sentence)
        except (Conflict, StaleDataError):
            session.rollback()
            conflicts = conflicting_fields(form, _edit_form(session, service, formdata=None))
            if conflicts:
                return _form_page("edit", form, service=service, conflicts=conflicts), 409
            # Sent twice, or somebody wrote the very same: there is nothing to decide.
            return redirect(url_for("services.show", slug=service.slug), 303)
        else:
            flash(f"The service {service.name} is saved.", "success")
            return redirect(url_for("services.show", slug=service.slug), 303)
    return _form_page("edit", form, service=service), 422 if form.is_submitted() else 200


def _service(session: Session, slug: str) -> Service:
    service = queries.service_by_slug(session, slug)
    if service is None:
        raise NotVisible
    return service


def _edit_form(session: Session, service: Service, **kwargs: Any) -> EditServiceForm:
    """The form; a team that is out of use can stay the owner."""
    form = EditServiceForm(obj=service, **kwargs)
    teams: dict[int, Team] = {team.id: team for team in queries.active_teams(session)}
    if service.team:
        teams[service.team.id] = service.team
    form.team.offer((team.slug, team.name) for team in teams.values())
    return form


def _values(session: Session, form: AddServiceForm | EditServiceForm) -> dict[str, Any]:
    slug = form.team.data
    return {
        "name": form.name.data,
        "team": queries.teams_with_slugs(session, [slug])[0] if slug else None,
    }


def _form_page(template: str, form: Any, **context: Any) -> str:
    return render_template(f"accounts/services/{template}.html", form=form, **{"conflicts": [], **context})
