"""What a write-up belongs to: the page on which its series and related write-ups are chosen."""

import re

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from wtforms import IntegerField, ValidationError
from wtforms.validators import Optional

from postmortem.errors import Conflict, Refused
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.forms import BaseForm, EditForm, LineField, TextField, conflicting_fields
from postmortem.web.request import db_session
from postmortem.writeups import queries, rules
from postmortem.writeups.models import Writeup
from postmortem.writeups.operations_series import place_writeup
from postmortem.writeups.queries_series import related_slugs, series_names
from postmortem.writeups.views_publishing import CHANGED

blueprint = Blueprint("series", __name__)
LAST_POSITION = 999
# The last part of an address, whatever stands before it; `/edit` and the like behind it are let go.
_ADDRESS = re.compile(r"(?:\S*/writeups/)?([^\s/?#,]+)(?:[/?#]\S*)?")


def _is_small(_form: BaseForm, field: IntegerField) -> None:
    # Not NumberRange, which cannot bear a number of hundreds of digits.
    if field.data is not None and not 0 <= field.data <= LAST_POSITION:
        raise ValidationError(f"Give a number from 0 to {LAST_POSITION}.")


class SeriesForm(EditForm):
    """Series, position and related write-ups."""

    series = LineField(
        "Series",
        max_length=200,
        description="Write-ups of the same series are read one after the other. A new name starts a series.",
    )
    series_position = IntegerField(
        "Position in it",
        validators=[Optional(), _is_small],
        description="The lowest number comes first; equal ones go by the day they were published.",
    )
    related = TextField(
        "Related write-ups",
        max_length=4000,
        description="Their addresses, one on each line. Each shows the other, to whoever may read it.",
    )

    @property
    def slugs(self) -> list[str]:
        return list(dict.fromkeys(_ADDRESS.findall(self.related.data or "")))


@blueprint.route("/writeups/<slug>/around", methods=["GET", "POST"])
@access.requires(rules.can_start)
def place(slug: str) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    writeup = queries.visible_writeup(session, person, slug)
    authorize(rules.can_edit, writeup)
    form = _form(session, writeup)
    if form.validate_on_submit():
        try:
            place_writeup(
                session,
                writeup,
                series=form.series.data or "",
                position=form.series_position.data or 0,
                related=form.slugs,
                version=form.version.data,
                actor=person,
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        except (Conflict, StaleDataError):
            session.rollback()
            session.expire_all()
            writeup = queries.visible_writeup(session, person, slug)
            if not conflicting_fields(form, _form(session, writeup, formdata=None)):
                # Sent twice, or somebody wrote the very same: there is nothing to decide.
                return redirect(url_for("blog.show", slug=slug), 303)
            form.refuse(None, CHANGED)
            return _page(session, form, writeup, 409)
        else:
            flash("Saved. Readers see it at once.", "success")
            return redirect(url_for("blog.show", slug=slug), 303)
    return _page(session, form, writeup, 422 if form.is_submitted() else 200)


def _form(session: Session, writeup: Writeup, **kwargs: None) -> SeriesForm:
    related = related_slugs(session, current_person(), writeup)
    return SeriesForm(
        data={
            "version": writeup.version,
            "series": writeup.series.name if writeup.series else "",
            "series_position": writeup.series_position,
            "related": "\n".join(f"/writeups/{each}" for each in related),
        },
        **kwargs,
    )


def _page(session: Session, form: SeriesForm, writeup: Writeup, status: int) -> ResponseReturnValue:
    names = series_names(session, current_person())
    return render_template("writeups/around.html", form=form, writeup=writeup, names=names), status
