"""What an address or a number names, by the site's own router.

It is asked only where somebody answers a request or asks why: never for whoever asks for access, who would learn
from any difference.
"""

import re
from urllib.parse import urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import MapAdapter, RequestRedirect

from postmortem.permissions.things import Name

_REFERENCE = re.compile(r"(INC|ACT)-([1-9]\d{0,9})", re.IGNORECASE)
# What the parts of our addresses name: first segment and argument.
_NAMED = {
    ("incidents", "number"): "incident",
    ("actions", "number"): "action",
    ("events", "event_id"): "event",
    ("factors", "factor_id"): "factor",
    ("writeups", "slug"): "writeup",
}


def name_of(text: str) -> Name | None:
    """What `INC-12`, `ACT-7`, an address or its path means; None for what is no name of ours."""
    text = text.strip()
    if found := _REFERENCE.fullmatch(text):
        return Name("incident" if found[1].upper() == "INC" else "action", int(found[2]))
    try:
        path = urlsplit(text).path
    except ValueError:
        return None
    return _routed(path) if path.startswith("/") else None


def _routed(path: str) -> Name | None:
    adapter: MapAdapter = current_app.url_map.bind("localhost")
    for method in ("GET", "POST"):
        try:
            rule, values = adapter.match(path, method=method, return_rule=True)
        except MethodNotAllowed:
            continue
        except RequestRedirect as moved:
            target = urlsplit(moved.new_url).path
            return _routed(target) if target != path else None
        except HTTPException:
            return None
        first = rule.rule.split("/")[1]
        named = [(_NAMED[first, each], value) for each, value in values.items() if (first, each) in _NAMED]
        return Name(*named[0]) if named else None
    return None
