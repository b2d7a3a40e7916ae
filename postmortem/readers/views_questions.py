"""Readers' questions under a published write-up, and answers to them; all lead back to the page of its questions."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.errors import Conflict, NotVisible, Refused
from postmortem.readers import operations_questions as operations
from postmortem.readers import queries_questions as queries
from postmortem.readers import rules_questions as rules
from postmortem.readers.desk_questions import Came, questions_page
from postmortem.readers.forms_questions import AnswerForm, AskForm, EditSaidForm
from postmortem.readers.models import ReaderAnswer, ReaderQuestion
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.forms import Conflicting, conflicting_fields
from postmortem.web.once import already_done, commit_once
from postmortem.web.request import db_session

blueprint = Blueprint("reader_questions", __name__)
Said = ReaderQuestion | ReaderAnswer


@blueprint.route("/writeups/<slug>/questions", methods=["GET", "POST"])
@access.signed_in
def index(slug: str) -> ResponseReturnValue:
    """What readers asked, and the form that asks. Whoever reads a published write-up may."""
    session, person = db_session(), current_person()
    asked = queries.asked_writeup(session, person, slug)
    form = AskForm() if request.method == "POST" else None
    if form is None:
        return questions_page(session, person, asked)
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            question = operations.ask(session, asked.writeup, form.text.data or "", actor=person)
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        else:
            url = f"{url_for('reader_questions.index', slug=slug)}#question-{question.id}"
            return commit_once(session, form.form_key.data, url)
    asked = queries.asked_writeup(session, person, slug)
    return questions_page(session, current_person(), asked, Came(ask=form)), 422


@blueprint.post("/reader-questions/<int:question_id>/answer")
@access.signed_in
def answer(question_id: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    question, _ = queries.visible_question(session, person, question_id)
    form = AnswerForm()
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            made = operations.answer(session, question, form.text.data or "", actor=person)
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        else:
            return commit_once(session, form.form_key.data, _url(question, made))
    _, asked = queries.visible_question(session, current_person(), question_id)
    return questions_page(session, current_person(), asked, Came(answer=form, to=question_id)), 422


@blueprint.post("/reader-questions/<int:question_id>/close")
@access.signed_in
def close(question_id: int) -> ResponseReturnValue:
    """It is answered."""
    return _decide(question_id, operations.close)


@blueprint.post("/reader-questions/<int:question_id>/reopen")
@access.signed_in
def reopen(question_id: int) -> ResponseReturnValue:
    """It is not answered after all."""
    return _decide(question_id, operations.reopen)


def _decide(question_id: int, act: Callable[..., None]) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    question, _ = queries.visible_question(session, person, question_id)
    authorize(rules.can_close, question)
    try:
        act(session, question, actor=person)
        session.commit()
    except Refused as refused:
        session.rollback()
        flash(refused.sentence, "error")
    return redirect(_url(question), 303)


@blueprint.route("/reader-questions/<int:question_id>/edit", methods=["GET", "POST"])
@access.signed_in
def edit_question(question_id: int) -> ResponseReturnValue:
    return _edit(queries.visible_question, question_id, rules.can_change_question)


@blueprint.route("/reader-answers/<int:answer_id>/edit", methods=["GET", "POST"])
@access.signed_in
def edit_answer(answer_id: int) -> ResponseReturnValue:
    return _edit(queries.visible_answer, answer_id, rules.can_change_answer)


@blueprint.post("/reader-questions/<int:question_id>/delete")
@access.signed_in
def delete_question(question_id: int) -> ResponseReturnValue:
    said, _ = queries.visible_question(db_session(), current_person(), question_id, also_deleted=True)
    authorize(rules.can_delete_question, said)
    return _deleted(said, url_for("reader_questions.restore_question", question_id=question_id))


@blueprint.post("/reader-questions/<int:question_id>/restore")
@access.signed_in
def restore_question(question_id: int) -> ResponseReturnValue:
    said, _ = queries.visible_question(db_session(), current_person(), question_id, also_deleted=True)
    authorize(rules.can_delete_question, said)
    return _restored(said)


@blueprint.post("/reader-answers/<int:answer_id>/delete")
@access.signed_in
def delete_answer(answer_id: int) -> ResponseReturnValue:
    said, _ = queries.visible_answer(db_session(), current_person(), answer_id, also_deleted=True)
    authorize(rules.can_delete_answer, said)
    return _deleted(said, url_for("reader_questions.restore_answer", answer_id=answer_id))


@blueprint.post("/reader-answers/<int:answer_id>/restore")
@access.signed_in
def restore_answer(answer_id: int) -> ResponseReturnValue:
    said, _ = queries.visible_answer(db_session(), current_person(), answer_id, also_deleted=True)
    authorize(rules.can_delete_answer, said)
    return _restored(said)


def _edit(visible: Callable[..., Any], said_id: int, rule: Callable[..., bool]) -> ResponseReturnValue:
    """Word it otherwise. A stale form, and one of what was deleted meanwhile, come back with what was typed."""
    session, person = db_session(), current_person()
    said, asked = visible(session, person, said_id, also_deleted=True)
    if request.method == "GET" and said.deleted_at is not None:
        raise NotVisible
    authorize(rule, said)
    form = EditSaidForm(obj=said)
    if not form.validate_on_submit():
        return _edit_page(form, said, asked), 422 if form.is_submitted() else 200
    try:
        if said.deleted_at is not None:
            _bring_back(session, said, form)
        operations.edit(session, said, form.text.data or "", version=form.version.data, actor=person)
        session.commit()
    except Refused as refused:
        session.rollback()
        form.refuse(refused.field, refused.sentence)
        said, asked = visible(session, current_person(), said_id, also_deleted=True)
        return _edit_page(form, said, asked), 422
    except (Conflict, StaleDataError):
        session.rollback()
        return _stale(form, *visible(session, current_person(), said_id, also_deleted=True))
    return redirect(_url(said), 303)


def _stale(form: EditSaidForm, stored: Said, asked: queries.Asked) -> ResponseReturnValue:
    """The form as it was typed, beside what is stored now; saving it again is deliberate."""
    conflicts = conflicting_fields(form, EditSaidForm(formdata=None, obj=stored))
    if stored.deleted_at is not None:
        form.bring_back.data = "yes"
        form.form_errors.append(
            "This was deleted while you were writing. Save again to bring it back with your text."
        )
    elif not conflicts:
        return redirect(_url(stored), 303)
    return _edit_page(form, stored, asked, conflicts), 409


def _bring_back(session: Session, said: Said, form: EditSaidForm) -> None:
    """Undo a deletion that the person has been told of; before that, it is a conflict like any other."""
    if form.bring_back.data != "yes" or form.version.data != said.version:
        raise Conflict
    operations.restore(session, said, actor=current_person())
    # Bringing back an answer writes the row, and so makes a new version of it.
    form.version.data = said.version


def _edit_page(
    form: EditSaidForm, said: Said, asked: queries.Asked, conflicts: list[Conflicting] | None = None
) -> str:
    return render_template(
        "readers/said.html",
        form=form,
        said=said,
        is_answer=isinstance(said, ReaderAnswer),
        asked=asked,
        back=_url(said),
        conflicts=conflicts or [],
    )


def _deleted(said: Said, undo_url: str) -> ResponseReturnValue:
    session = db_session()
    operations.delete(session, said, actor=current_person())
    session.commit()
    what = "answer" if isinstance(said, ReaderAnswer) else "question"
    flash({"text": f"The {what} was deleted.", "undo_url": undo_url, "undo_label": "Undo"}, "success")  # type: ignore[arg-type]
    # To the top of the page, where the way back is offered.
    return redirect(_url(said).partition("#")[0], 303)


def _restored(said: Said) -> ResponseReturnValue:
    session = db_session()
    operations.restore(session, said, actor=current_person())
    session.commit()
    flash(f"The {'answer' if isinstance(said, ReaderAnswer) else 'question'} is back.", "success")
    return redirect(_url(said), 303)


def _url(said: Said, answered: ReaderAnswer | None = None) -> str:
    """Where it stands on the page of questions, on whichever page of the list that is."""
    answered = said if isinstance(said, ReaderAnswer) else answered
    question = said.question if isinstance(said, ReaderAnswer) else said
    anchor = f"answer-{answered.id}" if answered else f"question-{question.id}"
    page = url_for("reader_questions.index", slug=question.writeup.slug)
    return f"{page}?after={question.id + 1}#{anchor}"
