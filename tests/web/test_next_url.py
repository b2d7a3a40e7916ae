"""After signing in one stays on this site, whatever the address asks for."""

from urllib.parse import quote

import pytest
from flask import Flask

from postmortem.accounts.models import Person
from postmortem.web.next_url import safe_next
from tests.support.client import PASSWORD, Browser


@pytest.fixture
def next_of(app: Flask):
    def do(target: str | None) -> str:
        with app.test_request_context("http://localhost/login"):
            return safe_next(target)

    return do


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/me",
        "/people/",
        "/people/?q=ada&show=all",
        "/teams/playback",
        "/people/7",
        "/me/profile#password",
    ],
)
def test_a_page_of_this_site_is_where_one_goes(next_of, target: str) -> None:
    assert next_of(target) == target


def test_an_address_that_lacks_its_slash_still_leads_there(next_of) -> None:
    assert next_of("/people") == "/people"


@pytest.mark.parametrize(
    "target",
    [
        None, "", " ", "people/", "?q=1", "#top", ".", "..",
        "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\/evil.example",
        "\\\\evil.example", "/me\\..\\evil", "https://evil.example/me", "http:/evil.example", "http:evil.example",
        "HTTPS://evil.example", "javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x",
        "/\tevil.example", "/\n/evil.example", "/\r\nSet-Cookie: a=b", "\t//evil.example", " //evil.example",
        "/\x00/evil", "/\x7f", "/nowhere", "/people/x", "/people/" + "9" * 400, "/logout", "/teams/new/x",
        "//[", "/%2f%2fevil.example/x", "/../../evil", "\ud800", "/people/\ud800/edit",
    ],
)  # fmt: skip
def test_everything_else_leads_to_the_front_page(next_of, target: str | None) -> None:
    assert next_of(target) == "/"


HOSTILE = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\\/evil.example", "\\/\\/evil.example",
    "/%2f%2fevil.example", "/%2fevil.example", "/%5cevil.example", "/%5c%5cevil.example", "%2f%2fevil.example",
    "/.//evil.example", "/..//evil.example", "/./\\evil.example", "/;//evil.example", "/?//evil.example/../..//x\\",
    "/\t/evil.example", "/\n/evil.example", "/\r/evil.example", "/\r\nLocation: //evil.example", "/%0d%0aLocation:%20//evil.example",
    "/%09/evil.example", "/\x0b/evil.example", "/\x00/evil.example", "/\x85/evil.example", "/\xa0/evil.example", "/\u3000/evil.example",
    "/\u2044evil.example", "/\u2215evil.example", "/\uff0fevil.example", "\uff0f\uff0fevil.example", "/\u29f8evil.example",
    "/\ufeff/evil.example", "/\u200b/evil.example", "/\u2028/evil.example", "/\u202e/evil.example",
    "https://evil.example", "https:evil.example", "https:/evil.example", "https:\\\\evil.example", "hTTps://evil.example",
    "http://localhost@evil.example", "http://localhost:80@evil.example", "//localhost@evil.example", "/@evil.example",
    "//localhost:80/me", "//localhost/me", "http://localhost/me", "http://localhost.evil.example", ":80/me", "@evil.example",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "/javascript:alert(1)//x", "javascript://%0aalert(1)", "data:text/html,x",
    "vbscript:x", "file:///etc/passwd", "blob:x", "about:blank", "view-source:/me", "ftp://evil.example", "mailto:a@evil.example",
    "/logout", "/me/sessions/end-others", "/people/1/deactivate", "/writeups/preview", "/static/../me", "/nowhere", "/me/nowhere",
    "/incidents/" + "9" * 50, "/incidents/-1", "/incidents/1e3", "/" + "a" * 3_000, "/incidents/?q=" + "a" * 3_000,
    "[::1]", "/[", "//[::1", "?", "#", "", " ", " /me", "me", "./me", "../me", "\ud800", "/\ud800", "/%ff", "/%ed%a0%80",
]  # fmt: skip


@pytest.mark.parametrize("target", HOSTILE)
def test_signing_in_leads_nowhere_else(anonymous: Browser, admin: Person, target: str) -> None:
    """Through the form, as a link in a mail would have it."""
    path = "/login?next=" + quote(target.encode("utf-8", "surrogatepass"), safe="")
    page = anonymous.post(path, {"email": admin.email, "password": PASSWORD})
    if page.status == 400:
        return
    assert page.status == 303
    location = page.location or ""
    assert location == "/" or anonymous.get(location).status in (200, 404), location
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "evil.example" not in location.partition("?")[0]
    assert not {"\r", "\n"} & set(location)
