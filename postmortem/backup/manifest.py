"""What a backup says of itself: its first member, in JSON. Read strictly, because the file may be anybody's."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from postmortem.errors import Refused

FORMAT = 1
MANIFEST = "manifest.json"
SQLITE_MEMBER, POSTGRESQL_MEMBER = "database.sqlite3", "database.dump"
ATTACHMENTS = "attachments"

# How far some work is: in words, done, and of how many (0 where nobody knows).
Show = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Member:
    """One file in the backup."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """`rows` counts the rows of every table; `history_head` is the end of the history at that moment."""

    format: int
    program: str
    revision: str
    created_at: str
    database: Literal["sqlite", "postgresql"]
    rows: dict[str, int]
    history_head: str
    members: tuple[Member, ...]

    @property
    def database_member(self) -> str:
        return SQLITE_MEMBER if self.database == "sqlite" else POSTGRESQL_MEMBER

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()


def manifest_from_json(text: bytes) -> Manifest:
    """Raises Refused where this is no manifest of ours, or one of a later program."""
    try:
        found = json.loads(text)
        if found["format"] != FORMAT:
            raise Refused(
                "This backup was made by a later version of the program. Install that version first."
            )
        return Manifest(
            format=FORMAT,
            program=_text(found["program"]),
            revision=_text(found["revision"]),
            created_at=_text(found["created_at"]),
            database="sqlite" if found["database"] == "sqlite" else "postgresql",
            rows={_text(name): _count(number) for name, number in found["rows"].items()},
            history_head=_text(found["history_head"]),
            members=tuple(
                Member(_text(each["name"]), _count(each["size"]), _text(each["sha256"]))
                for each in found["members"]
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Refused("This is no backup of Postmortem: its list of contents cannot be read.") from error


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 500:
        raise ValueError("no text")
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("no number")
    return value
