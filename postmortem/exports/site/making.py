"""Making the site: reading one state of the blog, and writing its files."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.db import Database
from postmortem.errors import Refused
from postmortem.exports.site import pages
from postmortem.exports.site.addresses import Addresses
from postmortem.exports.site.destination import new_site
from postmortem.exports.site.feeds import feed_files, feeds
from postmortem.exports.site.pages import Made, Site
from postmortem.exports.site.pictures import Pictures
from postmortem.exports.site.queries import (
    every_entry,
    one_state,
    published_for,
    somebody_who_works_here,
    subjects,
)
from postmortem.exports.site.search_index import Found, SearchIndex
from postmortem.text.reading import shortened
from postmortem.web.filters import date_long
from postmortem.writeups.as_markdown import as_markdown
from postmortem.writeups.entries import Entry
from postmortem.writeups.pages import published_page

# How far some work is: in words, done, and of how many.
Show = Callable[[str, int, int], None]
SUMMARY_LIMIT = 240


@dataclass(frozen=True)
class Exported:
    """What was written; `internal` of the write-ups are for people who work here only, `left_out` are not in it."""

    writeups: int
    internal: int
    left_out: int
    pages: int
    pictures: int


def export_site(
    database: Database,
    destination: Path,
    *,
    data_dir: Path,
    base_url: str,
    own_hosts: frozenset[str],
    include_internal: bool,
    show: Show,
) -> Exported:
    """Write the published blog to a folder that is new, empty or a former site. Needs the application's context.

    What there is to read is what a reader who is not signed in may read, with `include_internal` what anybody who
    works here may. The same rows make the same bytes. Raises Refused where the folder is not ours to replace and where
    anything goes wrong; then what was there before is as it was.
    """
    base_url = checked_base_url(base_url)
    try:
        with new_site(destination) as folder, one_state(database) as session:
            reader = somebody_who_works_here() if include_internal else None
            return _Export(session, reader, folder, data_dir, base_url, own_hosts, show).write()
    except DBAPIError as error:
        raise Refused(
            f"The database could not be read: {error.orig}. What was there before is as it was."
        ) from error


def checked_base_url(text: str) -> str:
    """Where the site will stand, without a slash at its end. Raises Refused."""
    try:
        parts = urlsplit(text)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good or parts.query or parts.fragment or parts.username or not text.isascii() or " " in text:
        raise Refused("--base-url must look like https://example.com/blog, without a question mark or hash.")
    return text.rstrip("/")


class _Export:
    """One export."""

    def __init__(
        self,
        session: Session,
        reader: Person | None,
        folder: Path,
        data_dir: Path,
        base_url: str,
        own_hosts: frozenset[str],
        show: Show,
    ) -> None:
        self.folder, self.show = folder, show
        entries = every_entry(session, reader)
        self.site = Site(session, reader, base_url, entries, subjects(session, reader, entries))
        self.pictures = Pictures(session, reader, data_dir, folder)
        self.addresses = Addresses(self.pictures.file_of, own_hosts)
        self.search = SearchIndex()
        self.done = self.pages = 0
        self.total = len(entries) + len(self.site.subjects) * 2 + 1

    def write(self) -> Exported:
        self._list_addresses()
        for entry in self.site.entries:
            self._entry(entry)
            self._step()
        for subject in self.site.subjects:
            self._pages(pages.list_pages(self.site, subject))
            self._step()
        self._pages(chain(pages.front_pages(self.site), pages.other_pages(self.site)))
        self._missing()
        for number, (file, document) in enumerate(feeds(self.site, self.addresses, _name())):
            self._put(file, document)
            self._step(number % 2)
        self._put("search-index.js", self.search.script().encode())
        self._correct()
        self._assets()
        return self._counts()

    def _list_addresses(self) -> None:
        """Every address first: any page may link to any other."""
        add = self.addresses.add
        for entry in self.site.entries:
            add(entry.url, f"{entry.url[1:]}.html")
            add(f"{entry.url}/markdown", f"{entry.url[1:]}.md")
        places: list[tuple[str, str, int]] = [("/", "index", len(self.site.entries))]
        places += [(each.address, each.stem, len(each.places)) for each in self.site.subjects]
        for address, stem, count in places:
            for number in range(1, max(1, -(-count // pages.PER_PAGE)) + 1):
                add(pages.page_address(address, number), pages.page_file(stem, number))
        for each in self.site.subjects:
            for kind, file in feed_files(each.stem).items():
                add(f"{each.address}/feed.{kind}", file)
        for kind, file in feed_files("writeups").items():
            add(f"/writeups/feed.{kind}", file)
        for name in ("browse", "entries-of-the-month", "everything", "search"):
            add(f"/{name}", f"{name}.html")
        add("/search-index.js", "search-index.js")
        add("/writeups/", "index.html")
        for kind in ("tags", "authors", "teams", "services"):
            add(f"/{kind}/", f"browse.html#{kind}")

    def _entry(self, entry: Entry) -> None:
        page = published_page(self.site.session, self.site.reader, entry.slug)
        assert page is not None, "the same state of the database listed it"  # noqa: S101
        made, reading = pages.entry_page(self.site, page)
        self._pages([made])
        text = as_markdown(
            self.site.session, page, self.site.base_url, address=f"{self.site.base_url}/{made.file}"
        )
        text = self.addresses.markdown(text, self.site.base_url)
        self._put(f"{entry.url[1:]}.md", text.encode("utf-8", "replace"))
        found = Found(
            title=entry.title,
            file=made.file,
            summary=shortened(entry.tldr, SUMMARY_LIMIT),
            line=[entry.author_line, date_long(entry.published_at), f"{entry.reading_minutes} min read"],
            tags=[name for name, _ in (*page.services, *page.tags)],
            headings=" ".join(heading.text for heading in reading.contents),
        )
        self.search.add(found, [entry.tldr, entry.author_line, *pages.words_of(reading)])

    def _pages(self, made: "Sequence[Made] | chain[Made]") -> None:
        for page in made:
            html = self.addresses.page(page.html, address=page.address, file=page.file)
            self._put(page.file, html.encode("utf-8", "replace"))
            self.pages += 1

    def _missing(self) -> None:
        """Shown at any depth, so its links are from the root of the server."""
        made = pages.missing_page(self.site)
        root = f"{urlsplit(self.site.base_url).path}/"
        html = self.addresses.page(made.html, address=made.address, file=made.file, root=root)
        self._put(made.file, html.encode())
        self.pages += 1

    def _correct(self) -> None:
        """A link to a place in another page that is not there leads to that page."""
        for file, pairs in self.addresses.corrections().items():
            path = self.folder / file
            html = path.read_text(encoding="utf-8")
            for wrong, right in pairs:
                html = html.replace(wrong, right)
            path.write_text(html, encoding="utf-8")

    def _assets(self) -> None:
        """The static files that pages load, and the fonts with their licences."""
        source = Path(str(current_app.static_folder))
        for name in sorted(self.addresses.assets):
            self._put(f"static/{name}", (source / name).read_bytes())
        shutil.copytree(source / "vendor", self.folder / "static" / "vendor")

    def _put(self, file: str, content: bytes) -> None:
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def _step(self, by: int = 1) -> None:
        self.done += by
        self.show("Writing", self.done, self.total)

    def _counts(self) -> Exported:
        session, is_internal = self.site.session, self.site.is_internal
        every = len(self.site.entries)
        others = published_for(session, None if is_internal else somebody_who_works_here())
        return Exported(
            writeups=every,
            internal=every - others if is_internal else 0,
            left_out=0 if is_internal else others - every,
            pages=self.pages,
            pictures=self.pictures.count,
        )


def _name() -> str:
    return str(current_app.jinja_env.globals["blog_name"])
