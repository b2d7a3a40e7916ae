"""The entry of the month: the list of all, and for facilitators the form that chooses one."""

import re

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField
from wtforms.fields import SelectChoice

from postmortem import clock
from postmortem.errors import Refused
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.forms import BaseForm, LineField, required
from postmortem.web.request import db_session
from postmortem.writeups import queries, queries_months
from postmortem.writeups.enums import WriteupState
from postmortem.writeups.operations_months import NOTE_LIMIT, choose_entry, take_back_entry
from postmortem.writeups.pages import published_page
from postmortem.writeups.queries_months import month_label, months_taken, this_month
from postmortem.writeups.rules_months import can_choose_entry

blueprint = Blueprint("months", __name__)
_MONTH = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])")


class EntryForm(BaseForm):
    """Chooses a write-up for a month."""

    month = SelectField("Month")
    note = LineField(
        "Why it is worth reading",
        max_length=NOTE_LIMIT,
        description="One sentence for everybody who reads the front page.",
        validators=[required("Say in one sentence why it is worth reading again.")],
    )


@blueprint.get("/entries-of-the-month")
@access.reading
def index() -> ResponseReturnValue:
    session, person = db_session(), current_person()
    can_choose = person is not None and can_choose_entry(person)
    chosen = queries_months.chosen_entries(session, person)
    # What is to come is a surprise, but for those who prepare it.
    shown = [each for each in chosen if can_choose or each.month <= this_month()]
    return render_template("writeups/months.html", chosen=shown, can_choose=can_choose)


@blueprint.route("/writeups/<slug>/month", methods=["GET", "POST"])
@access.requires(can_choose_entry)
def choose(slug: str) -> ResponseReturnValue:
    """Make this write-up the entry of a month."""
    session, person = db_session(), current_person()
    writeup = queries.visible_writeup(session, person, slug)
    page = published_page(session, person, slug)
    form = EntryForm(data={"month": this_month()})
    months = _months()
    taken = months_taken(session, months)
    form.month.choices = [
        SelectChoice(each, month_label(each) + (" (in place of another)" if each in taken else ""))
        for each in months
    ]
    if form.validate_on_submit():
        try:
            entry = choose_entry(
                session, writeup, month=form.month.data, note=form.note.data or "", actor=person
            )
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        else:
            month = entry.month
            session.commit()
            text = f"This is the entry of the month for {month_label(month)}."
            undo = {"undo_url": url_for("months.take_back", month=month), "undo_label": "Take it back"}
            flash({"text": text, **undo}, "success")  # type: ignore[arg-type]
            return redirect(url_for("months.index"), 303)
    values = {"form": form, "slug": slug, "title": page.row.title if page else writeup.title}
    html = render_template(
        "writeups/month.html", **values, is_published=writeup.state == WriteupState.PUBLISHED
    )
    return html, 422 if form.is_submitted() else 200


@blueprint.post("/entries-of-the-month/<month>/take-back")
@access.requires(can_choose_entry)
def take_back(month: str) -> ResponseReturnValue:
    """Sent twice, the second finds nothing and says the same."""
    if not _MONTH.fullmatch(month):
        abort(404)
    session, person = db_session(), current_person()
    take_back_entry(session, month, actor=person)
    session.commit()
    flash(f"{month_label(month)} has no entry of the month now.", "success")
    return redirect(url_for("months.index"), 303)


def _months() -> list[str]:
    """The next month, this one, and the eleven before."""
    today = clock.today()
    count = today.year * 12 + today.month
    return [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(count, count - 13, -1)]
