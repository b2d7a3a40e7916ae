"""Every route declares who may call it, and nobody who is signed out gets further than that."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from postmortem.accounts.models import Person
from postmortem.web import access
from tests.support.client import Browser


def path_of(rule: Rule) -> str:
    """An address that the rule matches; a part that takes a number gets 1, any other "x"."""
    values = {}
    for name, converter in rule._converters.items():
        try:
            values[name] = converter.to_python("x")
        except ValueError:
            values[name] = converter.to_python("1")
    built = rule.build({name: rule._converters[name].to_url(value) for name, value in values.items()})
    assert built is not None
    return built[1]


def routes(app: Flask) -> Iterator[tuple[str, str, access.Access]]:
    """Every method and address with what its view declared."""
    for rule in app.url_map.iter_rules():
        declared = access.declared(app.view_functions[rule.endpoint])
        if rule.endpoint == "static":
            continue
        assert declared is not None, rule.endpoint
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            yield method, path_of(rule), declared


def test_a_view_that_declares_nothing_stops_the_start(app: Flask) -> None:
    fresh = Flask("fresh")
    fresh.add_url_rule("/open", "open", lambda: "")
    with pytest.raises(access.UndeclaredAccess, match="open"):
        access.init_app(fresh)


def test_signed_out_nothing_but_the_public_pages_answers(app: Flask, reader: Person) -> None:
    browser = Browser(app)
    seen = 0
    for method, path, declared in routes(app):
        if declared.kind == "public":
            continue
        page = browser.post(path) if method == "POST" else browser.get(path)
        assert (page.status, (page.location or "").split("?")[0]) == (303, "/login"), (method, path)
        seen += 1
    assert seen > 20


def test_a_reader_changes_nothing_that_needs_a_role(
    app: Flask, reader: Person, sign_in: Callable[[Person], Browser]
) -> None:
    """Where the gate itself has a rule for the method, a reader gets 403 and the rule's sentence."""
    browser = sign_in(reader)
    guarded = 0
    for method, path, declared in routes(app):
        rule = declared.rule or (declared.post if method == "POST" else None)
        if rule is None or rule(reader):
            continue
        page = browser.post(path) if method == "POST" else browser.get(path)
        assert page.status == 403, (method, path, page.status)
        guarded += 1
    assert guarded > 5


def test_methods_that_a_view_does_not_declare_are_refused(
    app: Flask, admin: Person, sign_in: Callable[[Person], Browser]
) -> None:
    browser = sign_in(admin)
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static" or "POST" in (rule.methods or ()):
            continue
        page = browser.post(path_of(rule))
        assert page.status == 405, rule.rule
        assert "GET" in page.headers["Allow"], rule.rule
