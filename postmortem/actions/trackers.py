"""What an address in a tracker is called by those who work with it: `owner/repo#12`, `ABC-12`. Pure."""

import re
from urllib.parse import unquote, urlsplit

from postmortem.text.reading import shortened

_PROJECT = r"[A-Z][A-Z0-9_]{1,30}-\d{1,9}"
_GITHUB = re.compile(r"^/([\w.-]+)/([\w.-]+)/(?:issues|pull|discussions)/(\d{1,9})(?:/|$)")
_GITLAB = re.compile(r"^/([\w.-]+(?:/[\w.-]+)+?)/(?:-/)?(issues|merge_requests|work_items)/(\d{1,9})(?:/|$)")
_GITLAB_MARK = {"merge_requests": "!"}
_JIRA = re.compile(rf"^(?:/[\w.-]+)*/(?:browse|issues)/({_PROJECT})(?:/|$)", re.IGNORECASE)
_JIRA_SELECTED = re.compile(rf"(?:^|&)selectedIssue=({_PROJECT})(?:&|$)", re.IGNORECASE)
_MOST_SHOWN = 60


def tracker_key(url: str) -> str:
    """The key of a GitHub, GitLab or Jira address, also on a host of one's own; blank for any other."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if jira := _JIRA.match(parts.path) or _JIRA_SELECTED.search(parts.query):
        return jira[1].upper()
    host = (parts.hostname or "").lower()
    if "gitlab" in host or "/-/" in parts.path:
        lab = _GITLAB.match(parts.path)
        return f"{lab[1]}{_GITLAB_MARK.get(lab[2], '#')}{lab[3]}" if lab else ""
    hub = _GITHUB.match(parts.path) if "github" in host else None
    return f"{hub[1]}/{hub[2]}#{hub[3]}" if hub else ""


def shown_address(url: str) -> str:
    """An address in short, for a link that nobody gave a title."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return shortened(url, _MOST_SHOWN)
    return shortened(f"{parts.netloc.rpartition('@')[2]}{unquote(parts.path).rstrip('/')}", _MOST_SHOWN)
