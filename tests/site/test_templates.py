"""Every template compiles and belongs to somebody."""

from flask import Flask

from tests.support.source import TEMPLATES


def test_every_template_compiles(app: Flask) -> None:
    names = [name for name in app.jinja_env.list_templates() if not name.endswith((".DS_Store",))]
    assert len(names) > 20
    for name in names:
        app.jinja_env.get_template(name)


def test_every_page_has_a_title() -> None:
    """A template that extends a layout names the page."""
    for template in sorted(TEMPLATES.rglob("*.html")):
        source = template.read_text()
        if '{% extends "layouts/' in source and "layouts" not in template.parts:
            assert "{% block title %}" in source, template
