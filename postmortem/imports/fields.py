"""What names in front matter mean, and taking values out of it without guessing. Pure."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from postmortem.imports.times import When, moment, read_time
from postmortem.incidents.drafts import MomentDraft
from postmortem.text.slugs import tag_name

Front = Mapping[str, Any]
Member = TypeVar("Member", bound=StrEnum)

# Each thing we read, by the names that collections give it; the first one with a value counts.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("uuid", "id", "guid"),
    "title": ("title", "name"),
    "summary": ("summary", "tldr", "description", "excerpt"),
    "impact": ("impact",),
    "severity": ("severity",),
    "status": ("status",),
    "timezone": ("timezone",),
    "company": ("company", "organisation", "organization"),
    "product": ("product",),
    "services": ("services", "service"),
    "tags": ("tags", "keywords", "categories", "labels"),
    "url": ("url", "source_url", "link", "links"),
    "archive_url": ("archive_url",),
    "published_at": ("source_published_at", "published_at", "published", "date"),
    "draft": ("draft",),
    "impact_started_at": ("impact_started_at", "start_time", "started_at"),
    "detected_at": ("detected_at",),
    "declared_at": ("declared_at",),
    "mitigated_at": ("mitigated_at",),
    "resolved_at": ("resolved_at", "end_time", "ended_at"),
}
# Known, and of no use here: when a collector fetched the page.
IGNORED = frozenset({"source_fetched_at", "layout"})
# With one of these a file without a text is a record of an incident all the same.
FACTS = ("summary", "impact", "company", "impact_started_at", "detected_at", "resolved_at")
_SEVERITY = re.compile(r"sev[-_ ]?([1-4])", re.IGNORECASE)


def has_facts(front: Front) -> bool:
    """Whether the front matter alone tells of an incident."""
    return any(value(front, field) is not None for field in FACTS)


def unknown_names(front: Front) -> list[str]:
    """The names that mean nothing to us, sorted."""
    known = {name for names in FIELDS.values() for name in names} | IGNORED
    return sorted(name for name in front if name not in known)


def value(front: Front, field: str) -> Any:
    """The value of the first of a field's names that has one, else None."""
    return next((front[name] for name in FIELDS[field] if front.get(name) not in (None, "", [])), None)


def line(front: Front, field: str) -> str:
    """A field as one line of text; of a list the first."""
    return next(iter(texts(value(front, field))), "")


def text(front: Front, field: str) -> str:
    """A field as a text with its paragraphs."""
    found = value(front, field)
    return found.strip() if isinstance(found, str) else "\n\n".join(texts(found))


def texts(found: Any) -> Iterable[str]:
    """The plain texts of a value or of a list of them: words, numbers, days. Anything nested is left out."""
    for each in found if isinstance(found, list) else [found]:
        if each is None or isinstance(each, bool | list | dict):
            continue
        try:
            words = " ".join(str(each).split())
        except ValueError:  # a number of thousands of digits
            continue
        if words:
            yield words


def tags(front: Front) -> list[str]:
    """Every tag, keyword, category and comma part of the product, as tags are spelt here."""
    found = [each for name in FIELDS["tags"] for each in texts(front.get(name))]
    parts = [part for each in [*found, *texts(value(front, "product"))] for part in each.split(",")]
    return sorted({name for part in parts if (name := tag_name(part))})


def services(front: Front) -> tuple[str, ...]:
    """The company as one service, and the services named."""
    named = [part.strip() for each in texts(value(front, "services")) for part in each.split(",")]
    company = line(front, "company")
    return tuple(dict.fromkeys(name[:100] for name in [company, *named] if name))


def severity_word(words: str) -> str:
    """`SEV-1` and `sev 1` as `sev1`; anything else as it is, in lower case."""
    found = _SEVERITY.fullmatch(words.strip())
    return f"sev{found.group(1)}" if found else words.strip().casefold()


def member(enum: type[Member], front: Front, field: str, notes: list[str]) -> Member | None:
    """A field as one of our words; another word is noted and left out, not translated."""
    words = line(front, field)
    if not words:
        return None
    try:
        return enum(severity_word(words))
    except ValueError:
        choices = ", ".join(each.value for each in enum)
        notes.append(f"{field} “{words[:60]}” is none of {choices}; not used.")
        return None


def moment_of(
    front: Front, field: str, source: str, timezone: str | None, notes: list[str]
) -> MomentDraft | None:
    """One of the five moments; a value that is no time is noted and the moment stays blank."""
    given = [name for name in FIELDS[field] if front.get(name) not in (None, "")]
    for name in given:
        if found := moment(front[name], name, source, timezone):
            return found
    if given:
        words = next(iter(texts(front[given[0]])), "")[:60]
        notes.append(f"{given[0]} “{words}” is no time that can be read for certain; left blank.")
    return None


def publication(front: Front, timezone: str | None) -> When | None:
    """When the source published it, where it says so."""
    found = (read_time(front.get(name), timezone) for name in FIELDS["published_at"])
    return next((when for when in found if when), None)
