"""What stands on every answer, errors included, and which requests nobody looks at."""

from collections.abc import Callable

import pytest
from flask import Flask

from postmortem.accounts.models import Person
from postmortem.web import access
from postmortem.web.headers import CONTENT_SECURITY_POLICY
from tests.support.client import Browser


@access.public
def broken() -> str:
    raise RuntimeError("a secret of the program")


@pytest.fixture
def live(app: Flask, admin: Person) -> Flask:
    """The application as it runs, with a page that breaks."""
    app.add_url_rule("/broken", view_func=broken)
    app.testing = False
    return app


ANSWERS = [
    ("GET", "/login", 200),
    ("GET", "/healthz", 200),
    ("GET", "/people/", 303),
    ("GET", "/nowhere", 404),
    ("POST", "/login", 400),
    ("DELETE", "/login", 405),
    ("PUT", "/healthz", 405),
    ("GET", "/broken", 500),
    ("GET", "/login?next=%00", 400),
    ("GET", "/static/app.js", 200),
    ("GET", "/static/nothing.js", 404),
    ("HEAD", "/login", 200),
    ("OPTIONS", "/login", 200),
]


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_the_security_headers_stand_on_every_answer(live: Flask, method, path, status) -> None:
    response = live.test_client().open(path, method=method)
    headers = response.headers
    assert response.status_code == status
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers
    assert "secret of the program" not in response.get_data(as_text=True)
    response.close()


def test_the_policy_runs_nothing_that_is_not_ours() -> None:
    rules = dict(part.split(" ", 1) for part in CONTENT_SECURITY_POLICY.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["form-action"] == "'self'"
    assert rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in CONTENT_SECURITY_POLICY


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
