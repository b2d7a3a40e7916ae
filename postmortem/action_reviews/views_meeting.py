"""The meeting: one item to a screen, deciding, taking back, and what the others' pages ask for."""

from typing import Any

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.action_reviews import operations, operations_decisions, queries, rules
from postmortem.action_reviews.enums import DECISION_LABELS, QUEUE_REASON_LABELS, ReviewState
from postmortem.action_reviews.forms import FIELD_OF, CommentForm, DecideForm
from postmortem.action_reviews.models import ActionReview
from postmortem.action_reviews.pages import (
    Screen,
    next_undecided,
    position_of,
    progress_of,
    screen_of,
    token_of,
)
from postmortem.action_reviews.timing import spent_seconds
from postmortem.errors import Conflict, NotVisible, Refused
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.request import db_session

blueprint = Blueprint("meeting", __name__)
TAKEN_BACK = "Taken back: {} is as it was, and wants a decision again."


@blueprint.get("/actions/review/<int:review_id>")
@access.signed_in
def show(review_id: int) -> ResponseReturnValue:
    """The screen of `item=` (a position in one's own queue), or of what wants a decision next."""
    session, person = db_session(), current_person()
    review = queries.visible_review(session, person, review_id)
    if review.state is ReviewState.ENDED:
        return redirect(url_for("minutes.show", review_id=review.id), 303)
    screen = screen_of(session, review, person, position=_position())
    return _page(session, screen, DecideForm(formdata=None))


@blueprint.get("/actions/review/<int:review_id>/state")
@access.signed_in
def state(review_id: int) -> ResponseReturnValue:
    """What the others' pages ask for every two seconds: whether anything that they show has changed."""
    session, person = db_session(), current_person()
    review = queries.visible_review(session, person, review_id)
    queue = queries.queue_of(session, review.id, person)
    people = queries.people_of(session, review.id, clock.now())
    token = token_of(review, queue, people)
    progress = progress_of(queue)
    answer: Response = jsonify(
        token=token,
        state=review.state.value,
        decided=progress.decided,
        total=progress.total,
        spent=spent_seconds(review, clock.now()),
    )
    answer.set_etag(token)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer.make_conditional(request)


@blueprint.post("/actions/review/<int:review_id>/decide")
@access.signed_in
def decide(review_id: int) -> ResponseReturnValue:
    """Decide about one item. Who comes second is told what was decided, by whom, and how to take it back (409)."""
    session, person = db_session(), current_person()
    review = queries.visible_review(session, person, review_id)
    form = DecideForm()
    form.offer(session)
    is_valid = form.validate()
    if form.item.errors:
        # It does not say which action it is about: whatever comes next is shown, and that nothing was decided.
        return _page(session, screen_of(session, review, person, position=None), form, 422)
    item = queries.item_with_action(session, review.id, form.item.data, person)
    authorize(rules.can_decide, item.action)
    if not is_valid:
        return _again(session, review_id, form, person, 422)
    try:
        operations_decisions.decide(
            session,
            item,
            item.action,
            form.choice(),
            version=form.item_version.data,
            action_version=form.action_version.data,
            actor=person,
        )
        operations.come_in(session, review, actor=person)
        position = _go_on_from(session, review_id, item.id, person)
        session.commit()
    except Refused as refused:
        session.rollback()
        form.refuse(FIELD_OF.get(refused.field or "", refused.field), refused.sentence)
        return _again(session, review_id, form, person, 422)
    except (Conflict, StaleDataError, IntegrityError):
        session.rollback()
        return _too_late(session, review_id, form, person)
    return redirect(url_for("meeting.show", review_id=review_id, item=position), 303)


@blueprint.post("/actions/review/<int:review_id>/decisions/<int:decision_id>/undo")
@access.signed_in
def undo(review_id: int, decision_id: int) -> ResponseReturnValue:
    """Take a decision back; leads to its item, which can be decided anew."""
    session, person = db_session(), current_person()
    review = queries.visible_review(session, person, review_id)
    decision = queries.decision_numbered(session, review.id, decision_id, person)
    item = queries.item_with_action(session, review.id, decision.item_id, person)
    authorize(rules.can_decide, item.action)
    try:
        operations_decisions.take_back(session, decision, item, item.action, actor=person)
        session.commit()
        flash(TAKEN_BACK.format(item.action.reference), "success")
    except Refused as refused:
        session.rollback()
        flash(refused.sentence, "warning")
    except (Conflict, StaleDataError):
        session.rollback()
        flash("Somebody else was faster. This is how it stands now.", "warning")
    position = position_of(queries.queue_of(session, review_id, person), decision.item_id)
    return redirect(url_for("meeting.show", review_id=review_id, item=position), 303)


def _position() -> int | None:
    text = request.args.get("item", "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise NotVisible
    return int(text)


def _go_on_from(session: Session, review_id: int, item_id: int, person: Person) -> int | None:
    """Where to go on after this item: what wants a decision next, None where nothing does."""
    queue = queries.queue_of(session, review_id, person)
    return next_undecided(queue, position_of(queue, item_id) or 0)


def _again(
    session: Session, review_id: int, form: DecideForm, person: Person, status: int, *, is_late: bool = False
) -> ResponseReturnValue:
    """The item's screen once more with what was typed; its versions are now those that are shown."""
    review = queries.visible_review(session, person, review_id)
    if review.state is ReviewState.ENDED:
        flash("The meeting has ended. Change the action on its own page.", "warning")
        return redirect(url_for("minutes.show", review_id=review.id), 303)
    screen = screen_of(session, review, person, item_id=form.item.data)
    if screen.item is None:
        raise NotVisible
    return _page(session, screen, form, status, is_late=is_late)


def _too_late(session: Session, review_id: int, form: DecideForm, person: Person) -> ResponseReturnValue:
    item = queries.item_with_action(session, review_id, form.item.data, person)
    held, choice = queries.decision_on(session, item.id), form.choice()
    if held is not None and operations_decisions.is_same(held, choice, person):
        # Sent twice: it is decided as they wanted.
        position = _go_on_from(session, review_id, item.id, person)
        return redirect(url_for("meeting.show", review_id=review_id, item=position), 303)
    return _again(session, review_id, form, person, 409, is_late=True)


def _page(
    session: Session, screen: Screen, form: DecideForm, status: int = 200, *, is_late: bool = False
) -> ResponseReturnValue:
    form.offer(session)
    review: ActionReview = screen.review
    values: dict[str, Any] = {
        "screen": screen,
        "review": review,
        "form": form,
        "comment_form": CommentForm(formdata=None, item=screen.item.id if screen.item else None),
        "is_late": is_late,
        "labels": DECISION_LABELS,
        "reason_labels": QUEUE_REASON_LABELS,
        "can_run": rules.can_run(current_person()),
        "can_note": rules.can_note(current_person()),
    }
    return render_template("action_reviews/meeting.html", **values), status
