"""The minutes: to read, to take along as Markdown, and as the beginning of a write-up."""

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.action_reviews import operations, queries, queries_past, rules
from postmortem.action_reviews.enums import ReviewState
from postmortem.action_reviews.minutes import minutes_for, minutes_to_publish
from postmortem.action_reviews.models import ActionReview
from postmortem.errors import Refused
from postmortem.text.markdown import render
from postmortem.text.slugs import slugify
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.request import db_session
from postmortem.writeups import operations as writeups
from postmortem.writeups import rules as writeups_rules
from postmortem.writeups.drafts import WriteupDraft
from postmortem.writeups.models import Writeup

blueprint = Blueprint("minutes", __name__)
STILL_ON = "The meeting is still going on. Its minutes can become a write-up when it has ended."


@blueprint.get("/actions/review/<int:review_id>/minutes")
@access.signed_in
def show(review_id: int) -> ResponseReturnValue:
    """The minutes as this reader may see them; before the end, as they stand so far."""
    session, person = db_session(), current_person()
    review = queries.visible_review(session, person, review_id)
    minutes = minutes_for(session, review, person, base_url=current_app.config["BASE_URL"])
    return render_template(
        "action_reviews/minutes.html",
        review=review,
        minutes=minutes,
        html=render(minutes.without_questions).html,
        became=queries_past.what_became(session, [review.id], person, clock.today()).get(review.id),
        writeup=_writeup_of(session, review),
        is_over=review.state is ReviewState.ENDED,
        can_note=rules.can_note(person),
        can_write=writeups_rules.can_start(person),
    )


@blueprint.get("/actions/review/<int:review_id>/minutes.md")
@access.signed_in
def as_markdown(review_id: int) -> ResponseReturnValue:
    """The same as a file."""
    session, person = db_session(), current_person()
    review = queries.visible_review(session, person, review_id)
    minutes = minutes_for(session, review, person, base_url=current_app.config["BASE_URL"])
    answer = Response(minutes.markdown, mimetype="text/markdown")
    name = slugify(review.title) or f"action-review-{review.id}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.md"'
    return answer


@blueprint.post("/actions/review/<int:review_id>/writeup")
@access.requires(writeups_rules.can_start)
def as_writeup(review_id: int) -> ResponseReturnValue:
    """Make a draft of what is open to everybody, without names; asked again, lead to the one that was made."""
    session, person = db_session(), current_person()
    review = queries.visible_review(session, person, review_id)
    review = operations.hold(session, review.id, to_end=True)
    if review.state is not ReviewState.ENDED:
        raise Refused(STILL_ON)
    if there := _writeup_of(session, review):
        return redirect(url_for("blog.show", slug=there.slug), 303)
    minutes = minutes_to_publish(session, review, person)
    draft = WriteupDraft(
        title=review.title,
        tldr=minutes.tldr,
        body=minutes.body,
        authors=[person.email],
        teams=[review.team.slug] if review.team and review.team.is_active else [],
    )
    [writeup] = writeups.start_writeups(session, [draft], actor=person)
    operations.keep_writeup(session, review, writeup.id, actor=person)
    session.commit()
    flash(
        "Your draft is ready: what is open to everybody, without names. Read it again before you publish it.",
        "success",
    )
    return redirect(url_for("writeups.edit", slug=writeup.slug), 303)


def _writeup_of(session: Session, review: ActionReview) -> Writeup | None:
    """The write-up made of these minutes, where this reader has a page of it."""
    if review.writeup_id is None:
        return None
    seen = writeups_rules.visible_to(current_person())
    return session.scalar(select(Writeup).where(Writeup.id == review.writeup_id, seen))
