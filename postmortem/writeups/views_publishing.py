"""Publishing and withdrawing: a page that says what will happen, and the form that does it."""

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.errors import Conflict, Refused
from postmortem.incidents.enums import Visibility
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.request import db_session
from postmortem.writeups import operations, queries, rules
from postmortem.writeups.blocks import freeze
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.forms import PublishForm, WithdrawForm
from postmortem.writeups.frozen import frozen_of, name_line
from postmortem.writeups.models import Writeup
from postmortem.writeups.outline import empty_sections

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
    frozen = frozen_of(session, [writeup.id])[writeup.id]
    printed = freeze(session, writeup, writeup.body)
    page = render_template(
        "writeups/publish.html",
        form=form,
        writeup=writeup,
        frozen=frozen,
        author_line=name_line([author.name for author in writeup.authors]),
        empty_sections=empty_sections(printed.body),
        printed=printed,
        restricted=[each for each in writeup.incidents if each.visibility == Visibility.RESTRICTED],
        has_public_reading=current_app.config["PUBLIC_READING"],
        is_published=writeup.state == WriteupState.PUBLISHED,
    )
    return page, status
