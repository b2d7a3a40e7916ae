"""The review of a write-up: the page, asking, verdicts, who leads it, and going without."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts.queries import people_with_emails
from postmortem.errors import Conflict, Refused
from postmortem.reviews import operations, queries, rules
from postmortem.reviews.desk import Came, review_page
from postmortem.reviews.forms import AskForm, LeadForm, SkipForm, VerdictForm
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.once import already_done, commit_once
from postmortem.web.request import db_session

blueprint = Blueprint("reviews", __name__)
READ_ON = "The text was changed while you read. This is the newest; look at it, then say it again."


@blueprint.get("/writeups/<slug>/review")
@access.signed_in
def show(slug: str) -> ResponseReturnValue:
    session = db_session()
    return review_page(session, queries.reviewed_writeup(session, current_person(), slug))


@blueprint.post("/writeups/<slug>/review/requests")
@access.signed_in
def ask(slug: str) -> ResponseReturnValue:
    """Ask a person or a team."""
    session, person = db_session(), current_person()
    writeup = queries.reviewed_writeup(session, person, slug)
    authorize(rules.can_run, writeup)
    form = AskForm()
    form.offer(session)
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        whom = form.asked(session)
        try:
            operations.ask(session, writeup, whom, note=form.note.data or "", actor=person)
            flash(f"{whom.name} is asked, and can look at it.", "success")
            return commit_once(session, form.form_key.data, _url(slug))
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        except StaleDataError:
            # Somebody asked again, or took it back, at the same moment: the page shows which.
            session.rollback()
            return redirect(_url(slug), 303)
    writeup = queries.reviewed_writeup(session, current_person(), slug)
    return review_page(session, writeup, Came(ask=form), 422)


@blueprint.post("/review-requests/<int:request_id>/take-back")
@access.signed_in
def take_back(request_id: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    asked, writeup = queries.visible_request(session, person, request_id)
    authorize(rules.can_run, writeup)
    operations.take_back(session, asked, actor=person)
    session.commit()
    flash("They are not asked any more. What they said stays.", "success")
    return redirect(_url(writeup.slug), 303)


@blueprint.post("/writeups/<slug>/review/verdict")
@access.signed_in
def verdict(slug: str) -> ResponseReturnValue:
    """Approve the newest text, or ask for changes."""
    session, person = db_session(), current_person()
    writeup = queries.reviewed_writeup(session, person, slug)
    form, status = VerdictForm(), 422
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            operations.give_verdict(
                session,
                writeup,
                form.verdict.data,
                form.text.data or "",
                revision=form.revision.data or 0,
                actor=person,
            )
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        except Conflict:
            session.rollback()
            form.refuse(None, READ_ON)
            form.revision.data, form.revision.raw_data = operations.newest_revision(session, writeup.id), None
            status = 409
        else:
            flash("Your verdict stands beside the text.", "success")
            return commit_once(session, form.form_key.data, _url(slug))
    writeup = queries.reviewed_writeup(session, current_person(), slug)
    return review_page(session, writeup, Came(verdict=form), status)


@blueprint.post("/writeups/<slug>/review/facilitator")
@access.signed_in
def facilitator(slug: str) -> ResponseReturnValue:
    """Say who leads the review."""
    session, person = db_session(), current_person()
    writeup = queries.reviewed_writeup(session, person, slug)
    authorize(rules.can_run, writeup)
    form = LeadForm()
    form.offer(session)
    if form.validate_on_submit():
        named = people_with_emails(session, [form.facilitator.data] if form.facilitator.data else [])
        try:
            operations.name_facilitator(session, writeup, named[0] if named else None, actor=person)
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        else:
            return redirect(_url(slug), 303)
    writeup = queries.reviewed_writeup(session, current_person(), slug)
    return review_page(session, writeup, Came(lead=form), 422)


@blueprint.post("/writeups/<slug>/review/skip")
@access.signed_in
def skip(slug: str) -> ResponseReturnValue:
    """Say why it is published without a review; leads back to publishing."""
    session, person = db_session(), current_person()
    writeup = queries.reviewed_writeup(session, person, slug)
    authorize(rules.can_run, writeup)
    form = SkipForm()
    try:
        if not form.validate_on_submit():
            raise Refused(" ".join(map(str, form.reason.errors)) or "Reload the page, then say it again.")
        operations.skip_review(session, writeup, form.reason.data or "", actor=person)
        session.commit()
    except Refused as refused:
        session.rollback()
        flash(refused.sentence, "error")
    else:
        flash("Kept. It can be published without a review now.", "success")
    return redirect(url_for("publishing.publish", slug=slug), 303)


@blueprint.post("/writeups/<slug>/review/ask-again")
@access.signed_in
def ask_again(slug: str) -> ResponseReturnValue:
    """The review is not skipped any more."""
    session, person = db_session(), current_person()
    writeup = queries.reviewed_writeup(session, person, slug)
    authorize(rules.can_run, writeup)
    operations.ask_again(session, writeup, actor=person)
    session.commit()
    flash("The review is not skipped any more.", "success")
    return redirect(_url(slug), 303)


def _url(slug: str) -> str:
    return url_for("reviews.show", slug=slug)
