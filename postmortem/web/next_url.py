"""Where to go after signing in: only to a path that our own router knows."""

from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

MAX_LENGTH = 2_000


def safe_next(target: str | None) -> str:
    """`target` if it is a path of this site that answers GET, else "/".

    Addresses of other sites, in whatever spelling (`//host`, `/\\host`, with control characters), are no
    paths that the router resolves.
    """
    if (
        not target
        or len(target) > MAX_LENGTH
        or not target.startswith("/")
        or target.startswith("//")
        or "\\" in target
    ):
        return "/"
    if any(ord(character) < 0x21 or ord(character) == 0x7F for character in target):
        return "/"
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or {".", ".."} & set(parts.path.split("/")):
        return "/"
    adapter = current_app.url_map.bind_to_environ(request.environ)
    try:
        adapter.match(parts.path, method="GET")
    except RequestRedirect:
        return parts.path
    except HTTPException:
        return "/"
    return target
