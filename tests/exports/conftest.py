"""Exporting as the command does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from postmortem.exports.site.making import Exported, export_site

BASE_URL = "https://example.org/blog"
Export = Callable[..., Exported]


def exporting(app: Flask) -> Export:
    """`export(folder, include_internal=True)` from this application's database."""

    def do(folder: Path, **asked: Any) -> Exported:
        config = app.extensions["config"]
        given: dict[str, Any] = {
            "data_dir": config.data_dir,
            "base_url": BASE_URL,
            "own_hosts": config.allowed_hosts,
            "include_internal": False,
            "show": lambda words, done, total: None,
            **asked,
        }
        with app.test_request_context("/", base_url=config.base_url):
            return export_site(app.extensions["database"], folder, **given)

    return do


@pytest.fixture
def export(app: Flask) -> Export:
    return exporting(app)
