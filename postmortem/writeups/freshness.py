"""Conditional answers: a browser that has a page already gets 304 instead of the page.

Every request still reads the database, so that withdrawing works at once; what is saved is making the page.
The parts of a page that all readers see alike are kept in the process for the next of them.

The tag of a page is made from all that it shows: what was published, what is live in it, who reads, and the
program's own templates and stylesheets. A page for somebody signed in may be kept by their own browser alone
(`private`), must be asked for again before each use (`no-cache`), and is thrown away on signing out.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from flask import Response, current_app, make_response, request, session
from flask.typing import ResponseReturnValue

from postmortem import clock
from postmortem.accounts.models import Person

# A page holds a form's token (sign out), which lives for a day: after half of it the page is made anew.
TOKEN_PERIOD = 12 * 3600


def fresh(
    person: Person | None, content: tuple[object, ...], make: Callable[[], str | Response]
) -> ResponseReturnValue:
    """The answer that `make` makes, or 304 where the reader has it. `content` is all that it shows.

    A page that carries a message after a redirect is made, and kept nowhere.
    """
    if session.get("_flashes") or current_app.config["DEVELOPMENT"]:
        return make()
    tag = _tag(person, content)
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        response = make_response(make() if person else _same_for_all(tag, make))
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "public, no-cache" if person is None else "private, no-cache"
    response.vary.add("Cookie")
    return response


def _same_for_all(tag: str, make: Callable[[], str | Response]) -> str | Response:
    """A page for somebody who is not signed in: it holds no name and no token, so the next one gets it too."""
    found = _parts.get(tag)
    if found is not None:
        return found["page"]
    made = make()
    if isinstance(made, str):
        _parts.put(tag, {"page": made})
    return made


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


class _Kept:
    """The most recently used values of a process, a bounded number of them; safe for its threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[object, dict[str, str]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: object) -> dict[str, str] | None:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: object, value: dict[str, str]) -> None:
        with self._lock:
            self._values[key] = value
            if len(self._values) > self._size:
                self._values.popitem(last=False)


# About 50 KB each: 5 MB a process.
_parts = _Kept(100)


def kept_parts(
    key: tuple[object, ...], template: str, context: Callable[[], dict[str, Any]]
) -> dict[str, str]:
    """What a template sets (`{% set name %}…{% endset %}`), by name; made when not kept under `key`.

    Only for what looks the same to everybody who shares the key: no names, no tokens, no messages.
    """
    found = None if current_app.config["DEVELOPMENT"] else _parts.get((template, *key))
    if found is None:
        made = current_app.jinja_env.get_template(template).make_module(context())
        found = {name: value for name, value in vars(made).items() if not name.startswith("_")}
        _parts.put((template, *key), found)
    return found
