"""Every list of the blog has its feeds, Atom and JSON: everything, a tag, a year, a team, a service, an author."""

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from postmortem.web import access
from postmortem.web.access import current_person
from postmortem.web.request import db_session
from postmortem.writeups import feed_sources
from postmortem.writeups.feed_making import MIMETYPES, rows_of
from postmortem.writeups.feed_sources import Source
from postmortem.writeups.freshness import fresh

blueprint = Blueprint("feeds", __name__)


@blueprint.get("/writeups/feed.atom")
@blueprint.get("/writeups/feed.json")
@access.reading
def everything() -> ResponseReturnValue:
    return _feed(feed_sources.everything())


@blueprint.get("/tags/<tag>/feed.atom")
@blueprint.get("/tags/<tag>/feed.json")
@access.reading
def tag(tag: str) -> ResponseReturnValue:
    return _feed(feed_sources.of_tag(db_session(), current_person(), tag))


@blueprint.get("/archive/<int:year>/feed.atom")
@blueprint.get("/archive/<int:year>/feed.json")
@access.reading
def archive(year: int) -> ResponseReturnValue:
    return _feed(feed_sources.of_year(db_session(), current_person(), year))


@blueprint.get("/teams/<slug>/feed.atom")
@blueprint.get("/teams/<slug>/feed.json")
@access.reading
def team(slug: str) -> ResponseReturnValue:
    return _feed(feed_sources.of_team(db_session(), current_person(), slug))


@blueprint.get("/services/<slug>/feed.atom")
@blueprint.get("/services/<slug>/feed.json")
@access.reading
def service(slug: str) -> ResponseReturnValue:
    return _feed(feed_sources.of_service(db_session(), current_person(), slug))


@blueprint.get("/authors/<author>/feed.atom")
@blueprint.get("/authors/<author>/feed.json")
@access.reading
def author(author: str) -> ResponseReturnValue:
    return _feed(feed_sources.of_author(db_session(), current_person(), author))


def _feed(source: Source) -> ResponseReturnValue:
    """The feed of a list in the form that the address asks for; both hold the same, for the same readers."""
    person, base_url = current_person(), str(current_app.config["BASE_URL"])
    kind = "json" if request.path.endswith(".json") else "atom"
    found = rows_of(db_session(), person, source)
    key = (source.path(kind), found.content_key)
    return fresh(person, key, lambda: found.document(kind, base_url), mimetype=MIMETYPES[kind])
