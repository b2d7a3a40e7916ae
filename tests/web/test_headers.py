"""What stands on every answer, errors included, and which requests nobody looks at."""

import re
from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from postmortem.accounts.models import Person
from postmortem.errors import Conflict, Refused
from postmortem.web import access
from tests.factories.writeups import publish_writeup
from tests.support.client import Browser
from tests.support.targets import furnished


@access.public
def broken() -> str:
    raise RuntimeError("a secret of the program")


@access.public
def busy() -> str:
    raise OperationalError("SELECT a secret of the program", {}, Exception("a secret of the program"))


@access.public
def refused() -> str:
    raise Refused("That cannot be.")


@access.public
def conflict() -> str:
    raise Conflict()


@pytest.fixture
def live(app: Flask, admin: Person) -> Flask:
    """The application as it runs, with pages that break."""
    for view in (broken, busy, refused, conflict):
        app.add_url_rule(f"/{view.__name__}", view_func=view)
    app.testing = False
    return app


# Of every page, by its name in lower case. What differs from answer to answer is in VARYING.
PAGE = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), "
    "clipboard-read=(), display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), "
    "gyroscope=(), hid=(), idle-detection=(), keyboard-map=(), local-fonts=(), magnetometer=(), microphone=(), "
    "midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), "
    "storage-access=(), sync-xhr=(), usb=(), window-management=(), xr-spatial-tracking=()",
    "x-permitted-cross-domain-policies": "none",
    "x-dns-prefetch-control": "off",
    "x-robots-tag": "noindex, nofollow, noarchive",
    "server": "Postmortem",
    "cache-control": "no-store",
}
# Of whatever is no page: feeds, texts, files.
RAW = PAGE | {
    "content-security-policy": "default-src 'none'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; sandbox"
}
VARYING = {
    *("content-type", "content-length", "location", "allow", "vary", "set-cookie", "etag", "last-modified"),
    *("date", "content-disposition", "retry-after", "clear-site-data"),
    *("accept-ranges", "expires"),
}


def headers_of(response: TestResponse) -> dict[str, str]:
    """Every header but those that differ from answer to answer; none of ours stands twice."""
    found = {name.lower(): value for name, value in response.headers}
    assert len(found) == len([name for name, _ in response.headers if name.lower() != "set-cookie"]) + (
        "set-cookie" in found
    )
    return {name: value for name, value in found.items() if name not in VARYING}


def expected(response: TestResponse, path: str) -> dict[str, str]:
    """What must stand on this answer."""
    is_page = not path.endswith(".atom") if response.status_code == 304 else response.mimetype == "text/html"
    headers = dict(PAGE if is_page else RAW)
    has_secret = path.startswith(("/password/", "/unsubscribe/", "/calendar/", "/feeds/")) or "code=" in path
    if response.status_code != 405 and has_secret:
        headers["referrer-policy"] = "strict-origin"
    return headers


def check(response: TestResponse, path: str) -> None:
    """The literal headers; where an answer may be kept, only what the reader may keep and with Vary."""
    found, wanted = headers_of(response), expected(response, path)
    if "ETag" in response.headers and not path.startswith("/static/"):
        assert found["cache-control"] in ("public, no-cache", "private, no-cache"), path
        assert "Cookie" in response.headers["Vary"], path
        wanted["cache-control"] = found["cache-control"]
    elif "ETag" in response.headers:
        wanted["cache-control"] = "public, max-age=86400"
    assert found == wanted, (response.status_code, path)
    if response.data and (response.mimetype or "").startswith("text/"):
        assert response.headers["Content-Type"].endswith("; charset=utf-8"), path


ERRORS = [
    ("GET", "/broken", {}, 500),
    ("GET", "/busy", {}, 503),
    ("GET", "/refused", {}, 422),
    ("GET", "/conflict", {}, 409),
    ("GET", "/nowhere", {}, 404),
    ("GET", "/login", {"headers": {"Host": "evil.example"}}, 400),
    ("GET", "/login?next=%00", {}, 400),
    ("GET", "/setup?code=x", {}, 404),
    ("POST", "/login", {}, 400),
    ("POST", "/login", {"headers": {"Sec-Fetch-Site": "cross-site"}}, 403),
    ("DELETE", "/login", {}, 405),
    ("TRACE", "/healthz", {}, 405),
    ("POST", "/login", {"data": b"x" * (4 * 1024 * 1024 + 1)}, 413),
    ("POST", "/login", {"data": "&" * 10_001, "content_type": "application/x-www-form-urlencoded"}, 413),
    ("GET", "/static/nothing.js", {}, 404),
    ("GET", "/static/../app.py", {}, 404),
    ("POST", "/static/app.js", {}, 405),
]


@pytest.mark.parametrize(("method", "path", "kwargs", "status"), ERRORS)
def test_the_headers_stand_on_every_error(live: Flask, method, path, kwargs, status) -> None:
    with live.test_client().open(path, method=method, **kwargs) as response:
        assert response.status_code == status
        check(response, path)
        assert "secret of the program" not in response.get_data(as_text=True)


METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE")
PARTS = {"slug": "the-first", "year": 2026, "name": "dns", "token": "x", "filename": "app.js"}


