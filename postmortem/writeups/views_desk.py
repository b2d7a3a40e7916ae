"""The desk between two saves: what is typed is kept, who else writes is said, what can be named is offered."""

from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from postmortem.errors import Conflict, NotVisible, Refused
from postmortem.text.diff import diff_texts, with_context, words_changed
from postmortem.web import access
from postmortem.web.access import authorize, current_person
from postmortem.web.request import db_session
from postmortem.writeups import operations_desk, queries, queries_desk, rules
from postmortem.writeups.models import Writeup
from postmortem.writeups.models_around import Autosave
from postmortem.writeups.operations_desk import whole_number as number

blueprint = Blueprint("desk", __name__)
TEXTS = {"title": "Title", "tldr": "In short", "body": "Text"}


@blueprint.post("/writeups/<slug>/autosave")
@access.requires(rules.can_start)
def autosave(slug: str) -> ResponseReturnValue:
    """That somebody is here, and what they typed, if they did: kept for them alone, and no revision.

    Answers as JSON who else is here, the newest version, and the token to send with the next text.
    """
    session, person = db_session(), current_person()
    writeup = _writeup(session, slug)
    has_typed = "body" in request.form
    answer: dict[str, Any] = {}
    if has_typed:
        try:
            answer = _keep(session, writeup)
        except Conflict:
            session.rollback()
            return jsonify(_kept_there(session, writeup)), 409
        except Refused as refused:
            session.rollback()
            return jsonify(field=refused.field, sentence=refused.sentence), 422
    operations_desk.note_visit(
        session, writeup, person=person, has_typed=has_typed or request.form.get("has_typed") == "yes"
    )
    others = queries_desk.others_here(session, writeup, person)
    session.commit()
    return jsonify(
        answer
        | {
            "version": writeup.version,
            "others": [{"name": each.name, "seconds": each.seconds} for each in others],
        }
    )


@blueprint.get("/writeups/<slug>/unsaved")
@access.requires(rules.can_start)
def unsaved(slug: str) -> ResponseReturnValue:
    """What one typed and did not save, beside what is saved."""
    session, person = db_session(), current_person()
    writeup = _writeup(session, slug)
    kept = queries_desk.autosave_of(session, writeup.id, person)
    if kept is None:
        raise NotVisible
    return render_template(
        "writeups/unsaved.html", writeup=writeup, kept=kept, changes=_changes(writeup, kept)
    )


@blueprint.post("/writeups/<slug>/unsaved/discard")
@access.requires(rules.can_start)
def discard(slug: str) -> ResponseReturnValue:
    """Throw away what one typed and did not save."""
    session, person = db_session(), current_person()
    writeup = _writeup(session, slug)
    operations_desk.drop_autosave(session, writeup, person=person)
    session.commit()
    flash("Thrown away. This is the saved text.", "success")
    return redirect(url_for("writeups.edit", slug=slug), 303)


@blueprint.get("/writeups/<slug>/lookup")
@access.requires(rules.can_start)
def lookup(slug: str) -> ResponseReturnValue:
    """People, incidents and actions that begin as typed: `[{"insert", "label"}]`."""
    session, person = db_session(), current_person()
    _writeup(session, slug)
    found = queries_desk.lookup(session, person, request.args.get("q", ""))
    return jsonify([{"insert": each.insert, "label": each.label} for each in found])


def _writeup(session: Session, slug: str) -> Writeup:
    writeup = queries.visible_writeup(session, current_person(), slug)
    authorize(rules.can_edit, writeup)
    return writeup


def _keep(session: Session, writeup: Writeup) -> dict[str, Any]:
    kept = operations_desk.keep_autosave(
        session,
        writeup,
        {name: request.form.get(name, "") for name in TEXTS},
        base=(number(request.form.get("version")), number(request.form.get("revision"))),
        replaces=request.form.get("replaces", ""),
        person=current_person(),
    )
    return {"token": operations_desk.token_of(kept) if kept else "", "is_kept": kept is not None}


def _kept_there(session: Session, writeup: Writeup) -> dict[str, Any]:
    """What is kept instead: it may be what this very page sent, and never heard that it arrived."""
    kept = queries_desk.autosave_of(session, writeup.id, current_person())
    if kept is None:
        return {"token": ""}
    return {"token": operations_desk.token_of(kept), "texts": {name: getattr(kept, name) for name in TEXTS}}


def _changes(writeup: Writeup, kept: Autosave) -> list[dict[str, Any]]:
    changes = []
    for name, label in TEXTS.items():
        old, new = getattr(writeup, name), getattr(kept, name)
        if old.rstrip() != new.rstrip():
            hunks = diff_texts(old.rstrip(), new.rstrip())
            added, removed = words_changed(hunks)
            changes.append({"label": label, "hunks": with_context(hunks), "added": added, "removed": removed})
    return changes
