"""The page of meetings: start one, join one, and what became of the past ones."""

from dataclasses import dataclass

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Team
from postmortem.accounts.queries import people_with_emails
from postmortem.action_reviews import filtering, operations, queries, queries_past, rules
from postmortem.action_reviews.forms import StartForm
from postmortem.action_reviews.timing import clock_face, in_minutes, spent_seconds
from postmortem.actions import listing
from postmortem.actions.forms_list import FilterForm
from postmortem.actions.words import long_date
from postmortem.errors import Refused
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.forms import shown
from postmortem.web.once import already_done, commit_once
from postmortem.web.paging import Cursor, id_key, moment_key, page_of
from postmortem.web.request import db_session

blueprint = Blueprint("action_reviews", __name__)
blueprint.add_app_template_filter(clock_face, "clock_face")
blueprint.add_app_template_filter(in_minutes, "in_minutes")


@dataclass
class Filters:
    """What the address narrows the meeting to."""

    form: FilterForm
    is_valid: bool
    team: Team | None
    query: str

    @property
    def labels(self) -> list[str]:
        return [f"{field.label.text}: {shown(field)}" for field in self.form if field.data]


@blueprint.route("/actions/review", methods=["GET", "POST"])
@access.signed_in(post=rules.can_run)
def index() -> ResponseReturnValue:
    """The page; its form starts a meeting with the actions that the address says."""
    session = db_session()
    filters = _filters(session)
    return _start(session, filters) if request.method == "POST" else _page(filters)


def _start(session: Session, filters: Filters) -> ResponseReturnValue:
    person = current_person()
    form = _start_form(session, filters)
    if not filters.is_valid or not form.validate():
        return _page(filters, form, 422)
    if done := already_done(session, form.form_key.data):
        return done
    try:
        draft = operations.ReviewDraft(
            title=form.title.data or "",
            query=filters.query,
            team=filters.team,
            planned_minutes=form.planned_minutes.data or 0,
            people=tuple(people_with_emails(session, form.people.data or [])),
            where=tuple(listing.conditions_of(session, person, filters.form.wanted())),
        )
        review = operations.start_review(session, draft, actor=person)
    except Refused as refused:
        session.rollback()
        form.refuse(refused.field, refused.sentence)
        return _page(filters, form, 422)
    flash("The queue is built. Everybody can join with this page’s address.", "success")
    return commit_once(session, form.form_key.data, url_for("meeting.show", review_id=review.id))


def _filters(session: Session) -> Filters:
    form = FilterForm(request.args)
    form.offer(listing.filter_choices(session))
    # How a list is grouped is nothing to a meeting, which has an order of its own.
    del form.group
    is_valid = form.validate()
    team = filtering.team_called(session, form.team.data or "") if is_valid else None
    return Filters(form, is_valid, team, filtering.query_of(request.args, [field.name for field in form]))


def _start_form(session: Session, filters: Filters) -> StartForm:
    team = filters.team
    members = team.members if team else []
    title = f"Action review{f' of {team.name}' if team else ''}, {long_date(clock.today())}"
    form = StartForm(title=title)
    form.offer(session, members)
    return form


def _page(filters: Filters, form: StartForm | None = None, status: int = 200) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    cursor = Cursor.from_request()
    rows = queries_past.past_reviews(
        session, person, key=cursor.parse(moment_key, id_key), is_backward=cursor.is_backward
    )
    page = page_of(
        rows,
        cursor=cursor,
        key=lambda review: (review.started_at, review.id),
        found=queries_past.past_count(session, person),
        noun="action review",
    )
    today = clock.today()
    can_run = rules.can_run(person)
    where = listing.conditions_of(session, person, filters.form.wanted()) if filters.is_valid else None
    return render_template(
        "action_reviews/index.html",
        filters=filters,
        form=(form or _start_form(session, filters)) if can_run and filters.is_valid else None,
        start_url=f"{url_for('action_reviews.index')}?{filters.query}".rstrip("?"),
        waiting=filtering.waiting(session, person, where) if where is not None else None,
        going_on=queries.going_on(session, person),
        page=page,
        became=queries_past.what_became(session, [each.id for each in page.rows], person, today),
        spent=spent_seconds,
        now=clock.now(),
    ), status if filters.is_valid else 422
