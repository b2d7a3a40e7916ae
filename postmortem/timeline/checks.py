"""What events and factors must be, whoever hands them in: a form, an importer or the command line. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from postmortem.errors import Refused
from postmortem.timeline.enums import EventKind

TEXT_MAX = 20_000
WORDS_MAX = 100
EVIDENCE_MAX_ITEMS = 20
EVIDENCE_MAX_LENGTH = 2_000
_ADDRESS = re.compile(r"https?://[^\s<>\"'/?#]+[^\s<>\"']*", re.IGNORECASE)


def checked_event(values: Mapping[str, Any]) -> dict[str, Any]:
    """The given fields of an event, cleaned; times are aware. Raises Refused, naming the field."""
    checked = dict(values)
    if "text" in checked:
        checked["text"] = _text(checked["text"], "what happened")
    for name in ("occurred_at", "ended_at"):
        if isinstance(moment := checked.get(name), datetime):
            # To the second, as forms show it: saving a form untouched must change nothing.
            checked[name] = moment.replace(microsecond=0)
    for name in ("occurred_text", "actor_role"):
        if len(checked.get(name) or "") > WORDS_MAX:
            raise Refused(f"Shorten this to {WORDS_MAX} characters.", field=name)
    if "kind" in checked:
        checked["kind"] = _kind(checked["kind"])
    if "evidence" in checked:
        checked["evidence"] = checked_evidence(checked["evidence"])
    return checked


def checked_factor(values: Mapping[str, Any]) -> dict[str, Any]:
    """The given fields of a factor, cleaned. Raises Refused, naming the field."""
    checked = dict(values)
    if "text" in checked:
        checked["text"] = _text(checked["text"], "what contributed")
    return checked


def checked_evidence(addresses: Iterable[str]) -> list[str]:
    """Web addresses in the order given, each once. Raises Refused for more than 20 or what is no address."""
    found = list(dict.fromkeys(address.strip() for address in addresses if address.strip()))
    if len(found) > EVIDENCE_MAX_ITEMS:
        raise Refused(
            f"Keep the {EVIDENCE_MAX_ITEMS} links that show most; there are {len(found)} here.",
            field="evidence",
        )
    for address in found:
        if not _is_address(address):
            raise Refused(
                f"“{address[:80]}” is no web address. Give full addresses that start with https:// or http://, "
                "one on each line.",
                field="evidence",
            )
        if len(address) > EVIDENCE_MAX_LENGTH:
            raise Refused(f"Keep each address within {EVIDENCE_MAX_LENGTH:,} characters.", field="evidence")
    return found


def _is_address(text: str) -> bool:
    if not _ADDRESS.fullmatch(text):
        return False
    try:
        return bool(urlsplit(text).hostname)
    except ValueError:
        return False


def _text(text: str, what: str) -> str:
    # White space at the start of a line may be Markdown's code block.
    cleaned = text.rstrip().lstrip("\n")
    if not cleaned:
        raise Refused(f"Say {what}; one sentence is enough.", field="text")
    if len(cleaned) > TEXT_MAX:
        raise Refused(
            f"Shorten this to {TEXT_MAX:,} characters, or put the long part into the write-up.", field="text"
        )
    return cleaned


def _kind(value: str) -> EventKind:
    try:
        return EventKind(value)
    except ValueError as error:
        raise Refused(f"There is no kind of event called “{value}”.", field="kind") from error
