"""Every list of the blog has its feeds, Atom and JSON: everything, a tag, a year, a team, a service."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, request
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
ATOM, JSON = "application/atom+xml", "application/feed+json"


@blueprint.get("/writeups/feed.atom")
@blueprint.get("/writeups/feed.json")
@access.reading
def everything() -> ResponseReturnValue:
    return _feed(NAME, "/writeups", "/", EVERYTHING)


@blueprint.get("/tags/<tag>/feed.atom")
@blueprint.get("/tags/<tag>/feed.json")
@access.reading
def tag(tag: str) -> ResponseReturnValue:
    tag_id, found = queries.tag_in_use(db_session(), current_person(), tag)
    return _feed(f"{NAME}: {found.name}", found.url, found.url, Listing(Scope.TAG, tag_id))


@blueprint.get("/archive/<int:year>/feed.atom")
@blueprint.get("/archive/<int:year>/feed.json")
@access.reading
def archive(year: int) -> ResponseReturnValue:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NotVisible
    page = f"/archive/{year}"
    return _feed(f"{NAME}: {year}", page, page, Listing(Scope.YEAR, year), may_be_empty=False)


@blueprint.get("/teams/<slug>/feed.atom")
@blueprint.get("/teams/<slug>/feed.json")
@access.reading
def team(slug: str) -> ResponseReturnValue:
    return _feed_of(team_by_slug, slug, "teams", Scope.TEAM)


@blueprint.get("/services/<slug>/feed.atom")
@blueprint.get("/services/<slug>/feed.json")
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
        page,
        page,
        Listing(scope, subject.id),
        may_be_empty=current_person() is not None,
    )


def _feed(
    title: str, folder: str, page_path: str, listing: Listing, *, may_be_empty: bool = True
) -> ResponseReturnValue:
    """The feed of a list in the form that the address asks for; both hold the same, for the same readers."""
    session, person = db_session(), current_person()
    rows = feed_rows(session, person, listing, limit=SIZE)
    if not rows and not may_be_empty:
        raise NotVisible
    topics = topics_of(session, person, [row.id for row in rows])
    tags = {row.id: [name for name, _ in topics[row.id][0]] for row in rows}
    is_json = request.path.endswith(".json")
    path, mimetype = f"{folder}/feed.{'json' if is_json else 'atom'}", JSON if is_json else ATOM

    def make() -> Response:
        # Imported when the first feed is made: the XML library would slow down every start.
        from postmortem.writeups.feeds import Feed, atom
        from postmortem.writeups.json_feed import json_feed

        entries = [_entry(row, tags[row.id]) for row in rows]
        feed = Feed(title, SUBTITLE, path, page_path, entries)
        document = (json_feed if is_json else atom)(feed, current_app.config["BASE_URL"])
        return Response(document, content_type=f"{mimetype}; charset=utf-8")

    shown = tuple((row.feed_id, row.number, row.rendered_with, row.slug, *tags[row.id]) for row in rows)
    return fresh(person, (title, path, shown), make, mimetype=mimetype)


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
