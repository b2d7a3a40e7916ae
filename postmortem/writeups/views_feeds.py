"""Every list of the blog has its Atom feed: everything, a tag, a year, a team, a service."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue

from postmortem.accounts.queries import service_by_slug, team_by_slug
from postmortem.errors import NotVisible
from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.request import db_session
from postmortem.writeups import queries
from postmortem.writeups.entries import (
    EVERYTHING,
    FIRST_YEAR,
    LAST_YEAR,
    Listing,
    Scope,
    feed_rows,
    topics_of,
)
from postmortem.writeups.freshness import fresh

if TYPE_CHECKING:
    from postmortem.writeups.feeds import FeedEntry

blueprint = Blueprint("feeds", __name__)
NAME = "Failing Forward"
SUBTITLE = "What failed, and what was learnt from it."
SIZE = 50


@blueprint.get("/writeups/feed.atom")
@access.reading
def everything() -> ResponseReturnValue:
    return _feed(NAME, "/writeups/feed.atom", "/", EVERYTHING)


@blueprint.get("/tags/<tag>/feed.atom")
@access.reading
def tag(tag: str) -> ResponseReturnValue:
    tag_id, found = queries.tag_in_use(db_session(), current_person(), tag)
    return _feed(f"{NAME}: {found.name}", f"{found.url}/feed.atom", found.url, Listing(Scope.TAG, tag_id))


@blueprint.get("/archive/<int:year>/feed.atom")
@access.reading
def archive(year: int) -> ResponseReturnValue:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotVisible
    page = f"/archive/{year}"
    return _feed(f"{NAME}: {year}", f"{page}/feed.atom", page, Listing(Scope.YEAR, year), may_be_empty=False)


@blueprint.get("/teams/<slug>/feed.atom")
@access.reading
def team(slug: str) -> ResponseReturnValue:
    return _feed_of(team_by_slug, slug, "teams", Scope.TEAM)


@blueprint.get("/services/<slug>/feed.atom")
@access.reading
def service(slug: str) -> ResponseReturnValue:
    return _feed_of(service_by_slug, slug, "services", Scope.SERVICE)


def _feed_of(find: Callable[..., Any], slug: str, folder: str, scope: Scope) -> ResponseReturnValue:
    """A team's or service's feed. Its mere name is not for who is not signed in: an empty one is not there."""
    subject = find(db_session(), slug)
    if subject is None:
        raise NotVisible
    page = f"/{folder}/{slug}"
    return _feed(
        f"{NAME}: {subject.name}",
        f"{page}/feed.atom",
        page,
        Listing(scope, subject.id),
        may_be_empty=current_person() is not None,
    )


def _feed(
    title: str, path: str, page_path: str, listing: Listing, *, may_be_empty: bool = True
) -> ResponseReturnValue:
    session, person = db_session(), current_person()
    rows = feed_rows(session, person, listing, limit=SIZE)
    if not rows and not may_be_empty:
        raise NotVisible
    topics = topics_of(session, person, [row.id for row in rows])
    tags = {row.id: [name for name, _ in topics[row.id][0]] for row in rows}

    def make() -> Response:
        # Imported when the first feed is made: the XML library would slow down every start.
        from postmortem.writeups.feeds import Feed, atom

        entries = [_entry(row, tags[row.id]) for row in rows]
        document = atom(Feed(title, SUBTITLE, path, page_path, entries), current_app.config["BASE_URL"])
        return Response(document, content_type="application/atom+xml; charset=utf-8")

    shown = tuple((row.feed_id, row.number, row.rendered_with, row.slug, *tags[row.id]) for row in rows)
    return fresh(person, (title, path, shown), make)


def _entry(row: Any, tags: list[str]) -> "FeedEntry":
    from postmortem.writeups.feeds import FeedEntry

    return FeedEntry(
        feed_id=row.feed_id,
        path=f"/writeups/{row.slug}",
        title=row.title,
        summary=row.tldr,
        html=row.body_html,
        author=row.author_line or row.source_name,
        published_at=row.published_at,
        updated_at=row.updated_at,
        categories=tags,
    )
