"""A feed put together: the rows of its list, what stands for them in an ETag, and the document."""

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from flask import Response
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.errors import NotVisible
from postmortem.writeups.entries import feed_rows, topics_of
from postmortem.writeups.feed_sources import Source

if TYPE_CHECKING:
    from postmortem.writeups.feeds import FeedEntry

SUBTITLE = "What failed, and what was learnt from it."
SIZE = 50
MIMETYPES = {"atom": "application/atom+xml", "json": "application/feed+json"}


@dataclass(frozen=True)
class Rows:
    """The newest entries of a list as one reader sees them, with their tags."""

    source: Source
    rows: list[Any]
    tags: dict[int, list[str]]

    @property
    def content_key(self) -> tuple[object, ...]:
        """Changes with whatever the feed shows."""
        shown = (
            (row.feed_id, row.number, row.rendered_with, row.slug, *self.tags[row.id]) for row in self.rows
        )
        return (self.source.title, tuple(shown))

    def document(self, kind: str, base_url: str, *, is_secret: bool = False) -> Response:
        """The feed of this kind. Behind a secret address it names no address of its own, and its pictures are links."""
        # Imported when the first feed is made: the XML library would slow down every start.
        from postmortem.writeups.feeds import Feed, atom
        from postmortem.writeups.json_feed import json_feed

        entries = [_entry(row, self.tags[row.id], is_secret) for row in self.rows]
        source = self.source
        feed = Feed(
            source.title, SUBTITLE, source.path(kind), source.page, entries, names_itself=not is_secret
        )
        document = (json_feed if kind == "json" else atom)(feed, base_url)
        return Response(document, content_type=f"{MIMETYPES[kind]}; charset=utf-8")


def rows_of(session: Session, person: Person | None, source: Source) -> Rows:
    """What a feed shows to this reader. Raises NotVisible for an empty one that may not be."""
    rows = feed_rows(session, person, source.listing, limit=SIZE)
    if not rows and not source.may_be_empty:
        raise NotVisible
    topics = topics_of(session, person, [row.id for row in rows])
    return Rows(source, rows, {row.id: [name for name, _ in topics[row.id][0]] for row in rows})


def _summary(row: Any) -> str:
    """In short; and why it is in the feed again, for whoever read it before."""
    if not row.reason:
        return str(row.tldr)
    at = row.updated_at.astimezone(UTC)
    return f"{row.tldr}\n\nUpdated {at.day} {at:%B} {at.year}: {row.reason}".strip()


def _entry(row: Any, tags: list[str], is_secret: bool) -> "FeedEntry":
    from postmortem.writeups.feeds import FeedEntry, without_images

    path = f"/writeups/{row.slug}"
    return FeedEntry(
        feed_id=row.feed_id,
        path=path,
        title=row.title,
        summary=_summary(row),
        html=without_images(row.body_html, path) if is_secret else row.body_html,
        author=row.author_line or row.source_name,
        published_at=row.published_at,
        updated_at=row.updated_at,
        categories=tags,
    )
