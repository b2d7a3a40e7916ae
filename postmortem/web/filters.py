"""Template filters and globals: times in the reader's zone, durations, assets with a content hash."""

import hashlib
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, request, url_for
from jinja2 import StrictUndefined

from postmortem import clock
from postmortem.text.durations import human_duration
from postmortem.text.markdown import safe_html
from postmortem.text.marks import in_zone
from postmortem.web import zones
from postmortem.web.access import current_person

STATIC = Path(__file__).parent.parent / "static"


def reader_zone() -> Any:
    """The zone of whoever reads this page; UTC when signed out."""
    person = current_person()
    return zones.zone(person.timezone) if person else UTC


def datetime_local(value: datetime) -> str:
    """`12 Mar 2026, 14:03 CET` in the reader's zone (`UTC+2` where the zone has no letters).

    Before zones were agreed on, each town's noon was its own; its seconds would pretend to know more than anybody did.
    """
    local = value.astimezone(reader_zone())
    name = local.tzname() or ""
    is_mean_time = name == "LMT"
    if is_mean_time:
        name = "local mean time"
    elif not name.isalpha():
        name = zones.offset_name(local)
    seconds = f":{local:%S}" if local.second and not is_mean_time else ""
    return f"{local.day} {local:%b} {local.year}, {local:%H:%M}{seconds} {name}"


def datetime_utc(value: datetime) -> str:
    """`13:03 UTC`, with the day where it differs from the reader's."""
    there = value.astimezone(UTC)
    local = value.astimezone(reader_zone())
    day = f"{there.day} {there:%b}, " if there.date() != local.date() else ""
    return f"{day}{there:%H:%M} UTC"


def date_long(value: datetime | date) -> str:
    """`12 March 2026`; a moment is taken in the reader's zone."""
    day = value.astimezone(reader_zone()) if isinstance(value, datetime) else value
    return f"{day.day} {day:%B} {day.year}"


def moment_long(value: datetime) -> str:
    """`Thursday 12 March 2026, 14:03 CET`: what is still to come, in the reader's zone."""
    return zones.in_words(value, reader_zone())


def rendered(html: str) -> Any:
    """Stored HTML as part of a page; the times in it in the reader's zone with UTC beside them."""
    return safe_html(in_zone(html, _both))


def _both(at: datetime) -> tuple[str, str]:
    local = datetime_local(at)
    return local, "" if local.endswith("UTC") else datetime_utc(at)


def isoformat(value: datetime | date) -> str:
    return value.isoformat()


@cache
def asset(path: str) -> str:
    """The address of a static file; it changes with its content, so that it may be cached for ever.

    Worked out once in a process, like everything that is the same in the frame of every page.
    """
    content_hash = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]
    return url_for("static", filename=path, v=content_hash)


class NavigationItem:
    """One entry of the main navigation."""

    def __init__(self, label: str, url: str, *, is_current: bool) -> None:
        self.label, self.url, self.is_current = label, url, is_current


def navigation(app: Flask) -> list[NavigationItem]:
    """The main navigation for this request, from what `app.config["NAVIGATION"]` lists."""
    person = current_person()
    if person is None:
        return []
    addresses: list[str] = app.extensions.get("navigation", [])
    if not addresses:
        addresses = [url_for(endpoint) for _, endpoint, _ in app.config["NAVIGATION"]]
        app.extensions["navigation"] = addresses
    path = request.path
    return [
        NavigationItem(label, url, is_current=path == "/" if prefix == "/" else path.startswith(prefix))
        for (label, _, prefix), url in zip(app.config["NAVIGATION"], addresses, strict=True)
    ]


def init_app(app: Flask) -> None:
    """Set up Jinja for every page."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        datetime_local=datetime_local,
        datetime_utc=datetime_utc,
        date_long=date_long,
        moment_long=moment_long,
        isoformat=isoformat,
        duration=human_duration,
        rendered=rendered,
    )
    app.jinja_env.globals.update(asset=asset, site_name="Postmortem", blog_name="Failing Forward")

    @app.context_processor
    def for_every_page() -> dict[str, Any]:
        person = current_person()
        return {
            "current_person": person,
            "navigation": navigation(app),
            "can_administer": person is not None and app.config["CAN_ADMINISTER"](person),
            "can_file_incident": person is not None and app.config["CAN_FILE_INCIDENT"](person),
            "now": clock.now(),
        }
