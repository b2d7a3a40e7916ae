"""Anonymising a person: a page that says where their name stands, and the form that takes it out everywhere."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts import rules
from postmortem.accounts.models import Person
from postmortem.accounts.views_confirmation import confirmed
from postmortem.errors import Refused
from postmortem.leaving import finding, operations_anonymise
from postmortem.leaving.file import LEFT, forget_freed
from postmortem.leaving.forms import AnonymiseForm
from postmortem.leaving.places import TextKind
from postmortem.leaving.views import person_here
from postmortem.leaving.words import EMAIL, Replacer, Term, stand_in
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.request import database, db_session

blueprint = Blueprint("anonymising", __name__, url_prefix="/people")


@blueprint.route("/<int:person_id>/anonymise", methods=["GET", "POST"])
@access.requires(rules.can_manage_people)
@confirmed
def anonymise(person_id: int) -> ResponseReturnValue:
    """Say where the name stands; then take it out. Sent twice, the second finds nobody of that name."""
    session = db_session()
    person = person_here(session, person_id)
    terms = finding.spellings(session, person)
    words = {f"{term.kind}-{place}": term for place, term in enumerate(terms) if term.kind != EMAIL}
    replace = Replacer(person.id, terms)
    form = AnonymiseForm()
    form.offer(((value, _words(term)) for value, term in words.items()), finding.counts(session, replace))
    if form.validate_on_submit():
        try:
            now_called = operations_anonymise.anonymise(
                session,
                person.id,
                typed=form.email.data or "",
                reason=form.reason.data or "",
                kinds=[TextKind(kind) for kind in form.kinds.data],
                also=form.also.data or [],
                leave=[term for value, term in words.items() if value not in form.words.data],
                actor=current_person(),
            )
            session.commit()
        except Refused as refused:
            session.rollback()
            form.refuse(refused.field, refused.sentence)
        except StaleDataError:
            session.rollback()
            form.refuse(None, "Somebody changed one of the texts meanwhile. Look again, then anonymise.")
        else:
            flash(f"This is {now_called} now, everywhere.", "success")
            if not forget_freed(database()):
                flash(LEFT, "info")
            return redirect(url_for("people.show", person_id=person_id), 303)
    return _page(session, person_id, terms, form), 422 if form.is_submitted() else 200


def _page(session: Session, person_id: int, terms: tuple[Term, ...], form: AnonymiseForm) -> str:
    person: Person = person_here(session, person_id)
    return render_template(
        "leaving/anonymise.html",
        person=person,
        form=form,
        emails=[term.text for term in terms if term.kind == EMAIL],
        namesakes=finding.namesakes(session, person, terms),
        stand_ins={kind: stand_in(kind, person.id) for kind in ("name", "email", "handle")},
        in_the_way=_in_the_way(session, person),
    )


def _in_the_way(session: Session, person: Person) -> str:
    try:
        operations_anonymise.check_person(session, person, actor=current_person())
    except Refused as refused:
        return refused.sentence
    return ""


def _words(term: Any) -> str:
    return f"{term.text} ({term.kind})"
