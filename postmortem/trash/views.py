"""The trash, for admins: everything that was deleted, and the way back."""

from types import SimpleNamespace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from postmortem.accounts.rules import is_admin
from postmortem.errors import NotVisible, Refused
from postmortem.trash import operations, queries
from postmortem.trash.enums import KIND_LABELS, Kind, kind_of
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.paging import PAGE_SIZE, Cursor, id_key, moment_key, page_of
from postmortem.web.request import db_session

blueprint = Blueprint("trash", __name__, url_prefix="/settings/trash")


@blueprint.get("")
@access.requires(is_admin)
def index() -> ResponseReturnValue:
    """The list, last deleted first; `?kind=` narrows it."""
    session = db_session()
    asked = request.args.get("kind", "")
    if asked and asked not in set(Kind):
        raise Refused("There is no such kind of thing in the trash. Choose one on its page.")
    kind = Kind(asked) if asked else None
    cursor = Cursor.from_request()
    key: Any = cursor.parse(moment_key, _kind_key, id_key)
    rows = queries.trashed(session, kind, key=key, is_backward=cursor.is_backward, limit=PAGE_SIZE + 1)
    page = page_of(
        rows,
        cursor=cursor,
        key=lambda row: (row.deleted_at, row.kind.value, row.id),
        found=queries.count_trashed(session, kind),
        noun="deleted thing",
    )
    return render_template("trash/list.html", page=page, tabs=_tabs(kind), kind=kind)


@blueprint.post("/<kind>/<int:id_>/restore")
@access.requires(is_admin)
def restore(kind: str, id_: int) -> ResponseReturnValue:
    """Bring it back; sent twice, the second finds it back already."""
    session = db_session()
    known = kind_of(kind)
    label = url = ""
    if found := queries.one_trashed(session, known, id_):
        label, url = found.reference, _where(found)
    try:
        operations.restore(session, known, id_, actor=current_person())
        session.commit()
    except NotVisible:
        session.rollback()
        flash("That is not in the trash any more.", "info")
        return redirect(url_for("trash.index"), 303)
    flash(f"{label} is back.", "success")
    return redirect(url, 303)


def _where(found: queries.Trashed) -> str:
    """Where it stands when it is back."""
    if found.kind is Kind.WRITEUP:
        return f"/writeups/{found.slug}"
    if found.kind is Kind.ACTION:
        return f"/actions/{found.id}"
    if found.kind is Kind.INCIDENT:
        return f"/incidents/{found.id}"
    if found.kind is Kind.IDEA:
        return f"/incidents/{found.incident_id}#ideas"
    return f"/incidents/{found.incident_id}#{found.kind.value}-{found.id}"


def _kind_key(text: str) -> str:
    return Kind(text).value


def _tabs(current: Kind | None) -> list[SimpleNamespace]:
    everything = SimpleNamespace(label="Everything", url=url_for("trash.index"), is_current=current is None)
    return [
        everything,
        *(
            SimpleNamespace(
                label=f"{label}s",
                url=f"{url_for('trash.index')}?kind={kind.value}",
                is_current=kind is current,
            )
            for kind, label in KIND_LABELS.items()
        ),
    ]
