"""Walking a site as a person would, link by link, and looking at everything the database holds."""

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from postmortem.db import Database
from postmortem.models import metadata
from postmortem.web import access
from tests.support.client import Browser
from tests.support.pages import Page

# Lists link to themselves with every filter, and each of 150 events has a page to edit it: of addresses that
# differ in a number, or in the values of their query, this many are enough.
ALIKE_QUERIES, ALIKE_PAGES, ALIKE_FORMS = 2, 15, 5
_HREF = re.compile(r'<(?:a|link|area)\b[^>]*?\shref="([^"]*)"')
_SRC = re.compile(r'<(?:link|script|img|source)\b[^>]*?\s(?:href|src)="([^"]*)"')
# What is another each time a page is made.
_TOKEN = re.compile(r'(name="(?:csrf_token|form_key)"[^>]*?value=")[^"]*"')


@dataclass
class Visit:
    """One address that a link led to, and the answer."""

    path: str
    page: Page
    found_on: str

    @property
    def status(self) -> int:
        return self.page.status


@dataclass
class Crawl:
    """Every visited address by its path (with its query)."""

    visits: dict[str, Visit] = field(default_factory=dict)

    def with_status(self, *statuses: int) -> list[str]:
        """`path (on page)` of the visits that were answered with one of these."""
        return [
            f"{visit.path} (on {visit.found_on}): {visit.status}"
            for visit in self.visits.values()
            if visit.status in statuses
        ]

    @property
    def pages(self) -> list[Visit]:
        return [visit for visit in self.visits.values() if visit.page.is_html and visit.status == 200]


def crawl(browser: Browser, *starts: str, limit: int = 600, queries: int = ALIKE_QUERIES) -> Crawl:
    """Open the starts and everything that they lead to inside the site; each page passes the usual checks."""
    done = Crawl()
    alike: Counter[tuple[str, ...]] = Counter()
    queue = deque((start, "the start") for start in starts or ("/",))
    while queue and len(done.visits) < limit:
        path, found_on = queue.popleft()
        if path in done.visits or (path not in starts and _is_enough(path, alike, queries)):
            continue
        visit = done.visits[path] = Visit(path, browser.get(path), found_on)
        queue.extend((link, path) for link in links_of(path, visit.page) if link not in done.visits)
    return done


def links_of(path: str, page: Page) -> list[str]:
    """The addresses inside the site that an answer leads to, without fragments."""
    text = page.sent
    found = [page.location] if page.location else []
    if page.is_html or page.response.mimetype == "application/atom+xml":
        found += [_unescaped(link) for link in _HREF.findall(text)]
    return list(dict.fromkeys(inner for link in found if (inner := _inside(path, link))))


def assets_of(page: Page) -> list[str]:
    """Stylesheets, scripts and images of a page."""
    return [_unescaped(link) for link in _SRC.findall(page.html) if _unescaped(link).startswith("/static/")]


def dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but when a sign-in was last seen."""
    found = {}
    with database.reading.connect() as connection:
        for table in metadata.sorted_tables:
            columns = [column for column in table.columns if column.name != "last_seen_at"]
            order = list(table.primary_key.columns) or columns
            found[table.name] = [tuple(row) for row in connection.execute(select(*columns).order_by(*order))]
    return found


def routes(app: Flask, method: str) -> Iterator[Rule]:
    """The rules of the site that answer this method."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static" and method in (rule.methods or ()):
            yield rule


def address(rule: Rule, values: dict[str, Any]) -> str:
    """The rule's address with these values for its parts."""
    built = rule.build({name: values[name] for name in rule._converters})
    assert built is not None
    return built[1]


def gate_of(app: Flask, path: str, method: str) -> access.Access | None:
    """What the view at this address declared."""
    endpoint, _ = app.url_map.bind("localhost").match(urlsplit(path).path, method=method)
    return access.declared(app.view_functions[endpoint])


def without_tokens(html: str) -> str:
    """A page without what differs each time it is made."""
    return _TOKEN.sub(r'\1"', html)


def _inside(path: str, link: str) -> str | None:
    if link.startswith(("mailto:", "#", "/static/")):
        return None
    parts = urlsplit(urljoin(f"http://localhost{path}", link))
    if parts.scheme not in ("http", "https") or parts.netloc != "localhost":
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _is_enough(path: str, alike: Counter[tuple[str, ...]], queries: int) -> bool:
    parts = urlsplit(path)
    names = sorted(name for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    kind = (re.sub(r"\d+", "1", parts.path), *names)
    alike[kind] += 1
    most = queries if names else ALIKE_PAGES if parts.path[-1].isdigit() else ALIKE_FORMS
    return alike[kind] > most


def _unescaped(text: str) -> str:
    from html import unescape

    return unescape(text)


def every(items: Iterable[str]) -> str:
    """One on each line, for a message."""
    return "\n" + "\n".join(items)
