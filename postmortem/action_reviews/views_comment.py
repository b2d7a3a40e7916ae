"""Saying something about the action on the screen."""

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from postmortem.action_reviews import queries, rules
from postmortem.action_reviews.forms import CommentForm
from postmortem.action_reviews.pages import position_of
from postmortem.actions.operations_comments import add_comment
from postmortem.errors import Refused
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.once import already_done, commit_once
from postmortem.web.request import db_session

blueprint = Blueprint("meeting_comments", __name__)


@blueprint.post("/actions/review/<int:review_id>/comment")
@access.signed_in
def comment(review_id: int) -> ResponseReturnValue:
    """Say something about the action on the screen; it stands on the action's own page too."""
    session, person = db_session(), current_person()
    review = queries.visible_review(session, person, review_id)
    form = CommentForm()
    if not form.validate():
        raise Refused("Write something first. Then send the comment again.")
    item = queries.item_with_action(session, review.id, form.item.data, person)
    authorize(rules.can_decide, item.action)
    if done := already_done(session, form.form_key.data):
        return done
    add_comment(session, item.action, form.text.data or "", actor=person)
    session.flush()
    position = position_of(queries.queue_of(session, review.id, person), item.id)
    flash(f"Your comment stands with {item.action.reference}.", "success")
    return commit_once(
        session, form.form_key.data, url_for("meeting.show", review_id=review_id, item=position)
    )
