"""The feeds of the site: the blog's, with the same ids, and addresses of files."""

from collections.abc import Iterator, Sequence
from typing import Any

from postmortem.exports.site.addresses import Addresses
from postmortem.exports.site.pages import Site
from postmortem.writeups.entries import EVERYTHING, Listing, Scope, feed_rows
from postmortem.writeups.feeds import Feed, FeedEntry, atom
from postmortem.writeups.json_feed import json_feed

SUBTITLE = "What failed, and what was learnt from it."
# The feed of everything is as long as the blog's. There may be hundreds of tags, each feed with whole texts.
OF_EVERYTHING, OF_A_SUBJECT = 50, 15
MAKERS = {"atom": atom, "json": json_feed}


def feed_files(folder: str) -> dict[str, str]:
    """The files of the two feeds in a folder, by kind."""
    return {kind: f"{folder}/feed.{kind}" for kind in MAKERS}


def feeds(site: Site, addresses: Addresses, name: str) -> Iterator[tuple[str, bytes]]:
    """Every feed, by its file."""
    tags = _tags(site)
    yield from _pair(site, addresses, tags, EVERYTHING, name, "writeups", "", OF_EVERYTHING)
    for each in site.subjects:
        title = f"{name}: {each.name}"
        page = f"{each.stem}.html"
        yield from _pair(site, addresses, tags, each.listing, title, each.stem, page, OF_A_SUBJECT)


def _pair(
    site: Site,
    addresses: Addresses,
    tags: dict[int, list[str]],
    listing: Listing,
    title: str,
    folder: str,
    page: str,
    size: int,
) -> Iterator[tuple[str, bytes]]:
    rows = feed_rows(site.session, site.reader, listing, limit=size)
    entries = _entries(rows, addresses, tags)
    for kind, file in feed_files(folder).items():
        feed = Feed(title, SUBTITLE, f"/{file}", f"/{page}", entries)
        yield file, MAKERS[kind](feed, site.base_url)


def _entries(rows: Sequence[Any], addresses: Addresses, tags: dict[int, list[str]]) -> list[FeedEntry]:
    return [
        FeedEntry(
            feed_id=row.feed_id,
            path=f"/writeups/{row.slug}.html",
            title=row.title,
            summary=row.tldr,
            html=addresses.part(row.body_html, address=f"/writeups/{row.slug}"),
            author=row.author_line or row.source_name,
            published_at=row.published_at,
            updated_at=row.updated_at,
            categories=tags.get(row.id, []),
        )
        for row in rows
    ]


def _tags(site: Site) -> dict[int, list[str]]:
    """The tags of each entry by its id; a list shows only some of them."""
    found: dict[int, list[str]] = {}
    for each in site.subjects_of(Scope.TAG):
        for place in each.places:
            found.setdefault(site.entries[place].id, []).append(each.name)
    return found
