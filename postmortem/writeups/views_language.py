"""Hints about language while somebody writes, and keeping words on purpose. Nothing here holds anything back."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from postmortem.blameless.operations_language import keep_words, unkeep_words
from postmortem.blameless.panel import language_panel
from postmortem.errors import Conflict, Refused
from postmortem.text.clean import clean_source
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.forms import clean_text
from postmortem.web.request import db_session
from postmortem.writeups import queries, rules
from postmortem.writeups.models import Writeup

blueprint = Blueprint("language", __name__)


@blueprint.post("/writeups/language")
@access.requires(rules.can_start)
def look() -> ResponseReturnValue:
    """The hints about the text that was sent, as a part of a page. With `slug`, words kept in it are known."""
    session = db_session()
    slug = request.form.get("slug", "")
    writeup = _writeup(session, slug) if slug else None
    text = request.form.get("text", request.form.get("body", ""))
    # Nothing is written.
    page = render_template("blameless/_hints.html", language=language_panel(session, writeup, text))
    session.rollback()
    return page


@blueprint.get("/writeups/<slug>/language")
@access.requires(rules.can_start)
def show(slug: str) -> ResponseReturnValue:
    """The hints about the saved text, with forms: for whoever has no script, and for reading calmly."""
    session = db_session()
    writeup = _writeup(session, slug)
    return _page(session, writeup)


@blueprint.post("/writeups/<slug>/language/keep")
@access.requires(rules.can_start)
def keep(slug: str) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    writeup = _writeup(session, slug)
    try:
        rule, words, reason = (_sent(name) for name in ("rule", "words", "reason"))
        keep_words(session, writeup, rule, words, reason, actor=person)
        session.commit()
    except Refused as refused:
        session.rollback()
        return _page(session, _writeup(session, slug), problem=refused.sentence), 422
    except Conflict:
        session.rollback()
        flash("Somebody kept these words at the same moment; their reason stands.", "info")
    return redirect(_back(slug), 303)


@blueprint.post("/writeups/<slug>/language/unkeep")
@access.requires(rules.can_start)
def unkeep(slug: str) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    writeup = _writeup(session, slug)
    unkeep_words(session, writeup, _sent("rule"), _sent("words"), actor=person)
    session.commit()
    return redirect(_back(slug), 303)


def _page(session: Session, writeup: Writeup, problem: str = "") -> str:
    language = language_panel(session, writeup, writeup.body, has_forms=True)
    return render_template("blameless/language.html", writeup=writeup, language=language, problem=problem)


def _writeup(session: Session, slug: str) -> Writeup:
    """One whose text this person may change; any other is not there."""
    writeup = queries.visible_writeup(session, current_person(), slug)
    authorize(rules.can_edit, writeup)
    return writeup


def _sent(name: str) -> str:
    return clean_text(clean_source(request.form.get(name, ""))) or ""


def _back(slug: str) -> str:
    """The page on which the form stood: that of the hints, or of the review."""
    if _sent("back") == "review":
        return url_for("reviews.show", slug=slug, _anchor="language")
    return url_for("language.show", slug=slug)
