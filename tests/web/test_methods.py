"""Every address answers the methods that its view declares, and no others."""

from collections import defaultdict
from collections.abc import Callable

from flask import Flask
from sqlalchemy.orm import Session

from postmortem.accounts.models import Person
from postmortem.db import Database
from tests.support.client import Browser
from tests.support.crawl import dump
from tests.support.targets import furnished

METHODS = (
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "MKCOL",
    "BREW",
)
OVERRIDES = {"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "POST", "X-Method-Override": "DELETE"}


def addresses(app: Flask) -> dict[str, set[str]]:
    """Every address with example values, and the methods that it answers."""
    found: dict[str, set[str]] = defaultdict(set)
    for rule in app.url_map.iter_rules():
        values = {name: "app.js" if name == "filename" else 1 for name in rule.arguments}
        built = rule.build(values)
        assert built is not None, rule
        found[built[1]] |= rule.methods or set()
    # It reads like a write-up of that name, too.
    for path in ("/writeups/preview", "/writeups/language"):
        found[path] |= {"GET", "HEAD"}
    return found


def test_each_address_answers_what_it_declares_and_nothing_else(
    app: Flask, session: Session, sign_in: Callable[[Person], Browser], database: Database
) -> None:
    _, mallory = furnished(session)
    browser = sign_in(mallory)
    token = {"X-CSRFToken": browser.csrf_token()}
    before, refused = dump(database), 0
    for path, declared in addresses(app).items():
        assert declared <= {"GET", "HEAD", "POST", "OPTIONS"}, path
        with browser.client.options(path) as options:
            assert set(options.headers["Allow"].split(", ")) == declared, path
        for method in set(METHODS) - declared:
            with browser.client.open(path, method=method, headers=token) as answer:
                assert answer.status_code == 405, (method, path)
                assert set(answer.headers["Allow"].split(", ")) == declared, (method, path)
                refused += 1
        if "GET" not in declared:
            # No header and no field makes another method of a GET.
            with browser.client.get(f"{path}?_method=POST", headers={**OVERRIDES, **token}) as answer:
                assert answer.status_code == 405, path
    assert dump(database) == before
    assert refused > 500
