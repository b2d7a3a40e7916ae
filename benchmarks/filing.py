"""Filing an incident, against one SQLAlchemy insert-and-commit of the same rows."""

import time
import urllib.parse
from pathlib import Path

from sqlalchemy import insert, select

from benchmarks.load import Request
from benchmarks.visitor import Visitor
from postmortem.db import Database
from postmortem.models import metadata

COUNT = 300


def filing_form(visitor: Visitor) -> Request:
    """A form post with a title, a severity and a time; no Markdown. `{n}` makes its one-time key new."""
    page = visitor.get("/incidents/new")[1]
    fields = {
        "csrf_token": visitor.token(page),
        "form_key": "bench-{n}",
        "title": "Playback stops for listeners in one region",
        "timezone": "UTC",
        "kind": "incident",
        "status": "open",
        "visibility": "open",
        "severity": "sev2",
        "impact_started_at": "2026-03-09T14:05",
        "impact_started_at_confidence": "exact",
    }
    body = urllib.parse.urlencode(fields, safe="{}")
    headers = {**visitor.headers(), "Content-Type": "application/x-www-form-urlencoded"}
    return Request(["/incidents/new"], headers, body, expect=303)


def baseline_cpu_ms(data_dir: Path) -> float:
    """CPU milliseconds of inserting the rows of the newest incident again, and committing."""
    database = Database(f"sqlite:///{data_dir / 'postmortem.db'}")
    tables = [metadata.tables[name] for name in ("incidents", "history_entries", "form_keys")]
    with database.reading.connect() as connection:
        rows = []
        for table in tables:
            key = next(iter(table.primary_key))
            order = table.c.used_at if table.name == "form_keys" else key
            rows.append(
                dict(connection.execute(select(table).order_by(order.desc()).limit(1)).mappings().one())
            )
    started = time.process_time()
    for number in range(COUNT):
        with database.writing.begin() as connection:
            for table, row in zip(tables, rows, strict=True):
                key = next(iter(table.primary_key)).name
                changed = {**row, key: f"again-{number}"} if key == "key" else {**row}
                if key == "id":
                    changed.pop("id")
                connection.execute(insert(table).values(changed))
    spent = time.process_time() - started
    database.dispose()
    return spent * 1000 / COUNT
