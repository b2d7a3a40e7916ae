"""What a new event or factor is made from: plain values, as a form or an importer has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class EventDraft:
    """A fact to be added. Times are aware; `kind` is a value of EventKind, `evidence` http(s) addresses."""

    text: str
    occurred_at: datetime | None = None
    ended_at: datetime | None = None
    occurred_text: str = ""
    kind: str = "other"
    actor_role: str = ""
    learnt_later: bool = False
    in_writeup: bool = True
    evidence: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class FactorDraft:
    """A contributing factor to be added. `events` are ids of events of the same incident."""

    text: str
    tags: Sequence[str] = ()
    was_present_before: bool | None = None
    events: Sequence[int] = ()
