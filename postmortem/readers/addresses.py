"""What an address says about where it leads: a pull request, a runbook, a design."""

import re
from urllib.parse import unquote, urlsplit

from postmortem.readers.enums import CitationKind

_PULL_REQUEST = re.compile(
    r"/(pulls?|merge_requests|pull-?requests?|pr)/\d+|/\+/\d+|/(commits?|changes)/[0-9a-f]{6,40}\b|/D\d+$"
)
_RUNBOOK = re.compile(r"\b(run-?books?|play-?books?|wikis?|confluence|on-?call|sop)\b")
_DESIGN = re.compile(r"\b(designs?|rfcs?|adrs?|proposals?|docs?|documents?|architecture|decisions?|figma)\b")


def kind_of(url: str) -> CitationKind:
    """The likeliest kind, by words in the host and the path. Nothing is fetched."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    words = f"{parts.hostname or ''} {path}".lower().replace("_", "-")
    if _PULL_REQUEST.search(path):
        return CitationKind.PULL_REQUEST
    if _RUNBOOK.search(words):
        return CitationKind.RUNBOOK
    return CitationKind.DESIGN if _DESIGN.search(words) else CitationKind.OTHER


def short(url: str) -> str:
    """An address as it stands where no title was given: without its scheme and a blank end."""
    return re.sub(r"^https?://(www\.)?", "", url).rstrip("/") or url
