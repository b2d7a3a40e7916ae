"""A database with N incidents: 15 events, 3 actions and a published 6 KB write-up each.

Rows go in through Core inserts, because what is measured is reading them. Spread like real data: a few
services have many incidents, a tag in ten is rare, severities and states vary with the number.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from postmortem.db import Database
from postmortem.models import metadata
from postmortem.text.markdown import RENDERER_VERSION, render_many

SERVICES, TEAMS, TAGS, PEOPLE = 120, 30, 200, 60
EVENTS, ACTIONS = 15, 3
BODIES = 20
CHUNK = 1000
START = datetime(2016, 1, 1, 8, tzinfo=UTC)
WORDS = [
    "playback",
    "cache",
    "replica",
    "deploy",
    "alarm",
    "queue",
    "region",
    "token",
    "schema",
    "latency",
    "backlog",
    "rollback",
    "consumer",
    "certificate",
    "throttle",
    "shard",
    "migration",
    "dashboard",
    "runbook",
    "listener",
]

Row = dict[str, Any]


def fill(database: Database, incidents: int) -> None:
    """Fill an empty, migrated database. Needs one person (the one who signs in) to be there already."""
    bodies = _bodies()
    with database.writing.begin() as connection:
        _insert(connection, "people", _people())
        _insert(
            connection,
            "teams",
            ({"id": n, "slug": f"team-{n}", "name": f"Team {n}", "version": 1} for n in _ids(TEAMS)),
        )
        _insert(
            connection,
            "services",
            (
                {
                    "id": n,
                    "slug": f"service-{n}",
                    "name": f"Service {n}",
                    "team_id": 1 + n % TEAMS,
                    "version": 1,
                }
                for n in _ids(SERVICES)
            ),
        )
        _insert(connection, "tags", ({"id": n, "name": f"tag-{n}"} for n in _ids(TAGS)))
        numbers = range(1, incidents + 1)
        _insert(connection, "incidents", (_incident(n) for n in numbers))
        for table, column, size in (
            ("services", "service_id", SERVICES),
            ("teams", "team_id", TEAMS),
            ("tags", "tag_id", TAGS),
        ):
            _insert(connection, f"incident_{table}", (_link(n, column, size) for n in numbers))
        _insert(connection, "timeline_events", (row for n in numbers for row in _events(n)))
        _insert(connection, "actions", (row for n in numbers for row in _actions(n)))
        _insert(connection, "writeups", (_writeup(n, bodies[n % BODIES]) for n in numbers))
        _insert(connection, "writeup_incidents", ({"writeup_id": n, "incident_id": n} for n in numbers))
        _insert(connection, "writeup_tags", ({"writeup_id": n, "tag_id": _spread(n, TAGS)} for n in numbers))
        _insert(connection, "publications", (_publication(n, bodies[n % BODIES]) for n in numbers))
    if database.is_sqlite:
        with database.writing.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.commit()


def _insert(connection: Connection, table: str, rows: Iterator[Row]) -> None:
    statement = insert(metadata.tables[table])
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            connection.execute(statement, chunk)
            chunk = []
    if chunk:
        connection.execute(statement, chunk)


def _ids(size: int) -> range:
    return range(1, size + 1)


def _spread(number: int, size: int) -> int:
    """A few ids get much: half of everything goes to the first tenth."""
    mixed = number * 2654435761 % 2**32
    return 1 + (mixed // 7 % max(1, size // 10) if mixed % 2 else mixed // 11 % size)


def _people() -> Iterator[Row]:
    for n in _ids(PEOPLE):
        yield {
            "id": 1000 + n,
            "email": f"person-{n}@example.com",
            "name": f"Person {n}",
            "role": "contributor",
            "created_at": START,
            "version": 1,
        }


def _incident(n: int) -> Row:
    began = START + timedelta(minutes=n * 467)
    severity = (None, "sev1", "sev2", "sev3", "sev4", "sev3", "sev4")[n % 7]
    row: Row = {
        "id": n, "kind": "near_miss" if n % 11 == 0 else "incident", "title": f"{_words(n, 6).capitalize()} ({n})",
        "severity": severity, "status": ("closed", "closed", "resolved", "open", "mitigated")[n % 5],
        "detected_by": ("alert", "customer", "staff", None)[n % 4], "lead_id": 1000 + 1 + n % PEOPLE,
        "reported_by_id": 1000 + 1 + n % PEOPLE, "created_at": began, "version": 1, "rendered_with": RENDERER_VERSION,
        "sort_at": began, "impact_started_at": began, "detected_at": began + timedelta(minutes=7),
        "resolved_at": began + timedelta(minutes=20 + n % 400), "summary": _words(n, 30), "impact": _words(n + 3, 20),
        "summary_html": f"<p>{_words(n, 30)}</p>", "impact_html": f"<p>{_words(n + 3, 20)}</p>", "links": [], "search_text": "certificate" if n % 20 == 0 else "playback",
        "is_drill": n % 50 == 0, "visibility": "restricted" if n % 100 == 0 else "open",
    }  # fmt: skip
    return row


def _link(n: int, column: str, size: int) -> Row:
    incident = _incident(n)
    copied = {name: incident[name] for name in ("sort_at", "is_drill", "visibility")}
    return {"incident_id": n, column: _spread(n, size), **copied}


def _events(n: int) -> Iterator[Row]:
    began = START + timedelta(minutes=n * 467)
    for position in range(EVENTS):
        text = _words(n + position, 12)
        yield {
            "incident_id": n, "occurred_at": began + timedelta(minutes=position * 3), "kind": "other", "text": text,
            "text_html": f"<p>{text}</p>", "created_at": began, "version": 1, "rendered_with": RENDERER_VERSION,
            "evidence": [], "actor_role": "on-call engineer",
        }  # fmt: skip


def _actions(n: int) -> Iterator[Row]:
    began = START + timedelta(minutes=n * 467)
    for position in range(ACTIONS):
        yield {
            "incident_id": n, "title": f"Add {_words(n + position, 4)}", "created_at": began, "version": 1,
            "status": ("done", "verified", "accepted", "proposed")[(n + position) % 4], "owner_id": 1001 + n % PEOPLE,
            "due_on": (began + timedelta(days=30)).date(), "rendered_with": RENDERER_VERSION,
        }  # fmt: skip


def _writeup(n: int, body: tuple[str, str]) -> Row:
    at = START + timedelta(minutes=n * 467, days=5)
    return {
        "id": n, "slug": f"entry-{n}", "title": f"What {_words(n, 4)} taught us ({n})", "state": "published",
        "audience": "public" if n % 2 else "internal", "published_at": at, "publication_number": 1, "reading_minutes": 5,
        "created_at": at, "updated_at": at, "version": 1, "rendered_with": RENDERER_VERSION, "tldr": _words(n, 25),
        "body": body[0], "body_html": body[1],
    }  # fmt: skip


def _publication(n: int, body: tuple[str, str]) -> Row:
    at = START + timedelta(minutes=n * 467, days=5)
    return {
        "writeup_id": n, "number": 1, "revision_number": 1, "published_at": at, "rendered_with": RENDERER_VERSION,
        "title": f"What {_words(n, 4)} taught us ({n})", "tldr": _words(n, 25), "author_line": "Person 1",
        "headings": [[2, f"h-{i}", f"Section {i}"] for i in range(6)], "body_html": body[1],
        "frozen": {"events": [], "factors": [], "actions": []},
    }  # fmt: skip


def _words(n: int, size: int) -> str:
    return " ".join(WORDS[(n * 31 + i * i * 7 + i) % len(WORDS)] for i in range(size))


def _bodies() -> list[tuple[str, str]]:
    """Twenty different 6 KB texts with their rendering: prose, a list, a table and a block of code."""
    sources = []
    for n in range(BODIES):
        parts = []
        for section in range(6):
            parts.append(
                f"## Section {section}\n\n{_words(n + section, 60)}.\n\n{_words(n * 3 + section, 50)}."
            )
        parts.append("\n".join(f"- {_words(n + i, 9)}" for i in range(8)))
        parts.append(
            "| when | what |\n| --- | --- |\n"
            + "\n".join(f"| 14:{i:02} | {_words(i, 5)} |" for i in range(8))
        )
        parts.append(
            "```python\n" + "\n".join(f"def step_{i}():\n    return {i}" for i in range(8)) + "\n```"
        )
        sources.append("\n\n".join(parts))
    return [(source, rendered.html) for source, rendered in zip(sources, render_many(sources), strict=True)]
