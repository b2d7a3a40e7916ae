"""Forms are taken from our own pages only, whatever a request says about where it comes from."""

from collections.abc import Callable

import pytest
from flask import Flask

from postmortem.accounts.models import Person
from postmortem.web.origin import is_ours
from tests.support.client import Browser

OURS = "http://localhost"
# Sec-Fetch-Site, Origin, whether a form with them is taken; None is a header that was not sent.
HEADERS = [
    (None, None, True),
    ("same-origin", None, True),
    ("same-origin", OURS, True),
    # A page that asks for no referrer sends this; the browser has said that it is ours.
    ("same-origin", "null", True),
    (None, OURS, True),
    (None, "http://127.0.0.1", True),
    (None, "http://[::1]", True),
    ("none", OURS, True),
    ("none", None, False),
    ("none", "null", False),
    ("none", "https://evil.example", False),
    ("same-site", None, False),
    ("same-site", OURS, False),
    ("cross-site", None, False),
    ("cross-site", OURS, False),
    ("cross-site", "https://evil.example", False),
    ("", OURS, False),
    ("Same-Origin", OURS, False),
    ("same-origin, cross-site", OURS, False),
    ("cross-site, same-origin", OURS, False),
    ("same-origin;x", OURS, False),
    ("\xff\xfe", OURS, False),
    ("x" * 9000, OURS, False),
    (None, "", False),
    (None, "null", False),
    (None, "https://localhost", False),
    (None, "http://localhost:80", False),
    (None, "http://localhost:8000", False),
    (None, "http://localhost/", False),
    (None, "http://localhost.evil.example", False),
    (None, "http://evil.example/http://localhost", False),
    (None, "http://localhost@evil.example", False),
    (None, "http://evil.example#http://localhost", False),
    (None, "http://localhost http://evil.example", False),
    (None, "http://evil.example, http://localhost", False),
    (None, "http://LOCALHOST", False),
    (None, "//localhost", False),
    (None, "localhost", False),
    (None, "http://127.0.0.2", False),
    (None, "http://[::1", False),
    (None, "http://2130706433", False),
    (None, "\xe4\xf6", False),
    (None, "http://" + "a" * 9000, False),
    (None, "file://", False),
    (None, "javascript:alert(1)", False),
]


@pytest.mark.parametrize(("site", "origin", "is_taken"), HEADERS)
def test_a_form_is_taken_from_our_own_pages_alone(
    app: Flask, admin: Person, sign_in: Callable[[Person], Browser], site, origin, is_taken: bool
) -> None:
    app.testing = False
    browser = sign_in(admin)
    sent = {"Sec-Fetch-Site": site, "Origin": origin}
    headers = {name: value for name, value in sent.items() if value is not None}
    page = browser.post("/teams/new", {"name": "Sound", "slug": "sound"}, headers=headers)
    assert page.status == (303 if is_taken else 403)
    assert browser.get("/teams/sound").status == (200 if is_taken else 404)
    if not is_taken:
        assert "Open the page under the address you usually use" in page.text
        assert "evil" not in page.html
        # Nobody is named, and what was kept in the browser stays as it was.
        assert admin.name not in page.text
        assert "Set-Cookie" not in page.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "BREW"])
def test_it_holds_for_every_method_that_changes_something(app: Flask, admin: Person, method: str) -> None:
    answer = app.test_client().open("/login", method=method, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_links_from_anywhere_lead_here(app: Flask, admin: Person) -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    for method in ("GET", "HEAD", "OPTIONS"):
        assert app.test_client().open("/login", method=method, headers=headers).status_code == 200


def test_even_our_own_page_needs_its_token(app: Flask, admin: Person) -> None:
    answer = app.test_client().post("/login", headers={"Sec-Fetch-Site": "same-origin", "Origin": OURS})
    assert answer.status_code == 400


def test_under_https_it_is_the_https_address() -> None:
    ours = frozenset({"https://pm.example.com"})
    assert is_ours({"Origin": "https://pm.example.com"}, ours)
    assert not is_ours({"Origin": "http://pm.example.com"}, ours)
    assert not is_ours({"Origin": "https://pm.example.com:8443"}, ours)