def test_the_headers_stand_on_every_answer_of_every_route(
    live: Flask, session: Session, sign_in, anonymous: Browser
) -> None:
    """Whatever the answer is: pages, redirects, refusals, what is not there; signed in and not."""
    _, mallory = furnished(session)
    seen: Counter[int] = Counter()
    for browser in (sign_in(mallory), anonymous):
        for rule in live.url_map.iter_rules():
            values = {name: PARTS.get(name, 1) for name in rule.arguments}
            built = rule.build(values)
            assert built is not None, rule
            if "broken" in built[1] or "busy" in built[1]:
                continue
            for method in METHODS:
                with browser.client.open(built[1], method=method) as response:
                    check(response, built[1])
                    seen[response.status_code] += 1
    assert {200, 303, 400, 404, 405} <= set(seen)
    assert sum(seen.values()) > 500


def test_a_page_that_one_has_already_carries_them_too(sign_in, admin: Person, session: Session) -> None:
    publish_writeup(session, admin, "The first")
    for path in ("/writeups/the-first", "/writeups/feed.atom"):
        browser = sign_in(admin)
        # The first page gives the browser a token; from then on it is the same.
        browser.get("/me")
        tag = browser.client.get(path).headers["ETag"]
        response = browser.client.get(path, headers={"If-None-Match": tag})
        assert response.status_code == 304
        check(response, path)


def test_files_asked_for_by_their_content_are_kept_for_ever(live: Flask, anonymous: Browser) -> None:
    addresses = re.findall(r'"(/static/[^"]+)"', anonymous.get("/login").html)
    assert len(addresses) > 8
    for path in addresses:
        with anonymous.client.get(path) as response:
            assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable", path
            assert "Vary" not in response.headers
            tag = {"If-None-Match": response.headers["ETag"]}
        with anonymous.client.get(path, headers=tag) as again:
            assert again.status_code == 304
        # Another release's hash: this content must not be kept under it.
        with anonymous.client.get(f"{path.partition('?')[0]}?v=0123456789ab") as other:
            assert other.headers["Cache-Control"] == "public, max-age=86400"


def test_a_site_that_everybody_may_read_may_be_found(make_app: Callable[..., Flask], admin: Person) -> None:
    assert "X-Robots-Tag" not in make_app(public_reading=True).test_client().get("/login").headers


def test_pages_of_a_person_are_kept_by_nobody(sign_in, admin: Person, anonymous: Browser) -> None:
    for page in (sign_in(admin).get("/people/"), sign_in(admin).get("/people/99"), anonymous.get("/login")):
        assert page.headers["Cache-Control"] == "no-store"
        assert "Cookie" in page.headers["Vary"]


def test_under_https_browsers_are_told_to_stay_there_and_cookies_are_secure(
    make_app: Callable[..., Flask], admin: Person
) -> None:
    app = make_app(base_url="https://pm.example.com")
    response = app.test_client().get("https://pm.example.com/login", base_url="https://pm.example.com")
    assert "max-age=31536000" in response.headers["Strict-Transport-Security"]
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-postmortem=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))


def test_over_http_the_cookie_works_too(anonymous: Browser, admin: Person) -> None:
    cookie = anonymous.get("/login").headers["Set-Cookie"]
    assert cookie.startswith("postmortem=")
    assert "Secure" not in cookie
    assert {"HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_this_machine_answers_under_its_three_names(app: Flask, admin: Person, host: str) -> None:
    assert app.test_client().get("/login", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "localhost:8000", "localhost@evil.example", "127.0.0.2", "", " ",
     "localhost, evil.example", "[::1", "a" * 5000, "local\thost"],
)  # fmt: skip
def test_under_any_other_name_nobody_is_at_home(app: Flask, admin: Person, host: str) -> None:
    app.testing = False
    response = app.test_client().get("/login", headers={"Host": host})
    assert response.status_code == 400
    text = response.get_data(as_text=True)
    assert "not served under that address" in text
    assert "evil" not in text


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Original-Host", "Forwarded", "X-Forwarded-For"])
def test_forwarded_names_are_not_believed(anonymous: Browser, admin: Person, header: str) -> None:
    page = anonymous.get("/people/", headers={header: "evil.example"})
    assert page.status == 303
    assert page.location == "/login?next=/people/"
    assert "evil" not in anonymous.get("/login", headers={header: "evil.example"}).html


@pytest.mark.parametrize(
    "path", ["/people/%00", "/teams/a%00b", "/%00", "/teams/?q=%00", "/login?a%00=b", "/people/?after=%00~1"]
)
def test_a_nul_in_the_address_is_refused(sign_in, admin: Person, path: str) -> None:
    page = sign_in(admin).get(path)
    assert page.status == 400
    assert "could not be read" in page.text


@pytest.mark.parametrize(
    "path",
    ["/teams/%ff", "/teams/%ed%a0%80", "/teams/?q=%ff", "/teams/?q=%ed%a0%80&show=%ff", "/teams/?%ff=%ff"],
)
def test_bytes_that_are_no_text_are_no_error(sign_in, admin: Person, path: str) -> None:
    assert sign_in(admin).get(path).status in (200, 404)
