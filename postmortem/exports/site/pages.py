"""The pages of the site, from the parts of which the blog makes its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from flask import render_template
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.exports.site.queries import Subject
from postmortem.text.reading import html_text
from postmortem.web.paging import Page, found_text
from postmortem.writeups.authors import linked_line
from postmortem.writeups.entries import Entry, Scope
from postmortem.writeups.pages import PublishedPage, text_of
from postmortem.writeups.queries_months import chosen_entries, entry_of_this_month, this_month
from postmortem.writeups.reading import Reading, reading_of

PER_PAGE = 13
LEADS = {
    Scope.TAG: "Everything with this tag.",
    Scope.TEAM: "Everything this team took part in.",
    Scope.SERVICE: "Everything about this service.",
    Scope.AUTHOR: "Everything written under this name.",
    Scope.YEAR: "Published in that year.",
}


@dataclass(frozen=True)
class Made:
    """A page before its links lead to files: its address in the program, its file, its HTML."""

    address: str
    file: str
    html: str


@dataclass(frozen=True)
class Site:
    """What every page knows. `entries` are all of them, newest first; `base_url` where the site will stand."""

    session: Session
    reader: Person | None
    base_url: str
    entries: Sequence[Entry]
    subjects: Sequence[Subject]

    @property
    def is_internal(self) -> bool:
        return self.reader is not None

    def subjects_of(self, scope: Scope) -> list[Subject]:
        return [each for each in self.subjects if each.scope == scope]

    @cached_property
    def services(self) -> dict[str, str]:
        """The addresses of services by name. Of two with the same name neither: a name says not which is meant."""
        found: dict[str, str] = {}
        for each in self.subjects_of(Scope.SERVICE):
            found[each.name] = "" if each.name in found else each.address
        return found


def page_file(stem: str, number: int) -> str:
    """The file of a page of a list: `index.html`, `page-2.html`; `tags/cache.html`, `tags/cache/page-2.html`."""
    folder = "" if stem == "index" else f"{stem}/"
    return f"{stem}.html" if number == 1 else f"{folder}page-{number}.html"


def page_address(address: str, number: int) -> str:
    """The address that stands for such a page while it is made."""
    return address if number == 1 else f"{address}?page={number}"


def front_pages(site: Site) -> list[Made]:
    """The front page and those behind it."""
    pinned = entry_of_this_month(site.session, site.reader)
    kept = [entry for entry in site.entries if not (pinned and entry.id == pinned.entry.id)]
    if pinned:
        pinned = replace(pinned, entry=shown(site, pinned.entry))
    made = []
    for number, page in _pages(site, kept, "/", found=len(site.entries)):
        html = _page(
            "front_page", site, page_file("index", number),
            page=page, pinned=pinned if number == 1 else None, number=number,
            years=[(each.name, len(each.places), each.address) for each in site.subjects_of(Scope.YEAR)],
        )  # fmt: skip
        made.append(Made(page_address("/", number), page_file("index", number), html))
    return made


def list_pages(site: Site, subject: Subject) -> list[Made]:
    """The pages of a tag, team, service, author or year."""
    entries = [site.entries[place] for place in subject.places]
    made = []
    for number, page in _pages(site, entries, subject.address):
        file = page_file(subject.stem, number)
        lead = LEADS[subject.scope]
        if subject.is_role:
            lead = "Everything that somebody in this role wrote."
        html = _page("list", site, file, page=page, subject=subject, number=number, lead=lead)
        made.append(Made(page_address(subject.address, number), file, html))
    return made


def entry_page(site: Site, page: PublishedPage) -> tuple[Made, Reading]:
    """The page of an entry, and what it is made of for the search."""
    row, text = page.row, text_of(site.session, page.row.publication_id)
    entry = SimpleNamespace(
        title=row.title,
        tldr=row.tldr,
        author_line=row.author_line,
        credits=linked_line(row.author_line),
        published_at=row.published_at,
        reading_minutes=row.reading_minutes,
        is_imported=bool(row.source_name),
        tags=page.tags,
        services=[(name, site.services.get(name, "")) for name, _ in page.services],
        severity=None,
    )
    # No states of actions: what is live is for the program's own pages.
    reading = reading_of(
        text.body_html, text.headings, text.frozen, action_states={}, zone=UTC, at=row.updated_at
    )
    file = f"writeups/{row.slug}.html"
    html = _page("entry", site, file, entry=entry, reading=reading, page=page, row=row)
    return Made(f"/writeups/{row.slug}", file, html), reading


def words_of(reading: Reading) -> list[str]:
    """The texts of an entry's page below its head, for the search."""
    parts = [reading.body_html, *(event.html for event in reading.events)]
    parts += [factor["html"] for factor in reading.factors]
    return [*map(html_text, parts), *(action.title for action in reading.actions)]


def other_pages(site: Site) -> list[Made]:
    """The ways to browse, the entries of the months, all titles on one page, the search."""
    chosen = [
        replace(each, entry=shown(site, each.entry))
        for each in chosen_entries(site.session, site.reader)
        if each.month <= this_month()
    ]
    kinds = {scope.value: site.subjects_of(scope) for scope in LEADS}
    years = [(each, [site.entries[place] for place in each.places]) for each in site.subjects_of(Scope.YEAR)]
    return [
        Made("/browse", "browse.html", _page("browse", site, "browse.html", kinds=kinds)),
        Made(
            "/entries-of-the-month", "entries-of-the-month.html",
            _page("months", site, "entries-of-the-month.html", chosen=chosen),
        ),
        Made("/everything", "everything.html", _page("everything", site, "everything.html", years=years)),
        Made("/search", "search.html", _page("search", site, "search.html")),
    ]  # fmt: skip


def missing_page(site: Site) -> Made:
    """What a file server shows for an address where nothing is."""
    return Made("/404", "404.html", _page("missing", site, "404.html"))


def shown(site: Site, entry: Entry) -> Entry:
    """An entry as a list of the site shows it: services linked, nothing that is live."""
    linked = [(name, site.services.get(name, "")) for name, _ in entry.services]
    return replace(entry, services=linked, severity=None)


def _pages(
    site: Site, entries: Sequence[Entry], address: str, *, found: int | None = None
) -> list[tuple[int, Page[Entry]]]:
    count = len(entries) if found is None else found
    last = max(1, -(-len(entries) // PER_PAGE))
    pages = []
    for number in range(1, last + 1):
        rows = entries[(number - 1) * PER_PAGE : number * PER_PAGE]
        page = Page(
            rows=[shown(site, entry) for entry in rows],
            previous_url=page_address(address, number - 1) if number > 1 else None,
            next_url=page_address(address, number + 1) if number < last else None,
            found=count,
            found_text=found_text(count, "write-up"),
        )
        pages.append((number, page))
    return pages


def _page(template: str, site: Site, file: str, **context: Any) -> str:
    own_address = f"{site.base_url}/{'' if file == 'index.html' else file}"
    return render_template(
        f"exports/site/{template}.html", site=site, own_address=own_address, file=file, **context
    )
