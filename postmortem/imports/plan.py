"""What a format found in its files: items to bring in, and files left out with the reason. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from postmortem.incidents.drafts import IncidentDraft
from postmortem.writeups.drafts import WriteupDraft


class SkipKind(StrEnum):
    """Whether a file was left out because it is no incident, although it may be one, or because it was deleted here."""

    NOT_AN_INCIDENT = "not_an_incident"
    UNUSABLE = "unusable"
    DELETED = "deleted"


@dataclass(frozen=True)
class Skip:
    """A file that does not come in; `reason` is a sentence that says why and what to do."""

    file: str
    reason: str
    kind: SkipKind = SkipKind.NOT_AN_INCIDENT


@dataclass(frozen=True)
class Item:
    """One incident to bring in, and the write-up that tells of it, if the file has a text.

    `services` are names, not slugs: those that are not here yet are made. `published_at` None is the time of
    the import; a write-up with `is_published` false stays a draft. `notes` say what of the file was not used.
    """

    file: str
    external_id: str
    incident: IncidentDraft
    writeup: WriteupDraft | None
    services: tuple[str, ...] = ()
    published_at: datetime | None = None
    is_published: bool = True
    notes: tuple[str, ...] = ()


@dataclass
class Plan:
    """Everything found under one path. `source` and an item's `external_id` together are unique for ever."""

    source: str
    items: list[Item] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    other_files: int = 0


def one_spelling(names: Iterable[str]) -> dict[str, str]:
    """For each name as written, the spelling to use: the most frequent of those that differ only in case and
    spaces, and of equally frequent ones the first in the alphabet.
    """
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    best: dict[str, str] = {}
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        best.setdefault(folded(name), name)
    return {name: best[folded(name)] for name in counts}


def folded(name: str) -> str:
    """A name as it is compared: without case and spaces."""
    return "".join(name.casefold().split())
