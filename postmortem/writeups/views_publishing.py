"""Publishing and withdrawing: a page that says what will happen, and the form that does it, now or at a time."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts.operations import check_version
from postmortem.errors import Conflict, Refused
from postmortem.incidents.enums import Visibility
from postmortem.reviews.publishing import refuse_without_review
from postmortem.reviews.queries import review_state
from postmortem.web import access, zones
from postmortem.web.access import authorize, current_person
from postmortem.web.request import db_session
from postmortem.web.sent import refuse_doubles
from postmortem.writeups import operations, queries, rules, scheduling
from postmortem.writeups.closed_references import closed_titles
from postmortem.writeups.enums import Audience, WriteupState
from postmortem.writeups.forms import WithdrawForm
from postmortem.writeups.forms_publishing import PublishForm, VersionForm, take_typed
from postmortem.writeups.models import Writeup
from postmortem.writeups.naming_page import TICKED, sent_choices
from postmortem.writeups.operations_naming import save_choices
from postmortem.writeups.outline import empty_sections
from postmortem.writeups.preview import as_published, names_listed
from postmortem.writeups.publishing import current_publication
from postmortem.writeups.queries_desk import newest_revision
from postmortem.writeups.reading import reading_of

blueprint = Blueprint("publishing", __name__)
SAY_WHY = "Say in one sentence what changed, and why: readers have seen it before."


@blueprint.route("/writeups/<slug>/publish", methods=["GET", "POST"])
@access.requires(rules.can_start)
def publish(slug: str) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    writeup = queries.visible_writeup(session, person, slug)
    authorize(rules.can_publish, writeup)
    typed = take_typed(slug) if request.method == "GET" else None
    form = _form(session, writeup, **({"formdata": typed} if typed else {}))
    form.is_plan = "at" in request.form.getlist("when")
    if form.validate_on_submit():
        try:
            said = _do(session, writeup, form)
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        except (Conflict, StaleDataError):
            session.rollback()
            return _look_again(session, slug)
        else:
            flash(said, "success")
            return redirect(url_for("blog.show", slug=slug), 303)
    return _publish_page(session, writeup, form, 422 if form.is_submitted() else 200)


def _do(session: Session, writeup: Writeup, form: PublishForm) -> str:
    """Publish or plan it; says what was done. Raises what the operations raise."""
    person, reason = current_person(), form.reason.data or ""
    if writeup.state == WriteupState.PUBLISHED and not reason:
        # Whoever was overtaken looks at the newer text first.
        check_version(writeup, form.version.data)
        raise Refused(SAY_WHY, field="reason")
    refuse_without_review(session, writeup)
    if request.form.get("names"):
        refuse_doubles(request.form, TICKED)
        # Sent twice, there is nothing left to keep; what follows minds the version too.
        if chosen := sent_choices(request.form, names_listed(session, writeup, reason)):
            save_choices(session, writeup, chosen, actor=person, version=form.version.data)
    asked: dict[str, Any] = {"audience": form.audience.data, "reason": reason, "version": form.version.data}
    if form.is_plan and form.publish_at.data:
        scheduling.plan_publication(session, writeup, at=form.publish_at.data, actor=person, **asked)
        when = zones.in_words(form.publish_at.data, zones.zone(person.timezone))
        return f"It will be published {when}, as you saw it. If anything in it changes before, it is not, and you are told."
    before = writeup.publication_number
    publication = operations.publish(session, writeup, actor=person, **asked)
    if publication.number == before:
        return "Readers have just this text already, so nothing was published."
    scheduling.keep_reason(session, writeup, reason)
    return (
        "Published. It is on the front page now."
        if before is None
        else "Published. Readers see the new text now."
    )


@blueprint.post("/writeups/<slug>/publish/take-back")
@access.requires(rules.can_start)
def take_back(slug: str) -> ResponseReturnValue:
    """Have what is planned not happen."""
    session, person = db_session(), current_person()
    writeup = queries.visible_writeup(session, person, slug)
    authorize(rules.can_publish, writeup)
    form = VersionForm(data={"version": writeup.version})
    try:
        if not form.validate():
            raise Conflict
        was_planned = scheduling.take_back_plan(session, writeup, actor=person, version=form.version.data)
        session.commit()
    except (Conflict, StaleDataError):
        session.rollback()
        flash(CHANGED, "warning")
    else:
        if was_planned:
            flash("The plan is taken back. It is published when somebody publishes it.", "success")
        else:
            flash("Nothing was planned any more.", "info")
    return redirect(url_for("publishing.publish", slug=slug), 303)


@blueprint.route("/writeups/<slug>/withdraw", methods=["GET", "POST"])
@access.requires(rules.can_start)
def withdraw(slug: str) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    writeup = queries.visible_writeup(session, person, slug)
    authorize(rules.can_withdraw, writeup)
    form = WithdrawForm(data={"version": writeup.version})
    if form.validate_on_submit():
        try:
            operations.withdraw(
                session,
                writeup,
                reason=form.withdrawn_reason.data or "",
                actor=person,
                version=form.version.data,
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(None, refused.sentence)
        except (Conflict, StaleDataError):
            session.rollback()
            session.expire_all()
            writeup = queries.visible_writeup(session, person, slug)
            form.version.data = writeup.version
            form.version.raw_data = None
            form.refuse(None, CHANGED)
            return render_template("writeups/withdraw.html", form=form, writeup=writeup), 409
        else:
            flash("Withdrawn. Readers do not find it any more; you do.", "success")
            return redirect(url_for("blog.show", slug=slug), 303)
    page = render_template("writeups/withdraw.html", form=form, writeup=writeup)
    return page, 422 if form.is_submitted() else 200


CHANGED = "Somebody saved a change while this page was open. Look at it again, then decide."


def _form(session: Session, writeup: Writeup, **kwargs: Any) -> PublishForm:
    """The form as what is stored fills it, with the plan where there is one."""
    return PublishForm(
        data={
            "audience": writeup.audience,
            "version": writeup.version,
            "reason": _reason_given(session, writeup),
            "publish_at": writeup.publish_at,
            "timezone": current_person().timezone,
        },
        **kwargs,
    )


def _reason_given(session: Session, writeup: Writeup) -> str:
    """Why it will be published, as far as somebody said so; nothing where that is done."""
    if writeup.publish_at is None:
        current = current_publication(session, writeup)
        if current and current.revision_number == newest_revision(session, writeup.id):
            return ""
    return scheduling.planned_reason(session, writeup)


def _look_again(session: Session, slug: str) -> ResponseReturnValue:
    """The page anew, with what is saved now: nobody publishes a text that they have not seen."""
    session.expire_all()
    writeup = queries.visible_writeup(session, current_person(), slug)
    typed = request.form.get("reason", "")
    form = _form(session, writeup, formdata=None)
    form.reason.data = typed or form.reason.data
    form.form_errors.append(CHANGED)
    return _publish_page(session, writeup, form, 409)


def _publish_page(session: Session, writeup: Writeup, form: PublishForm, status: int) -> ResponseReturnValue:
    reason = form.reason.data or ""
    preview = as_published(session, writeup, reason)
    current, person = current_publication(session, writeup), current_person()
    has_public_reading = current_app.config["PUBLIC_READING"]
    is_public_now = current is not None and Audience.PUBLIC == current.audience == writeup.audience
    form.say_who_reads(
        has_public_reading=has_public_reading, is_public_now=is_public_now and has_public_reading
    )
    page = render_template(
        "writeups/publish.html",
        form=form,
        writeup=writeup,
        review=review_state(session, writeup),
        preview=preview,
        reading=reading_of(
            preview.body_html,
            preview.headings,
            preview.texts.frozen,
            action_states=queries.action_states(session, writeup),
            zone=zones.zone(person.timezone),
            at=writeup.updated_at,
            numbers=[each.id for each in writeup.incidents if each.visibility == Visibility.OPEN],
        ),
        printed=preview.printed,
        empty_sections=empty_sections(preview.printed.body),
        restricted=[each for each in writeup.incidents if each.visibility == Visibility.RESTRICTED],
        closed_titles=closed_titles(session, person, writeup, preview.texts),
        has_public_reading=has_public_reading,
        current=current,
        plan=scheduling.plan_of(session, writeup, preview, reason),
    )
    return page, status
