"""The reader's pages: the blog's front page, archives, one write-up, its history."""

from dataclasses import replace
from datetime import UTC
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.errors import NotVisible
from postmortem.incidents.enums import Severity, Visibility
from postmortem.readers.queries_given import GivenBack, given_back
from postmortem.reviews.survey import Survey, survey_shown
from postmortem.text.markdown import reading_minutes, render
from postmortem.web import access, zones
from postmortem.web.access import current_person
from postmortem.web.kept import kept_parts
from postmortem.web.paging import Cursor, Page, earlier_than, id_key, moment_key, page_of
from postmortem.web.request import db_session
from postmortem.writeups import queries, rules
from postmortem.writeups.anniversaries import SHOWN as MOST_SHOWN
from postmortem.writeups.anniversaries import Anniversary, anniversaries_of_today
from postmortem.writeups.authors import linked_line
from postmortem.writeups.blocks import expand
from postmortem.writeups.entries import EVERYTHING, FIRST_YEAR, LAST_YEAR, Entry, Listing, Scope
from postmortem.writeups.freshness import fresh
from postmortem.writeups.frozen import frozen_of, name_line
from postmortem.writeups.history_page import history_page
from postmortem.writeups.models import Writeup
from postmortem.writeups.pages import PublishedPage, published_page, text_of
from postmortem.writeups.queries_desk import with_links
from postmortem.writeups.queries_months import Chosen, entry_of_this_month
from postmortem.writeups.queries_withdrawn import tombstone
from postmortem.writeups.reading import reading_of
from postmortem.writeups.references import link
from postmortem.writeups.rules_months import can_choose_entry

blueprint = Blueprint("blog", __name__)
PAGE_SIZE = 13


@blueprint.get("/")
@access.reading
def front_page() -> ResponseReturnValue:
    """The blog. Its writers also find their drafts here."""
    session, person = db_session(), current_person()
    page = entry_page(session, person, EVERYTHING)
    pinned = entry_of_this_month(session, person) if page.previous_url is None else None
    if pinned:
        page = replace(page, rows=[entry for entry in page.rows if entry.id != pinned.entry.id])
    return render_template(
        "writeups/front_page.html",
        page=page,
        pinned=pinned,
        is_first_page=page.previous_url is None,
        anniversaries=_anniversaries(session, person, page, pinned),
        years=queries.years_of(session, person),
        drafts=queries.my_drafts(session, person) if person else [],
        can_start=person is not None and rules.can_start(person),
    )


def _anniversaries(
    session: Session, person: Person | None, page: Page[Entry], pinned: Chosen | None
) -> list[Anniversary]:
    """A few, on the first page alone; what stands large at its top is left out."""
    if page.previous_url is not None:
        return []
    lead = pinned.entry.id if pinned else next((entry.id for entry in page.rows), 0)
    return [each for each in anniversaries_of_today(session, person) if each.id != lead][:MOST_SHOWN]


@blueprint.get("/writeups/")
@access.reading
def index() -> ResponseReturnValue:
    return redirect("/", 303)


@blueprint.get("/archive/<int:year>")
@access.reading
def archive(year: int) -> ResponseReturnValue:
    """What was published in a year; a year without anything for this reader is not there."""
    session, person = db_session(), current_person()
    years = queries.years_of(session, person)
    if year not in dict(years) or not FIRST_YEAR <= year <= LAST_YEAR:
        abort(404)
    return render_template(
        "writeups/archive.html",
        page=entry_page(session, person, Listing(Scope.YEAR, year)),
        year=year,
        years=years,
    )


def entry_page(session: Session, person: Person | None, listing: Listing) -> Page[Entry]:
    """The page of a list of entries that the address asks for."""
    cursor = Cursor.from_request()
    key = cursor.parse(moment_key, id_key)
    entries = queries.list_entries(
        session,
        person,
        listing,
        behind=(key[0], key[1]) if key else None,
        is_backward=cursor.is_backward,
        limit=PAGE_SIZE + 1,
    )
    return page_of(
        entries,
        cursor=cursor,
        key=lambda entry: (entry.published_at.astimezone(UTC), entry.id),
        found=queries.count_entries(session, person, listing),
        noun="write-up",
        size=PAGE_SIZE,
    )


