"""Headers of every answer, errors included, and what is refused before anything looks at it."""

from flask import Flask, Response, request, session
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

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


# Up to this much of a body that is too large is read all the same. Most clients look at the answer only
# after they have sent everything, and take a connection closed meanwhile for a broken one.
READ_AWAY_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 64 * 1024
# Taking apart two million fields of two bytes costs more than a second; no form of ours has a thousand.
MAX_FIELDS = 10_000


HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
HTTPS_HEADERS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


def _read_away(size: int) -> None:
    left = size if size <= READ_AWAY_BYTES else 0
    while left > 0 and (chunk := request.environ["wsgi.input"].read(min(left, CHUNK_BYTES))):
        left -= len(chunk)


def init_app(app: Flask, allowed_hosts: frozenset[str], *, is_https: bool) -> None:
    """Refuse foreign Host headers, NUL characters and bodies that are too large, and add the security headers to every answer."""

    fixed = {**HEADERS, **(HTTPS_HEADERS if is_https else {})}.items()

    @app.before_request
    def check_host() -> None:
        if request.host not in allowed_hosts:
            raise BadRequest(
                "This site is not served under that address. Open it under the address it was set up with."
            )

    @app.before_request
    def check_address() -> None:
        # No record holds a NUL, and PostgreSQL refuses to compare with one. Form fields drop it themselves.
        query = request.query_string
        if "\0" in request.path or b"%00" in query or b"\0" in query or not _is_text(query):
            raise BadRequest

    @app.before_request
    def check_size() -> None:
        size = request.content_length or 0
        if size > (app.config["MAX_CONTENT_LENGTH"] or size):
            _read_away(size)
            raise RequestEntityTooLarge
        is_form = request.mimetype == "application/x-www-form-urlencoded"
        if is_form and request.get_data().count(b"&") > MAX_FIELDS:
            raise RequestEntityTooLarge

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        there = {name.lower() for name, _ in headers}
        for name, value in fixed:
            if name.lower() not in there:
                headers.add(name, value)
        if "cache-control" not in there and session.accessed:
            headers["Cache-Control"] = "no-store"
        return response


def _is_text(sent: bytes) -> bool:
    """Browsers escape what is not ASCII; bytes sent as they are must at least be UTF-8."""
    try:
        sent.decode()
    except UnicodeDecodeError:
        return False
    return True
