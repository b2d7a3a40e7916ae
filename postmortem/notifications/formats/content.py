"""What a call tells, ready for every format, and the headers and bytes that go out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Content:
    """News for one receiver. `link` is a whole address; `subject` is the table and number of what it is about."""

    event: str
    at: datetime
    headline: str
    sentence: str
    link: str
    details: tuple[tuple[str, str], ...] = ()
    excerpt: str = ""
    subject: tuple[str, int] | None = None
    teams: tuple[str, ...] = ()


def as_json(value: Mapping[str, Any]) -> bytes:
    """Compact, in UTF-8; the same value is the same bytes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def as_moment(at: datetime) -> str:
    """`2026-11-23T18:03:00Z`."""
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def cut(text: str, length: int) -> str:
    """The text, at most so many characters; what is cut ends in an ellipsis."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
