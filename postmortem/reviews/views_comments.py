"""Comments of a review: on a paragraph, answers, resolving, deleting and undo, suggestions; all lead back to the review."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import Forbidden

from postmortem.errors import Conflict, NotVisible, Refused
from postmortem.reviews import operations_comments as operations
from postmortem.reviews import queries, rules
from postmortem.reviews.desk import Came, review_page
from postmortem.reviews.forms import AnswerForm, CommentForm
from postmortem.reviews.models import ReviewComment
from postmortem.web import access
from postmortem.web.access import authorize, current_person, refusal
from postmortem.web.once import already_done, commit_once
from postmortem.web.request import db_session

blueprint = Blueprint("review_comments", __name__)
QUICKER = "Somebody changed this at the same moment. Look at it again."


@blueprint.post("/writeups/<slug>/review/comments")
@access.signed_in
def add(slug: str) -> ResponseReturnValue:
    """Say something about a paragraph, perhaps with other words for it."""
    session, person = db_session(), current_person()
    writeup = queries.reviewed_writeup(session, person, slug)
    form = CommentForm()
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            comment = operations.comment_on(
                session,
                writeup,
                form.text.data or "",
                revision=form.revision.data or 0,
                paragraph=form.paragraph.data or 0,
                suggestion=form.suggestion.data or "",
                actor=person,
            )
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        else:
            return commit_once(session, form.form_key.data, _url(slug, comment.id))
    writeup = queries.reviewed_writeup(session, current_person(), slug)
    return review_page(session, writeup, Came(comment=form, on=form.paragraph.data or 0), 422)


@blueprint.post("/review-comments/<int:comment_id>/answer")
@access.signed_in
def answer(comment_id: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    comment, writeup = queries.visible_comment(session, person, comment_id)
    slug, thread = writeup.slug, comment.parent_id or comment.id
    form = AnswerForm()
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            made = operations.answer(session, comment, form.text.data or "", actor=person)
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        else:
            return commit_once(session, form.form_key.data, _url(slug, made.id))
    writeup = queries.reviewed_writeup(session, current_person(), slug)
    return review_page(session, writeup, Came(answer=form, to=thread), 422)


@blueprint.post("/review-comments/<int:comment_id>/resolve")
@access.signed_in
def resolve(comment_id: int) -> ResponseReturnValue:
    return _done(
        comment_id, lambda session, each: operations.resolve(session, each, actor=current_person()), ""
    )


@blueprint.post("/review-comments/<int:comment_id>/reopen")
@access.signed_in
def reopen(comment_id: int) -> ResponseReturnValue:
    return _done(
        comment_id, lambda session, each: operations.reopen(session, each, actor=current_person()), ""
    )


@blueprint.post("/review-comments/<int:comment_id>/apply")
@access.signed_in
def apply(comment_id: int) -> ResponseReturnValue:
    """Put the suggestion in the paragraph's place."""
    session, person = db_session(), current_person()
    _, writeup = queries.visible_comment(session, person, comment_id)
    authorize(rules.can_run, writeup)
    return _done(
        comment_id,
        lambda session, each: operations.apply_suggestion(session, each, actor=current_person()),
        "The suggestion stands in the text now, as a save of yours.",
    )


@blueprint.post("/review-comments/<int:comment_id>/decline")
@access.signed_in
def decline(comment_id: int) -> ResponseReturnValue:
    """The words stay as they are."""
    session, person = db_session(), current_person()
    comment, _ = queries.visible_comment(session, person, comment_id)
    if not rules.can_decline(session, person, comment):
        raise Forbidden(refusal(rules.can_decline))
    return _done(
        comment_id,
        lambda session, each: operations.decline_suggestion(session, each, actor=current_person()),
        "The words stay as they are.",
    )


@blueprint.post("/review-comments/<int:comment_id>/delete")
@access.signed_in
def delete(comment_id: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    comment, writeup = queries.visible_comment(session, person, comment_id)
    authorize(rules.can_delete_comment, comment)
    operations.delete_comment(session, comment, actor=person)
    session.commit()
    undo_url = url_for("review_comments.restore", comment_id=comment_id)
    flash({"text": "The comment was deleted.", "undo_url": undo_url, "undo_label": "Undo"}, "success")  # type: ignore[arg-type]
    # To the top of the page, where the way back is offered.
    return redirect(url_for("reviews.show", slug=writeup.slug), 303)


@blueprint.post("/review-comments/<int:comment_id>/restore")
@access.signed_in
def restore(comment_id: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    comment, writeup = queries.visible_comment(session, person, comment_id)
    authorize(rules.can_delete_comment, comment)
    operations.restore_comment(session, comment, actor=person)
    session.commit()
    flash("The comment is back.", "success")
    return redirect(_url(writeup.slug, comment_id), 303)


def _done(
    comment_id: int, act: Callable[[Session, ReviewComment], None], sentence: str
) -> ResponseReturnValue:
    """Do it to a comment that is not deleted, and go back to it; where somebody was quicker, the page shows it."""
    session = db_session()
    comment, writeup = queries.visible_comment(session, current_person(), comment_id)
    if comment.deleted_at is not None and comment.parent_id is not None:
        raise NotVisible
    slug = writeup.slug
    try:
        act(session, comment)
        session.commit()
    except Refused as refused:
        session.rollback()
        flash(refused.sentence, "error")
    except (Conflict, StaleDataError):
        session.rollback()
        flash(QUICKER, "error")
    else:
        if sentence:
            flash(sentence, "success")
    return redirect(_url(slug, comment_id), 303)


def _url(slug: str, comment_id: int) -> str:
    return f"{url_for('reviews.show', slug=slug)}#comment-{comment_id}"
