"""The history of everything, for admins: narrowed, page by page, and as a file."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from postmortem.accounts import rules
from postmortem.accounts.queries import person_by_email
from postmortem.errors import Refused
from postmortem.history.export import csv_lines, json_lines
from postmortem.history.forms import HistoryFilterForm
from postmortem.history.listing import Wanted, entry_rows, found_count, verbs_in_use
from postmortem.history.queries import shown_entries
from postmortem.web import access
from postmortem.web.filters import reader_zone
from postmortem.web.paging import COUNT_CAP, PAGE_SIZE, Cursor, id_key, moment_key, page_of
from postmortem.web.request import database, db_session

blueprint = Blueprint("history", __name__, url_prefix="/settings")
LINES_AT_ONCE = 500
Lines = Callable[..., Iterator[str]]


@blueprint.get("/history")
@access.requires(rules.is_admin)
def index() -> ResponseReturnValue:
    """The list. An address that asks for what cannot be gets the list's frame with a sentence (422)."""
    session = db_session()
    form, wanted = _asked(session)
    page = None
    if wanted:
        cursor = Cursor.from_request()
        key = cursor.parse(moment_key, id_key)
        rows = entry_rows(session, wanted, key=key, is_backward=cursor.is_backward, limit=PAGE_SIZE + 1)
        page = page_of(
            rows,
            cursor=cursor,
            key=lambda row: (row.at, row.id),
            found=found_count(session, wanted, cap=COUNT_CAP),
            noun="entry",
            plural="entries",
        )
    filters = [(field.name, field) for field in form if field.data]
    return render_template(
        "history/list.html",
        form=form,
        page=page,
        entries=shown_entries(page.rows, link=True) if page else [],
        filters=[
            {"label": _said(field), "remove_url": _address("history.index", but=name)}
            for name, field in filters
        ],
        csv_url=_address("history.as_csv"),
        json_url=_address("history.as_json"),
    ), 200 if page else 422


@blueprint.get("/history.csv")
@access.requires(rules.is_admin)
def as_csv() -> ResponseReturnValue:
    return _file(csv_lines, "text/csv; charset=utf-8", "history.csv")


@blueprint.get("/history.jsonl")
@access.requires(rules.is_admin)
def as_json() -> ResponseReturnValue:
    return _file(json_lines, "application/jsonl", "history.jsonl")


def _asked(session: Session) -> tuple[HistoryFilterForm, Wanted | None]:
    """The filters of the address, and the question that they are; None where they cannot be one."""
    form = HistoryFilterForm(request.args)
    form.offer(verbs_in_use(session))
    is_valid, person_id = form.validate(), None
    if form.person.data and not form.is_system:
        person = person_by_email(session, form.person.data)
        if person is None:
            form.refuse("person", f"Nobody here has the address {form.person.data}.")
            is_valid = False
        else:
            person_id = person.id
    return form, form.wanted(reader_zone(), person_id=person_id) if is_valid else None


def _file(lines: Lines, content_type: str, name: str) -> Response:
    """What the same filters find, oldest first, sent while it is read. Raises Refused for what cannot be asked."""
    _, wanted = _asked(db_session())
    if wanted is None:
        raise Refused(
            "This address asks for something that history cannot be narrowed to. Start from its page."
        )
    opened = database()

    def sent() -> Iterator[str]:
        # The request's own session is closed before the last line is sent.
        with opened.session(writes=False) as session:
            waiting = lines(session, *wanted.conditions)
            while some := "".join(islice(waiting, LINES_AT_ONCE)):
                yield some

    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(sent(), content_type=content_type, headers=headers)


def _address(endpoint: str, *, but: str = "") -> str:
    """An address with the filters of this one, `but` one; a cursor belongs to one list alone."""
    left = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if value and name not in (but, "after", "before")
    ]
    return url_for(endpoint) + (f"?{urlencode(left)}" if left else "")


def _said(field: Any) -> str:
    chosen = [str(choice.label) for choice in getattr(field, "choices", []) if choice.value == field.data]
    label = str(field.label.text).partition(":")[0]
    return f"{label}: {chosen[0] if chosen else field.data}"
