"""The templates of write-ups: for admins to list, order, edit, add, switch off and set back to as shipped."""

from collections.abc import Callable, Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from postmortem.accounts.rules import is_admin
from postmortem.errors import Conflict, NotVisible, Refused
from postmortem.history.queries import NOTHING, record_history
from postmortem.incidents.enums import KIND_LABELS, SEVERITY_LABELS
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.forms import Conflicting, conflicting_fields
from postmortem.web.once import already_done, commit_once
from postmortem.web.paging import earlier_than
from postmortem.web.request import db_session
from postmortem.writeups import operations_templates as operations
from postmortem.writeups.forms_templates import EditTemplateForm, NewTemplateForm, TemplateFields
from postmortem.writeups.operations_templates import MOST_SECTIONS
from postmortem.writeups.queries_templates import stored_templates, templates_of
from postmortem.writeups.templates import SHIPPED, TemplateSet

blueprint = Blueprint("templates", __name__, url_prefix="/settings/templates")
# The version of a set that nobody changed: the one with which it is written down.
AS_SHIPPED = 1
# As many empty sections stand below the last one of a new template.
ROOM = 3


@blueprint.get("")
@access.requires(is_admin)
def index() -> ResponseReturnValue:
    """The sets in the order in which they are offered."""
    rows = [{"set": each, "proposed_for": _proposed_for(each)} for each in templates_of(db_session())]
    return render_template("templates/list.html", rows=rows)


@blueprint.route("/new", methods=["GET", "POST"])
@access.requires(is_admin)
def new() -> ResponseReturnValue:
    session, form = db_session(), NewTemplateForm()
    if "do" in request.form:
        return _rearranged(form, None)
    if form.validate_on_submit():
        if done := already_done(session, form.form_key.data):
            return done
        try:
            row = operations.add_template(session, form.values(), actor=current_person())
        except (Refused, Conflict) as refused:
            session.rollback()
            _refuse(form, refused)
        else:
            flash(f"“{row.name}” is offered from now on.", "success")
            return commit_once(session, form.form_key.data, url_for("templates.index"))
    return _page(form, None, room=ROOM), 422 if form.is_submitted() else 200


@blueprint.route("/<key>/edit", methods=["GET", "POST"])
@access.requires(is_admin)
def edit(key: str) -> ResponseReturnValue:
    session = db_session()
    template = _template(session, key)
    form = _form(session, template)
    if "do" in request.form:
        return _rearranged(form, template)
    if not form.validate_on_submit():
        return _page(form, template), 422 if form.is_submitted() else 200
    try:
        version = form.version.data or AS_SHIPPED
        operations.save_template(session, key, form.values(), version=version, actor=current_person())
        session.commit()
    except Refused as refused:
        session.rollback()
        _refuse(form, refused)
        return _page(form, template), 422
    except (Conflict, StaleDataError):
        session.rollback()
        session.expire_all()
        template = _template(session, key)
        stored = _form(session, template, formdata=None)
        if form.differs_from(stored):
            return _page(form, template, conflicts=conflicting_fields(form, stored)), 409
        # Sent twice, or somebody wrote the very same: there is nothing to decide.
        return redirect(url_for("templates.index"), 303)
    flash("Saved. Write-ups that were started from it keep their text.", "success")
    return redirect(url_for("templates.index"), 303)


@blueprint.post("/<key>/move")
@access.requires(is_admin)
def move(key: str) -> ResponseReturnValue:
    """One place up or down from where it stood on the page (`at`); from elsewhere, and at the list's end, it stays."""
    up, at = request.form.get("way") != "down", request.form.get("at", "")

    def act(session: Session) -> bool:
        stands = [each.key for each in templates_of(session)].index(key) + 1
        if at not in ("", str(stands)):
            return False
        return operations.move_template(session, key, up=up, actor=current_person())

    return _done(key, act, "")


@blueprint.post("/<key>/off")
@access.requires(is_admin)
def off(key: str) -> ResponseReturnValue:
    return _done(
        key,
        lambda session: operations.switch_template(session, key, is_active=False, actor=current_person()),
        "It is not offered any more. Write-ups that were started from it stay as they are.",
    )


