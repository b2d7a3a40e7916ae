"""What an incident's fields must be, whoever hands them in: a form, an importer or the command line. Pure.

A moment's order is never refused, and status and moments may disagree: that is shown, not prevented.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from postmortem.errors import Refused
from postmortem.incidents.drafts import MomentDraft
from postmortem.incidents.enums import (
    MOMENTS,
    Confidence,
    Coverable,
    DetectedBy,
    IncidentKind,
    IncidentStatus,
    RelationKind,
    Severity,
    Visibility,
)
from postmortem.text.clean import clean_source
from postmortem.web import zones

TITLE_MAX, TEXT_MAX, SOURCE_MAX, ROLE_MAX = 200, 100_000, 200, 100
LINK_TITLE_MAX, ADDRESS_MAX = 200, 2_000
ITEMS_MAX = 50
_ADDRESS = re.compile(r"https?://[^\s<>\"'/?#]+[^\s<>\"']*", re.IGNORECASE)
_ENUMS: Mapping[str, Any] = {
    "kind": IncidentKind,
    "severity": Severity,
    "status": IncidentStatus,
    "visibility": Visibility,
    "detected_by": DetectedBy,
    "synthetic_coverable": Coverable,
}
_MAY_BE_BLANK = frozenset({"severity", "detected_by", "synthetic_coverable"})


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The given fields of an incident, cleaned. Raises Refused, naming the field."""
    result = dict(values)
    for name in result:
        if name in _ENUMS:
            result[name] = _member(name, result[name])
        elif name in MOMENTS:
            result[name] = _moment(name, result[name])
        elif check := _CHECKS.get(name):
            result[name] = check(result[name])
    return result


def _line(text: str) -> str:
    return " ".join(clean_source(text).split())


def _title(text: str) -> str:
    title = _line(text)
    if not title:
        raise Refused("Enter a title, for instance what people noticed.", field="title")
    if len(title) > TITLE_MAX:
        raise Refused(f"Shorten the title to {TITLE_MAX} characters.", field="title")
    return title


def _text(name: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        # White space at the start of a line may be Markdown's code block.
        cleaned = clean_source(text).rstrip().lstrip("\n")
        if len(cleaned) > TEXT_MAX:
            raise Refused(f"Shorten this to {TEXT_MAX:,} characters.", field=name)
        return cleaned

    return check


def _timezone(name: str) -> str:
    if not zones.is_zone(name):
        raise Refused(f"There is no time zone “{name[:60]}”.", field="timezone")
    return name


def _member(name: str, value: Any) -> Any:
    if value in (None, "") and name in _MAY_BE_BLANK:
        return None
    try:
        member = _ENUMS[name](value)
        if member is Visibility.DELETED:
            # Deleting is an operation of its own, which remembers what to bring back.
            raise ValueError(value)
        return member
    except ValueError as error:
        raise Refused(f"“{str(value)[:60]}” is not one of the choices.", field=name) from error


def _moment(name: str, moment: MomentDraft | None) -> MomentDraft:
    """A blank moment has no confidence of its own; its source is kept, because somebody wrote it."""
    if moment is None:
        return MomentDraft(None)
    source = _line(moment.source)
    if len(source) > SOURCE_MAX:
        raise Refused(f"Shorten this to {SOURCE_MAX} characters.", field=f"{name}_source")
    if moment.value is None:
        return MomentDraft(None, source=source)
    if moment.value.tzinfo is None:
        raise ValueError(f"{name} has no time zone: {moment.value!r}")
    return MomentDraft(moment.value, Confidence(moment.confidence), source)


def _participants(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    found = list(dict.fromkeys((email.strip().lower(), _line(role)) for email, role in pairs))
    if len(found) > ITEMS_MAX:
        raise Refused(f"Name at most {ITEMS_MAX} participants.", field="participants")
    if any(len(role) > ROLE_MAX for _, role in found):
        raise Refused(f"Shorten each role to {ROLE_MAX} characters.", field="participants")
    return found


def _relations(pairs: Iterable[tuple[int, str]]) -> list[tuple[int, RelationKind]]:
    found = list(dict.fromkeys((number, RelationKind(kind)) for number, kind in pairs))
    if len(found) > ITEMS_MAX:
        raise Refused(f"Keep the {ITEMS_MAX} relations that say most.", field="relations")
    return found


def _links(links: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    found = [{"url": link["url"].strip(), "title": _line(link.get("title", ""))} for link in links]
    if len(found) > ITEMS_MAX:
        raise Refused(f"Keep the {ITEMS_MAX} links that help most.", field="links")
    for link in found:
        if not _ADDRESS.fullmatch(link["url"]) or len(link["url"]) > ADDRESS_MAX:
            raise Refused(
                f"“{link['url'][:80]}” is no web address. Give full addresses that start with https:// or http://.",
                field="links",
            )
        if len(link["title"]) > LINK_TITLE_MAX:
            raise Refused(f"Shorten each link's words to {LINK_TITLE_MAX} characters.", field="links")
    return found


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "title": _title,
    "summary": _text("summary"),
    "impact": _text("impact"),
    "timezone": _timezone,
    "participants": _participants,
    "relations": _relations,
    "links": _links,
}
