"""The list's page: filters, saved views, groups, and what can be done to many rows at once."""

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.accounts.rules import is_contributor
from postmortem.actions import listing, listing_groups, pictures
from postmortem.actions.forms_list import BulkForm, FilterForm
from postmortem.actions.listing_groups import RowKey, row_key
from postmortem.actions.pictures import Picture
from postmortem.actions.queries_pictures import created_and_closed
from postmortem.actions.queries_questions import asked_again
from postmortem.actions.queries_saved import can_change_view, saved_views
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.forms import shown
from postmortem.web.kept import remembered
from postmortem.web.paging import Cursor, Page, id_key, page_of
from postmortem.web.person_field import PersonField
from postmortem.web.request import db_session

# The questions asked most, as links above the list: label and what they put into the address.
TABS: tuple[tuple[str, dict[str, str]], ...] = (
    ("Everything", {}),
    ("Open", {"status": "open"}),
    ("Yours", {"owner": "me", "status": "open"}),
    ("Your teams’", {"team": "mine", "status": "open"}),
    ("Overdue", {"show": "overdue"}),
    ("Due soon", {"show": "due_soon"}),
    ("Stale", {"show": "stale"}),
    ("Without owner", {"show": "unowned"}),
    ("To be verified", {"show": "unverified"}),
)
CURSOR = ("after", "before")
ARRANGEMENT = ("sort", "group")
PERIOD = ("since", "until")


@access.signed_in
def index() -> ResponseReturnValue:
    """The list. An address that names what is not there gets the list's frame with a sentence (422)."""
    return list_page()


def list_page(bulk: BulkForm | None = None) -> ResponseReturnValue:
    """The list that this address asks for; with the form for the ticked rows as it came, if that was refused."""
    session, person = db_session(), current_person()
    choices = listing.filter_choices(session)
    form = FilterForm(request.args)
    form.offer(choices)
    is_descending = request.args.get("sort") == "-due_on"
    page, counts = None, dict[int, int]()
    if form.validate():
        page, counts = _page(session, person, form, is_descending)
    is_good = page is not None and bulk is None
    if bulk is None:
        bulk = BulkForm()
        bulk.offer(choices["people"])
    return render_template(
        "actions/list.html",
        form=form,
        page=page,
        groups=_headings(page, form.group.data, counts),
        bulk=bulk,
        bulk_query=asked_query(),
        rows=_tick_boxes(page, person, bulk),
        questions=asked_again(session, person, page.rows if page else ()),
        tabs=_tabs(),
        saved=_saved_views(session, person),
        query=as_query(request.args),
        filters=_active_filters(form),
        glance=_glance(session, person) if is_good and not request.args else None,
        is_descending=is_descending,
        sort_url=list_url({**_arguments(), "sort": "due_on" if is_descending else "-due_on"}),
    ), 200 if is_good else 422


def asked_query() -> str:
    """This address behind the `?`, place in the list and all."""
    return urlencode([(name, value) for name, value in request.args.items(multi=True) if value])


def as_query(arguments: Mapping[str, str]) -> str:
    """What of these arguments asks the list something, each once; without the place in it."""
    names = {*(field.name for field in FilterForm(formdata=None)), "sort"}
    return urlencode([(name, value) for name, value in arguments.items() if value and name in names])


def list_url(arguments: Mapping[str, str]) -> str:
    """The list's address with these arguments."""
    # Not through url_for, which would take `_external=` and the like for its own.
    return f"{url_for('actions.index')}?{urlencode(arguments)}" if arguments else url_for("actions.index")


def _glance(session: Session, person: Person) -> Picture | None:
    """The small picture on the list that nothing narrows; None where there is nothing to draw."""
    months = pictures.months_until(clock.today(), pictures.MONTHS_AT_A_GLANCE)
    key = ("actions at a glance", person.id, months[0], months[-1])
    counts = remembered(session, key, lambda: created_and_closed(session, person, months))
    picture = pictures.at_a_glance(months, *counts)
    return picture if picture.plots else None