@blueprint.post("/<key>/on")
@access.requires(is_admin)
def on(key: str) -> ResponseReturnValue:
    return _done(
        key,
        lambda session: operations.switch_template(session, key, is_active=True, actor=current_person()),
        "It is offered again.",
    )


@blueprint.post("/<key>/reset")
@access.requires(is_admin)
def reset(key: str) -> ResponseReturnValue:
    """One that is shipped, as it was shipped. Nothing happens where it is already."""
    if key not in {each.key for each in SHIPPED}:
        raise NotVisible
    return _done(
        key,
        lambda session: operations.reset_template(session, key, actor=current_person()),
        "It is as shipped again.",
    )


def _done(key: str, act: Callable[[Session], bool], sentence: str) -> ResponseReturnValue:
    """Do it once and go back to the list; where somebody was quicker, the list shows what they did."""
    session = db_session()
    _template(session, key)
    try:
        is_news = act(session)
        session.commit()
    except Refused as refused:
        session.rollback()
        flash(refused.sentence, "error")
    except (Conflict, StaleDataError):
        session.rollback()
        flash("Somebody else changed the templates at the same moment. Look at them again.", "error")
    else:
        if sentence and is_news:
            flash(sentence, "success")
    return redirect(url_for("templates.index"), 303)


def _template(session: Session, key: str) -> TemplateSet:
    found = next((each for each in templates_of(session) if each.key == key), None)
    if found is None:
        raise NotVisible
    return found


def _form(session: Session, template: TemplateSet, **kwargs: None) -> EditTemplateForm:
    versions = {row.key: row.version for row in stored_templates(session)}
    values = {name: getattr(template, name) for name in ("name", "description")} | {
        "severities": list(template.severities),
        "kinds": list(template.kinds),
        "version": versions.get(template.key, AS_SHIPPED),
    }
    form: EditTemplateForm = EditTemplateForm.filled(values, template.sections, **kwargs)
    return form


def _rearranged(form: TemplateFields, template: TemplateSet | None) -> ResponseReturnValue:
    """The page anew with a section moved, removed or added: nothing is saved."""
    sections = form.sections()
    act, _, number = request.form.get("do", "").partition("-")
    at = int(number) - 1 if number.isascii() and number.isdigit() and len(number) < 4 else -1
    if act == "remove" and 0 <= at < len(sections):
        sections.pop(at)
    elif act in ("up", "down") and 0 <= at < len(sections):
        to = max(at - 1, 0) if act == "up" else at + 1
        sections.insert(to, sections.pop(at))
    form.put(sections)
    return _page(form, template, room=1 if act == "add" else 0, is_unsaved=True)


def _refuse(form: TemplateFields, refused: Refused | Conflict) -> None:
    if isinstance(refused, Refused):
        form.refuse(refused.field, refused.sentence)
    else:
        form.refuse(None, "Somebody else changed the templates at the same moment. Save again.")


def _page(
    form: TemplateFields,
    template: TemplateSet | None,
    *,
    conflicts: Sequence[Conflicting] = (),
    room: int = 0,
    is_unsaved: bool = False,
) -> str:
    session = db_session()
    count = min(len(form.sections()) + room, MOST_SECTIONS)
    number = next((row.id for row in stored_templates(session) if template and row.key == template.key), 0)
    history = (
        record_history(session, "writeup_templates", number, before=earlier_than()) if number else NOTHING
    )
    return render_template(
        "templates/edit.html",
        form=form,
        template=template,
        rows=form.rows(count),
        has_room=count < MOST_SECTIONS,
        conflicts=conflicts,
        is_unsaved=is_unsaved,
        can_reset=_differs_from_shipped(template),
        history=history,
    )


def _differs_from_shipped(template: TemplateSet | None) -> bool:
    shipped = next((each for each in SHIPPED if template and each.key == template.key), None)
    return shipped is not None and template != shipped


def _proposed_for(template: TemplateSet) -> str:
    """`Incident, SEV 1 and SEV 2`, or nothing."""
    kinds = [label for kind, label in KIND_LABELS.items() if kind in template.kinds]
    severities = [label for severity, label in SEVERITY_LABELS.items() if severity in template.severities]
    return ", ".join(" and ".join(part) for part in (kinds, severities) if part)
