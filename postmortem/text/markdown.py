"""Markdown to safe HTML: the one renderer of every page, feed, mail and preview.

`render` never raises for a text and never loses one: what the guard refuses comes back as plain text under
a sentence. The conversion itself (`converter`) runs in a child process; see `docs/markdown.md`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from postmortem.text.clean import clean_source
from postmortem.text.process import Failure, Reply, convert
from postmortem.text.reading import html_text, plain_text, reading_minutes, word_count

__all__ = [
    "MAX_SOURCE_BYTES",
    "RENDERER_VERSION",
    "Heading",
    "Rendered",
    "html_text",
    "plain_text",
    "reading_minutes",
    "render",
    "render_many",
    "safe_html",
    "word_count",
]

# Stored HTML carries this number; raise it whenever the same source would come out differently.
RENDERER_VERSION = 2

MAX_SOURCE_BYTES = 102_400

_SENTENCES = {
    Failure.TOO_LONG: (
        "This text is longer than 100 KB, so it is shown exactly as it was written. "
        "Split it, or move logs and long listings into attachments, and save again."
    ),
    Failure.TOO_COSTLY: (
        "Formatting this text took too long or too much memory, so it is shown exactly as it was written. "
        "Look for very long runs of brackets, stars or nested lists, or put that part into a code block, "
        "and save again."
    ),
    Failure.BROKEN: (
        "This text could not be formatted, so it is shown exactly as it was written. "
        "Look for lists or quotations nested very deeply, or put that part into a code block, and save again."
    ),
    Failure.UNAVAILABLE: (
        "Formatting is not available at the moment, so this text is shown exactly as it was written. "
        "Save it again later to have it formatted."
    ),
}

_PREFIX = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(frozen=True)
class Heading:
    """One heading of a rendered text, for a contents list. `level` is 2 to 6, `id` is unique in the text."""

    level: int
    id: str
    text: str


@dataclass(frozen=True)
class Rendered:
    """Safe HTML of one text. `refused` is the sentence shown when the text stands there unformatted."""

    html: str
    headings: list[Heading] = field(default_factory=list)
    refused: str | None = None


def render(source: str, *, heading_prefix: str = "h-") -> Rendered:
    """Convert Markdown to safe HTML; takes at most about a second of CPU and 200 MB, in a child process.

    `heading_prefix` starts every id in the result (headings and footnotes): give each text its own where
    several stand on one page. It is lower-case letters, digits and hyphens; anything else is a ValueError.
    """
    if not _PREFIX.fullmatch(heading_prefix):
        raise ValueError(f"heading_prefix must be lower-case letters, digits and hyphens: {heading_prefix!r}")
    text = clean_source(source)
    if not text.strip():
        return Rendered(html="")
    if len(text) > MAX_SOURCE_BYTES or len(text.encode()) > MAX_SOURCE_BYTES:
        return _as_written(text, Failure.TOO_LONG)
    reply = convert(text, heading_prefix)
    if not isinstance(reply, Reply):
        return _as_written(text, reply)
    return Rendered(html=reply.html, headings=[Heading(*heading) for heading in reply.headings])


def render_many(sources: Sequence[str]) -> list[Rendered]:
    """Render many texts in order, for imports and re-rendering; a refused text does not touch the others."""
    return [render(source) for source in sources]


def safe_html(html: str) -> Markup:
    """Mark stored HTML as safe for a template (Jinja filter `rendered`). Only for what `render` returned."""
    return Markup(html)  # noqa: S704


def _as_written(text: str, failure: Failure) -> Rendered:
    sentence = _SENTENCES[failure]
    html = f'<p class="notice">{escape(sentence)}</p>\n<pre class="plain-text">{escape(text)}</pre>'
    return Rendered(html=html, refused=sentence)
