"""The list of everything that past failures leave open, and settling what a write-up left open."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.errors import Conflict, Refused
from postmortem.incidents import listing as incidents_listing
from postmortem.readers import operations_open as operations
from postmortem.readers import queries_open as queries
from postmortem.readers import rules_questions as rules
from postmortem.readers.forms_questions import FilterForm, SettleForm
from postmortem.readers.models import OpenQuestion
from postmortem.readers.outcomes import linked_outcome
from postmortem.readers.queries_questions import Asked, visible_open_question
from postmortem.text.reading import plain_text
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.forms import Conflicting, conflicting_fields, shown
from postmortem.web.kept import remembered
from postmortem.web.paging import PAGE_SIZE, Cursor, Page, id_key, moment_key, page_of
from postmortem.web.request import db_session

blueprint = Blueprint("open_questions", __name__)
EXCERPT = 400


@blueprint.get("/questions")
@access.reading
def index() -> ResponseReturnValue:
    """The list. An address that asks for what cannot be gets the list's frame with a sentence (422)."""
    session, person = db_session(), current_person()
    form = FilterForm(request.args)
    form.offer(*(_choices(session) if person else ((), ())))
    page = _page(session, form) if form.validate() else None
    return render_template(
        "readers/open_questions.html",
        form=form,
        page=page,
        filters=_active_filters(form),
        is_signed_in=person is not None,
    ), 200 if page else 422


def _page(session: Session, form: FilterForm) -> Page[Any]:
    person = current_person()
    wanted = form.wanted(is_signed_in=person is not None)
    cursor = Cursor.from_request()
    rows = queries.page_rows(
        session,
        person,
        wanted,
        cursor=cursor.parse(moment_key, id_key),
        is_backward=cursor.is_backward,
        limit=PAGE_SIZE + 1,
    )
    key = ("open questions", wanted, person.id if person else None, person.version if person else None)
    page = page_of(
        [_Keyed(row) for row in rows],
        cursor=cursor,
        key=lambda row: (row.at, row.sequence),
        found=remembered(session, key, lambda: queries.found_count(session, person, wanted)),
        noun="question",
    )
    workable = queries.workable(session, person, [row.writeup_id for row in page.rows])
    for row in page.rows:
        row.can_settle = row.kind == queries.WRITEUPS and row.writeup_id in workable
    return page


class _Keyed(SimpleNamespace):
    """One row of the list, with what the page shows of it."""

    def __init__(self, row: Any) -> None:
        super().__init__(**row._mapping)
        self.is_readers = self.kind == queries.READERS
        self.words = plain_text(self.text, EXCERPT) if self.is_readers else self.text
        self.pieces = linked_outcome(self.outcome)
        page = f"/writeups/{self.slug}"
        # A cursor that begins with this question, so that it stands on the page wherever it is in the list.
        self.url = f"{page}/questions?after={self.id + 1}#question-{self.id}" if self.is_readers else page
        self.writeup_url = page
        self.can_settle = False


def _choices(session: Session) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Active services and teams, as pairs of slug and name."""
    services, teams = remembered(
        session, "question filters", lambda: incidents_listing.filter_choices(session)
    )
    return [(row.slug, row.name) for row in services], [(row.slug, row.name) for row in teams]


def _active_filters(form: FilterForm) -> list[SimpleNamespace]:
    """What the list is narrowed to, each with the address that takes it away."""
    kept = {name: value for name, value in request.args.items() if value and name not in ("after", "before")}

    def without(name: str) -> str:
        rest = {key: value for key, value in kept.items() if key != name}
        # Not through url_for, which would take `_external=` and the like for its own.
        return f"/questions?{urlencode(rest)}" if rest else "/questions"

    offered = form if current_person() else (form.q, form.state, form.tag)
    return [
        SimpleNamespace(
            label=f"{'Text' if field.name == 'q' else field.label.text}: {shown(field)}",
            remove_url=without(field.name),
        )
        for field in offered
        if field.data
    ]


@blueprint.route("/open-questions/<int:question_id>/settle", methods=["GET", "POST"])
@access.signed_in
def settle(question_id: int) -> ResponseReturnValue:
    """Say what was found out."""
    session, person = db_session(), current_person()
    question, asked = visible_open_question(session, person, question_id)
    authorize(rules.can_settle, asked.writeup)
    form = SettleForm(obj=question)
    if not form.validate_on_submit():
        return _settle_page(form, question, asked), 422 if form.is_submitted() else 200
    try:
        operations.settle(session, question, form.outcome.data or "", version=form.version.data, actor=person)
        session.commit()
    except Refused as refused:
        session.rollback()
        form.refuse(refused.field, refused.sentence)
        return _settle_page(form, *visible_open_question(session, current_person(), question_id)), 422
    except (Conflict, StaleDataError):
        session.rollback()
        return _stale(form, *visible_open_question(session, current_person(), question_id))
    flash("It is settled. Readers find your sentence beside the question.", "success")
    return redirect(_back(asked), 303)


@blueprint.post("/open-questions/<int:question_id>/reopen")
@access.signed_in
def reopen(question_id: int) -> ResponseReturnValue:
    """It is open after all."""
    session, person = db_session(), current_person()
    question, asked = visible_open_question(session, person, question_id)
    authorize(rules.can_settle, asked.writeup)
    try:
        operations.reopen(session, question, actor=person)
        session.commit()
    except StaleDataError:
        session.rollback()
        flash("Somebody changed this at the same moment. Look at it again.", "error")
    else:
        flash("It is open again.", "success")
    return redirect(_back(asked), 303)


def _stale(form: SettleForm, stored: OpenQuestion, asked: Asked) -> ResponseReturnValue:
    """The form as it was typed, beside what is stored now; saving it again is deliberate."""
    if conflicts := conflicting_fields(form, SettleForm(formdata=None, obj=stored)):
        return _settle_page(form, stored, asked, conflicts), 409
    return redirect(_back(asked), 303)


def _settle_page(
    form: SettleForm, question: OpenQuestion, asked: Asked, conflicts: list[Conflicting] | None = None
) -> str:
    return render_template(
        "readers/settle.html",
        form=form,
        question=question,
        asked=asked,
        back=_back(asked),
        conflicts=conflicts or [],
    )


def _back(asked: Asked) -> str:
    return f"{url_for('reader_questions.index', slug=asked.writeup.slug)}#left-open"
