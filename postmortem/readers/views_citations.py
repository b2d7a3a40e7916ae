"""Where a write-up was used: all of it on a page, adding, changing, taking away and back."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.errors import Conflict, NotVisible, Refused
from postmortem.readers import operations_citations as operations
from postmortem.readers import rules_citations as rules
from postmortem.readers.addresses import short
from postmortem.readers.enums import CITATION_KIND_LABELS
from postmortem.readers.forms_citations import CitationForm, EditCitationForm
from postmortem.readers.models import Citation
from postmortem.readers.queries_citations import (
    citation_to_change,
    citations_of,
    count_citations,
    published_title,
    read_writeup,
)
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.forms import Conflicting, conflicting_fields
from postmortem.web.paging import PAGE_SIZE, Cursor, id_key, page_of
from postmortem.web.request import db_session
from postmortem.writeups.models import Writeup

blueprint = Blueprint("citations", __name__)


@blueprint.route("/writeups/<slug>/used", methods=["GET", "POST"])
@access.signed_in
def used(slug: str) -> ResponseReturnValue:
    """Where it was used, newest first; whoever reads it may add a place."""
    session, person = db_session(), current_person()
    writeup = read_writeup(session, person, slug)
    form = CitationForm()
    if not form.is_submitted():
        return _page(session, writeup, form)
    if not form.validate():
        return _page(session, writeup, form), 422
    try:
        operations.add_citation(
            session, writeup, form.url.data or "", form.title.data or "", form.kind.data, actor=person
        )
        session.commit()
    except Refused as refused:
        session.rollback()
        if refused.sentence != operations.STANDS_ALREADY:
            form.refuse(refused.field, refused.sentence)
            return _page(session, read_writeup(session, person, slug), form), 422
        # Also what comes of sending the form twice: the address is there, and that was wanted.
        flash(f"{refused.sentence} Thank you all the same.", "info")
    else:
        flash("Thank you. It stands under the write-up now, and its authors are told.", "success")
    return redirect(_url(slug), 303)


@blueprint.route("/citations/<int:citation_id>/edit", methods=["GET", "POST"])
@access.signed_in
def edit(citation_id: int) -> ResponseReturnValue:
    """Say otherwise what it is, or what it is called."""
    session, person = db_session(), current_person()
    citation = citation_to_change(session, person, citation_id)
    if citation.deleted_at is not None:
        raise NotVisible
    authorize(rules.can_change_citation, citation)
    form = EditCitationForm(obj=citation)
    if not form.validate_on_submit():
        return _edit_page(form, citation), 422 if form.is_submitted() else 200
    slug = citation.writeup.slug
    try:
        values = {"title": form.title.data or "", "kind": form.kind.data}
        operations.edit_citation(session, citation, values, version=form.version.data, actor=person)
        session.commit()
    except (Conflict, StaleDataError):
        return _stale(session, form, citation_id)
    flash("Saved.", "success")
    return redirect(url_for("citations.used", slug=slug), 303)


@blueprint.post("/citations/<int:citation_id>/delete")
@access.signed_in
def delete(citation_id: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    citation = citation_to_change(session, person, citation_id)
    authorize(rules.can_change_citation, citation)
    operations.delete_citation(session, citation, actor=person)
    session.commit()
    undo_url = url_for("citations.restore", citation_id=citation_id)
    text = f"{citation.title or short(citation.url)} is not listed any more. What it leads to is untouched."
    flash({"text": text, "undo_url": undo_url, "undo_label": "Undo"}, "success")  # type: ignore[arg-type]
    return redirect(url_for("citations.used", slug=citation.writeup.slug), 303)


@blueprint.post("/citations/<int:citation_id>/restore")
@access.signed_in
def restore(citation_id: int) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    citation = citation_to_change(session, person, citation_id)
    authorize(rules.can_change_citation, citation)
    slug = citation.writeup.slug
    try:
        operations.restore_citation(session, citation, actor=person)
        session.commit()
    except Refused as refused:
        session.rollback()
        flash(refused.sentence, "info")
    else:
        flash("It is listed again.", "success")
    return redirect(url_for("citations.used", slug=slug), 303)


def _page(session: Session, writeup: Writeup, form: CitationForm) -> str:
    person, cursor = current_person(), Cursor.from_request()
    key = cursor.parse(id_key)
    rows = citations_of(
        session,
        person,
        writeup.id,
        behind=key[0] if key else None,
        is_backward=cursor.is_backward,
        limit=PAGE_SIZE + 1,
    )
    page = page_of(
        rows,
        cursor=cursor,
        key=lambda citation: (citation.id,),
        found=count_citations(session, person, writeup.id),
        noun="place",
    )
    changeable = {
        each.id for each in page.rows if rules.may_change(person, each.added_by_id, writeup.authors)
    }
    return render_template(
        "readers/used.html",
        writeup=writeup,
        title=published_title(session, writeup),
        page=page,
        form=form,
        changeable=changeable,
        kinds=CITATION_KIND_LABELS,
        short=short,
    )


def _edit_page(form: EditCitationForm, citation: Citation, conflicts: list[Conflicting] | None = None) -> str:
    return render_template(
        "readers/citation.html", form=form, citation=citation, conflicts=conflicts or [], short=short
    )


def _stale(session: Session, form: EditCitationForm, citation_id: int) -> ResponseReturnValue:
    """The form as it was typed, beside what is stored now; one that was deleted meanwhile is not there any more."""
    session.rollback()
    stored = citation_to_change(session, current_person(), citation_id)
    if stored.deleted_at is not None:
        raise NotVisible
    conflicts = conflicting_fields(form, EditCitationForm(formdata=None, obj=stored))
    if not conflicts:
        return redirect(url_for("citations.used", slug=stored.writeup.slug), 303)
    return _edit_page(form, stored, conflicts), 409


def _url(slug: str) -> str:
    """Back to where the form stood: under the entry, or on the page of all places."""
    if request.form.get("from") == "entry":
        return f"/writeups/{slug}#given-back"
    return url_for("citations.used", slug=slug)
