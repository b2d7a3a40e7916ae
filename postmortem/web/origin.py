"""Where a form comes from: only our own pages may change anything here.

Browsers say it themselves, in two headers that no script can set. This stands beside the tokens in the forms,
and comes before anybody looks at who is signed in.
"""

from collections.abc import Mapping

from flask import Flask, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import Forbidden

from postmortem.web.access import forget_person
from postmortem.web.request import SAFE_METHODS

SENTENCE = (
    "This was not sent from one of this site's own pages, so nothing was changed. "
    "Open the page under the address you usually use, and send it from there."
)


def is_ours(headers: Headers | Mapping[str, str], origins: frozenset[str]) -> bool:
    """Whether these headers may stand on a request that changes something.

    Sec-Fetch-Site decides where a browser sends it: `same-origin`, and nothing else. `none` means that a person
    asked for the address outside of any page, which sends no form; but some browsers say so when they send a form
    again on reload, so then Origin must name us. Programs and old browsers send neither; their token decides.
    """
    site, origin = headers.get("Sec-Fetch-Site"), headers.get("Origin")
    if site == "none":
        return origin in origins
    if site is not None:
        return site == "same-origin"
    return origin is None or origin in origins


def init_app(app: Flask, allowed_hosts: frozenset[str], *, is_https: bool) -> None:
    """Refuse what other sites send, with every method but those that only read."""
    scheme = "https" if is_https else "http"
    origins = frozenset(f"{scheme}://{host}" for host in allowed_hosts)

    @app.before_request
    def check_origin() -> None:
        if request.method not in SAFE_METHODS and not is_ours(request.headers, origins):
            # The page is the one that a stranger gets: whoever sent this gets to know nothing.
            forget_person()
            raise Forbidden(SENTENCE)
