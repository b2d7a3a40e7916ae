"""After signing in one stays on this site, whatever the address asks for."""

import pytest
from flask import Flask

from postmortem.web.next_url import safe_next


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