def _page(
    session: Session, person: Person, form: FilterForm, is_descending: bool
) -> tuple[Page[Any], dict[int, int]]:
    """The rows that are shown, and how many each of their groups has."""
    cursor, wanted, group = Cursor.from_request(), form.wanted(), form.group.data
    turned: dict[str, bool] = {"is_backward": cursor.is_backward, "is_descending": is_descending}
    counts: dict[int, int] = {}
    if not group:
        key = cursor.parse(id_key, id_key)
        rows = listing.find_actions(session, person, wanted, key=(key[0], key[1]) if key else None, **turned)
        found = listing.count_actions(session, person, wanted)
    else:
        key = cursor.parse(str, id_key, id_key, id_key)
        place = RowKey(*key) if key else None
        if group == "incident":
            rows, counts = listing_groups.find_by_incident(session, person, wanted, key=place, **turned)
            found = listing.count_actions(session, person, wanted)
        else:
            grouped = listing_groups.find_by_name(session, person, wanted, group, key=place, **turned)
            rows, counts, found = grouped.rows, grouped.counts, grouped.found
    page = page_of(
        rows,
        cursor=cursor,
        key=lambda row: row_key(row, group) if group else (row.sort_key, row.id),
        found=found,
        noun="action",
    )
    # Also where a refused change shows the list again, the pages beside it are the list's.
    at_list = replace(page, previous_url=_at_list(page.previous_url), next_url=_at_list(page.next_url))
    return at_list, counts


def _at_list(url: str | None) -> str | None:
    return f"{url_for('actions.index')}?{url.partition('?')[2]}" if url else None


def _tick_boxes(page: Page[Any] | None, person: Person, bulk: BulkForm) -> dict[int, tuple[str, bool]]:
    """Value and state of the box of each row that this person may change, by the action's id.

    A row that was ticked keeps the version that its sender saw.
    """
    ticked = {each.number: each.version for each in bulk.row.data or ()}
    return {
        row.id: (f"{row.id}:{ticked.get(row.id, row.version)}", row.id in ticked)
        for row in (page.rows if page else ())
        if is_contributor(person) or row.owner_id == person.id
    }


def _saved_views(session: Session, person: Person) -> list[SimpleNamespace]:
    """The saved views that this person may use, as links to what they find."""
    here = as_query(request.args)
    return [
        SimpleNamespace(
            label=view.name if view.person_id == person.id else f"{view.name} ({view.person_name})",
            url=f"/actions/?{view.query}",
            is_current=view.query == here,
            edit_url=f"/actions/views/{view.id}/edit" if can_change_view(person, view) else None,
            link=f"/actions/views/{view.id}",
        )
        for view in saved_views(session, person)
    ]


def _headings(page: Page[Any] | None, group: str, counts: dict[int, int]) -> dict[int, SimpleNamespace]:
    """The headings between the rows, each by the id of the action that it stands before."""
    headings: dict[int, SimpleNamespace] = {}
    before = None
    for row in page.rows if page and group else ():
        name, group_id, _, _ = row_key(row, group)
        if group_id != before:
            label = {
                "owner": name or "Nobody yet",
                "team": name or "No team",
                "incident": f"INC-{group_id} {row.incident_title}",
            }[group]
            url = f"/incidents/{group_id}" if group == "incident" else None
            headings[row.id] = SimpleNamespace(label=label, count=counts.get(group_id, 0), url=url)
        before = group_id
    return headings


def _arguments() -> dict[str, str]:
    """The address's filters and arrangement, without blank ones and without the place in the list."""
    return {name: value for name, value in request.args.items() if value and name not in CURSOR}


def _tabs() -> list[SimpleNamespace]:
    asked = {name: value for name, value in _arguments().items() if name not in ARRANGEMENT}
    tabs = [
        SimpleNamespace(label=label, url=list_url(arguments), is_current=arguments == asked)
        for label, arguments in TABS
    ]
    beside = (("Left behind", "pile.leavers"), ("Without follow-up", "none_needed.missing"))
    return tabs + [
        SimpleNamespace(label=label, url=url_for(endpoint), is_current=False) for label, endpoint in beside
    ]


def described(form: FilterForm) -> list[str]:
    """What the list is narrowed to, in words."""
    return [each.label for each in _active_filters(form)]


def _active_filters(form: FilterForm) -> list[SimpleNamespace]:
    """What the list is narrowed to, each with the address that takes it away."""
    has_period = bool(form.since.data or form.until.data)
    return [
        SimpleNamespace(
            label=_label(field, form.dates.data),
            remove_url=list_url({name: value for name, value in _arguments().items() if name != field.name}),
        )
        for field in form
        # Which days are meant is said with the days themselves.
        if field.data and not (field.name == "dates" and has_period)
    ]


def _label(field: Any, dates: str) -> str:
    if field.data is True:
        return str(field.label.text)
    word = field.label.text
    if field.name in PERIOD:
        word = f"{listing.DATE_LABELS.get(dates, 'Added')} {word.lower()}"
    return f"{word}: {field.chosen if isinstance(field, PersonField) else shown(field)}"
