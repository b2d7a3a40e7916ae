"""Publishing and withdrawing: a page that says what will happen, and the form that does it."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.errors import Conflict, Refused
from postmortem.incidents.enums import Visibility
from postmortem.reviews.publishing import refuse_without_review
from postmortem.reviews.queries import review_state
from postmortem.web import access, zones
from postmortem.web.access import authorize, current_person
from postmortem.web.request import db_session
from postmortem.web.sent import refuse_doubles
from postmortem.writeups import operations, queries, rules
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.forms import PublishForm, WithdrawForm
from postmortem.writeups.models import Writeup
from postmortem.writeups.naming_page import TICKED, sent_choices
from postmortem.writeups.operations_naming import save_choices
from postmortem.writeups.outline import empty_sections
from postmortem.writeups.preview import as_published, names_listed
from postmortem.writeups.reading import reading_of

blueprint = Blueprint("publishing", __name__)


@blueprint.route("/writeups/<slug>/publish", methods=["GET", "POST"])
@access.requires(rules.can_start)
def publish(slug: str) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    writeup = queries.visible_writeup(session, person, slug)
    authorize(rules.can_publish, writeup)
    form = PublishForm(data={"audience": writeup.audience, "version": writeup.version})
    if form.validate_on_submit():
        try:
            refuse_without_review(session, writeup)
            if request.form.get("names"):
                refuse_doubles(request.form, TICKED)
                chosen = sent_choices(request.form, names_listed(session, writeup))
                save_choices(session, writeup, chosen, actor=person, version=form.version.data)
            operations.publish(
                session, writeup, actor=person, audience=form.audience.data, version=form.version.data
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(None, refused.sentence)
        except (Conflict, StaleDataError):
            session.rollback()
            return _look_again(session, slug)
        else:
            flash("Published. It is on the front page now.", "success")
            return redirect(url_for("blog.show", slug=slug), 303)
    return _publish_page(session, writeup, form, 422 if form.is_submitted() else 200)


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


def _look_again(session: Session, slug: str) -> ResponseReturnValue:
    """The page anew, with what is saved now: nobody publishes a text that they have not seen."""
    session.expire_all()
    writeup = queries.visible_writeup(session, current_person(), slug)
    form = PublishForm(data={"audience": writeup.audience, "version": writeup.version}, formdata=None)
    form.form_errors.append(CHANGED)
    return _publish_page(session, writeup, form, 409)


def _publish_page(session: Session, writeup: Writeup, form: PublishForm, status: int) -> ResponseReturnValue:
    preview = as_published(session, writeup)
    person = current_person()
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
        ),
        printed=preview.printed,
        empty_sections=empty_sections(preview.printed.body),
        restricted=[each for each in writeup.incidents if each.visibility == Visibility.RESTRICTED],
        has_public_reading=current_app.config["PUBLIC_READING"],
        is_published=writeup.state == WriteupState.PUBLISHED,
    )
    return page, status
