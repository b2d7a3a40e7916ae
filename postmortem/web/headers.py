"""Headers of every answer, errors included, and what is refused before anything looks at it."""

from flask import Flask, Response, current_app, request, session
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from postmortem.web.filters import asset

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# Feeds, texts, files: whatever is no page needs nothing, and does nothing should a browser show it as one.
RAW_SECURITY_POLICY = (
    "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"
)
# What a browser can do for a page; ours need none of it.
UNUSED = (
    *(
        "accelerometer",
        "autoplay",
        "browsing-topics",
        "camera",
        "clipboard-read",
        "display-capture",
    ),
    *("encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection"),
    *("keyboard-map", "local-fonts", "magnetometer", "microphone", "midi", "payment", "picture-in-picture"),
    *("publickey-credentials-get", "screen-wake-lock", "serial", "storage-access", "sync-xhr", "usb"),
    *("window-management", "xr-spatial-tracking"),
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in UNUSED),
    "X-Permitted-Cross-Domain-Policies": "none",
    "X-DNS-Prefetch-Control": "off",
    # In place of the web server's name.
    "Server": "Postmortem",
}
HTTPS_HEADERS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
PRIVATE_HEADERS = {"X-Robots-Tag": "noindex, nofollow, noarchive"}
FOR_EVER = "public, max-age=31536000, immutable"


# Up to this much of a body that is too large is read all the same. Most clients look at the answer only
# after they have sent everything, and take a connection closed meanwhile for a broken one.
READ_AWAY_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
# Taking apart two million fields of two bytes costs more than a second; no form of ours has a thousand.
MAX_FIELDS = 10_000


def _read_away(size: int) -> None:
    left = size if size <= READ_AWAY_BYTES else 0
    while left > 0 and (chunk := request.environ["wsgi.input"].read(min(left, CHUNK_BYTES))):
        left -= len(chunk)


def init_app(app: Flask, allowed_hosts: frozenset[str], *, is_https: bool, is_public: bool) -> None:
    """Refuse foreign Host headers, NUL characters and bodies that are too large, and add the security headers to every answer."""
    fixed = [
        *HEADERS.items(),
        *(HTTPS_HEADERS.items() if is_https else ()),
        *(() if is_public else PRIVATE_HEADERS.items()),
    ]

    @app.before_request
    def check_host() -> None:
        if request.host not in allowed_hosts:
            raise BadRequest(
                "This site is not served under that address. Open it under the address it was set up with."
            )

    app.before_request(_check_address)
    app.before_request(_check_size)

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        if request.endpoint == "static":
            _keep_asset(response)
        if _is_secret_address():
            headers["Referrer-Policy"] = "strict-origin"
        there = {name.lower() for name, _ in headers}
        for name, value in fixed:
            if name.lower() not in there:
                headers.add(name, value)
        if "content-security-policy" not in there:
            is_page = response.mimetype == "text/html"
            policy = CONTENT_SECURITY_POLICY if is_page else RAW_SECURITY_POLICY
            headers.add("Content-Security-Policy", policy)
        if "cache-control" not in there:
            headers.add("Cache-Control", "no-store")
        return response


def _check_address() -> None:
    # No record holds a NUL, and PostgreSQL refuses to compare with one. Form fields drop it themselves.
    query = request.query_string
    if "\0" in request.path or b"%00" in query or b"\0" in query or not _is_text(query):
        raise BadRequest


def _check_size() -> None:
    size = request.content_length or 0
    if larger := current_app.config["LARGER_BODIES"].get(request.endpoint):
        request.max_content_length = larger
    if size > (request.max_content_length or size):
        _read_away(size)
        raise RequestEntityTooLarge
    is_form = request.mimetype == "application/x-www-form-urlencoded"
    if is_form and request.get_data().count(b"&") > MAX_FIELDS:
        raise RequestEntityTooLarge


def _keep_asset(response: Response) -> None:
    """A file asked for by its content's hash is kept for ever.

    The hash must be that of this content: while a release is being rolled out, an old process may be asked for a
    file of the new one. Files are the same for everybody, so no cookie makes a browser ask again.
    """
    session.accessed = False
    name = (request.view_args or {}).get("filename", "")
    if response.status_code in (200, 304) and request.full_path == asset(name):
        response.headers["Cache-Control"] = FOR_EVER
        response.headers.pop("Expires", None)


def _is_secret_address() -> bool:
    """Whether the address itself is a secret (a single-use link): it is named to nobody, not even to us."""
    return "token" in (request.view_args or ()) or b"code=" in request.query_string


def _is_text(sent: bytes) -> bool:
    """Browsers escape what is not ASCII; bytes sent as they are must at least be UTF-8."""
    try:
        sent.decode()
    except UnicodeDecodeError:
        return False
    return True
