"""A published write-up as Markdown to take along: what readers see of it, below a head of YAML."""

import json
import re
from collections.abc import Sequence
from datetime import UTC
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from postmortem.text.marks import without_marks
from postmortem.writeups.models import Publication
from postmortem.writeups.pages import PublishedPage

# What ends a line for YAML though not for JSON, or may not stand in it at all.
_LINE_ENDS = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")


def as_markdown(session: Session, page: PublishedPage, base_url: str, *, address: str = "") -> str:
    """The published text with title, date, authors and tags above it; people are roles as on its page.

    `address` is where it can be read, unless that is its page here.
    """
    row = page.row
    body = session.scalars(select(Publication.body).where(Publication.id == row.publication_id)).one()
    head: list[tuple[str, Any]] = [
        ("title", row.title),
        ("date", row.published_at.astimezone(UTC).date().isoformat()),
        ("updated", row.updated_at.astimezone(UTC).date().isoformat()),
        ("authors", row.author_line),
        ("summary", row.tldr),
        ("tags", [name for name, _ in page.tags]),
        ("source", row.source_name),
        ("url", address or f"{base_url}/writeups/{row.slug}"),
    ]
    lines = [f"{name}: {_yaml(value)}" for name, value in head if value]
    return "\n".join(["---", *lines, "---", "", without_marks(body).strip(), ""])


def _yaml(value: str | Sequence[str]) -> str:
    """A text in double quotes, or a list of them: JSON, which YAML reads as its own."""
    return _LINE_ENDS.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
