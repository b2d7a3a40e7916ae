"""Conditional answers: a browser that has a page already gets 304 instead of the page.

Every request still asks the database, so that withdrawing works at once; what is saved is making the page.

The tag of a page is made from all that it shows: what was published, what is live in it, who reads, and the
program's own templates and stylesheets. A page for somebody signed in may be kept by their own browser alone
(`private`), must be asked for again before each use (`no-cache`), and is thrown away on signing out.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from flask import Response, current_app, make_response, request, session
from flask.typing import ResponseReturnValue

from postmortem import clock
from postmortem.accounts.models import Person
from postmortem.web.kept import kept

# A page holds a form's token (sign out), which lives for a day: after half of it the page is made anew.
TOKEN_PERIOD = 12 * 3600


def fresh(
    person: Person | None,
    content: tuple[object, ...],
    make: Callable[[], ResponseReturnValue],
    *,
    is_page: bool = False,
    mimetype: str = "text/html",
) -> ResponseReturnValue:
    """The answer that `make` makes, or 304 where the reader has it. `content` is all that it shows.

    A page (`is_page`: `make` returns its text) for somebody who is not signed in holds no name and no token, so
    the next one gets it too. A page that carries a message after a redirect is made, and kept nowhere.
    """
    if session.get("_flashes") or current_app.config["DEVELOPMENT"]:
        return make()
    tag = _tag(person, content)
    if request.if_none_match.contains_weak(tag):
        # The kind is not sent, but the headers of an answer go by it.
        response = Response(status=304, mimetype=mimetype)
    else:
        response = make_response(kept(("page", tag), make) if is_page and person is None else make())
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "public, no-cache" if person is None else "private, no-cache"
    response.vary.add("Cookie")
    return response


def _tag(person: Person | None, content: tuple[object, ...]) -> str:
    reader: tuple[object, ...] = ()
    if person is not None:
        period = int(clock.now().timestamp()) // TOKEN_PERIOD
        reader = (person.id, person.version, session.get("csrf_token"), period)
    seen = repr((build_id(), reader, content))
    return hashlib.sha256(seen.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def build_id() -> str:
    """Changes when a template, stylesheet or script does; the same in every process of one release."""
    return _hash(str(current_app.jinja_loader.searchpath[0]), str(current_app.static_folder))  # type: ignore[union-attr]


@cache
def _hash(*folders: str) -> str:
    found = hashlib.sha256()
    for folder in folders:
        for path in sorted(Path(folder).rglob("*")):
            if path.suffix in (".html", ".css", ".js", ".svg"):
                found.update(path.read_bytes())
    return found.hexdigest()[:16]
