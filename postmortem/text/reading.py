"""How long a text takes to read, and its plain words for summaries and search."""

from __future__ import annotations

import html
import re

# Silent reading of English non-fiction: 238 words a minute (Brysbaert 2019, "How many words do we read per
# minute?", Journal of Memory and Language 109, mean of 190 studies).
WORDS_PER_MINUTE = 238
# Nobody reads every word of a listing; a line of code or a table is glanced at. Our own estimate.
CODE_WEIGHT = 0.3

_WORD = re.compile(r"\w+(?:['’.-]\w+)*")
_FENCE = re.compile(r"^[ >]{0,12}(`{3,}|~{3,})")
_TAG = re.compile(r"<[^<>]*>")
_UNSPOKEN = re.compile(r'<a [^<>]*class="(?:heading-anchor|footnote-ref|footnote-backref)"[^<>]*>[^<]*</a>')
_SPACE = re.compile(r"\s+")
_MARKUP = (
    (re.compile(r"^[ \t]{0,3}\[[^\[\]\n]{0,200}\]:[ \t].*$", re.MULTILINE), " "),
    (re.compile(r"^[ \t>]{0,40}(?:`{3,}|~{3,}).*$", re.MULTILINE), " "),
    (re.compile(r"!?\[([^\[\]\n]{0,500})\]\([^()\s]{0,500}(?:[ \t]+[\"'][^\"'\n]{0,200}[\"'])?\)"), r"\1"),
    (re.compile(r"\[\^[^\[\]\n]{0,100}\]"), ""),
    (re.compile(r"^[ \t]{0,40}(?:[>#]+[ \t]*|[*+-][ \t]+(?:\[[ xX]\] )?|\d{1,9}\.[ \t]+)", re.MULTILINE), ""),
    (re.compile(r"^[ \t|:=-]{3,}$", re.MULTILINE), " "),
    (re.compile(r"\\([\\`*_{}\[\]()>#+.!|-])|[*`|]|(?<!\w)_++|(?<!_)_++(?!\w)"), r"\1"),
)


def word_count(source: str) -> int:
    """Count the words of a Markdown text, code included."""
    return sum(1 for _ in _WORD.finditer(source))


def reading_minutes(source: str) -> int:
    """Whole minutes to read a Markdown text, at least 1. Words in fenced code count 0.3."""
    words = 0.0
    fence = ""
    for line in source.splitlines():
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        else:
            words += word_count(line) * (CODE_WEIGHT if fence else 1)
    return max(1, round(words / WORDS_PER_MINUTE))


def plain_text(source: str, limit: int | None = None) -> str:
    """The words of a Markdown text on one line, without its marks: for summaries, descriptions and search.

    An approximation in linear time that needs no rendering. The result is text, not HTML: escape it.
    """
    for pattern, replacement in _MARKUP:
        source = pattern.sub(replacement, source)
    return shortened(_SPACE.sub(" ", html.unescape(source)).strip(), limit)


def html_text(rendered: str, limit: int | None = None) -> str:
    """The words of rendered HTML on one line. The result is text, not HTML: escape it."""
    # The sanitiser writes no bare angle bracket, in attributes neither.
    text = _TAG.sub(" ", _UNSPOKEN.sub("", rendered))
    return shortened(_SPACE.sub(" ", html.unescape(text)).strip(), limit)


def shortened(text: str, limit: int | None) -> str:
    """Cut at a word boundary so that text and ellipsis fit into `limit` characters."""
    if limit is None or len(text) <= limit:
        return text
    cut = text[: max(limit - 1, 0)]
    head, _, _ = cut.rpartition(" ")
    return (head if len(head) > limit // 2 else cut).rstrip(" ,;:.-") + "…"