@blueprint.get("/writeups/<slug>")
@access.reading
def show(slug: str) -> ResponseReturnValue:
    """What was published; else the working copy, for those who may see it; else that it was withdrawn."""
    session, person = db_session(), current_person()
    page = published_page(session, person, slug)
    if page is None:
        try:
            return _show_working_copy(session, person, slug)
        except NotVisible:
            if (withdrawn := tombstone(session, person, slug)) is None:
                raise
            return render_template("writeups/withdrawn.html", withdrawn=withdrawn), 410
    given = given_back(session, person, page.row) if person else None
    survey = survey_shown(session, page.row.id) if person else None
    content = (*page.content_key, given, survey)
    return fresh(person, content, lambda: _show_published(session, page, person, given, survey), is_page=True)


def _show_published(
    session: Session,
    page: PublishedPage,
    person: Person | None,
    given: GivenBack | None,
    survey: Survey | None,
) -> str:
    """The page, its parts made once for all readers who see them alike."""
    key = (page.content_key, person is not None, person.timezone if person else "")
    parts = kept_parts(key, "writeups/show.html", lambda: _published(session, page, person))
    can_choose_month = person is not None and can_choose_entry(person)
    return render_template(
        "writeups/kept.html",
        title=page.row.title,
        parts=parts,
        given=given,
        survey=survey,
        can_choose_month=can_choose_month,
    )


def _published(session: Session, page: PublishedPage, person: Person | None) -> dict[str, Any]:
    """What the template of a published write-up needs."""
    row, text = page.row, text_of(session, page.row.publication_id)
    severities = [Severity(severity) for _, severity in page.incidents if severity]
    entry = SimpleNamespace(
        title=row.title,
        tldr=row.tldr,
        author_line=row.author_line,
        credits=linked_line(row.author_line),
        published_at=row.published_at,
        reading_minutes=row.reading_minutes,
        is_imported=bool(row.source_name),
        tags=page.tags,
        services=page.services,
        severity=min(severities, default=None),
    )
    reading = reading_of(
        link(text.body_html, page.linked),
        text.headings,
        text.frozen,
        action_states=page.action_states,
        zone=_zone(person),
        at=row.updated_at,
        numbers=[number for number, _ in page.incidents],
    )
    return {"entry": entry, "reading": reading, "page": page, "row": row, "is_signed_in": person is not None}


def _show_working_copy(session: Session, person: Person | None, slug: str) -> ResponseReturnValue:
    """A draft or a withdrawn text as it would be published now."""
    writeup = queries.visible_writeup(session, person, slug)
    frozen = frozen_of(session, [writeup.id])[writeup.id]
    body_html, headings = _with_blocks(session, writeup, person)
    entry = SimpleNamespace(
        title=writeup.title,
        tldr=writeup.tldr,
        author_line=name_line([author.name for author in writeup.authors]),
        published_at=None,
        reading_minutes=reading_minutes(f"{writeup.tldr}\n\n{writeup.body}"),
        is_imported=writeup.is_imported,
        # No links: a tag that nothing published carries has no page yet.
        tags=[(tag.name, "") for tag in writeup.tags],
        services=[(service.name, f"/services/{service.slug}") for service in writeup.services],
        severity=None,
    )
    return render_template(
        "writeups/working_copy.html",
        entry=entry,
        reading=reading_of(
            with_links(session, person, body_html),
            headings,
            frozen,
            action_states=queries.action_states(session, writeup),
            zone=_zone(person),
            at=writeup.updated_at,
            numbers=[each.id for each in writeup.incidents],
        ),
        writeup=writeup,
        can_edit=person is not None and rules.can_edit(person, writeup),
        is_restricted=any(each.visibility == Visibility.RESTRICTED for each in writeup.incidents),
    )


def _with_blocks(session: Session, writeup: Writeup, person: Person | None) -> tuple[str, list[Any]]:
    """The text with its live blocks as they are now; one without any is rendered already."""
    text = expand(session, writeup, writeup.body, person)
    if text == writeup.body:
        return writeup.body_html, writeup.headings
    rendered = render(text)
    return rendered.html, [[each.level, each.id, each.text] for each in rendered.headings]


def _zone(person: Person | None) -> Any:
    return zones.zone(person.timezone) if person else UTC


@blueprint.get("/writeups/<slug>/history")
@access.reading
def history(slug: str) -> ResponseReturnValue:
    """What was published and why again, and what changed each time; its writers also see every save."""
    page = history_page(
        db_session(),
        current_person(),
        slug,
        text=_number("text"),
        edition=_number("edition"),
        earlier_than=earlier_than(),
    )
    return render_template("writeups/history.html", page=page)


def _number(name: str) -> int | None:
    """A number in the address; anything else there stands for no text that there is."""
    given = request.args.get(name)
    if given is None:
        return None
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0
