"""Is the history what was written? Follows the chain from its start and says every place where it does not hold."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from postmortem.history.chain import START, covered, digest, is_signed, link
from postmortem.history.models import HistoryEntry, HistoryHead

_AT_ONCE = 1000
_table: Any = HistoryEntry.__table__


@dataclass(frozen=True)
class Head:
    """The end of the chain as it is stored."""

    position: int
    chain: str
    signature: str

    def __str__(self) -> str:
        return f"{self.position}:{self.chain}:{self.signature or 'unsigned'}"


def history_head(session: Session) -> Head:
    """Where the chain ends: to be written down elsewhere, and compared later."""
    found = session.get(HistoryHead, 1)
    return Head(found.position, found.chain, found.signature) if found else Head(0, START, "")


Batches = Iterable[Sequence[Any]]


def chain_problems(
    session: Session, watch: Callable[[Batches], Batches] = lambda batches: batches
) -> Iterator[str]:
    """One sentence for each place where history is not what was written; a thousand entries in memory at once.

    `watch` is given the batches to go through, and may show how far it got.
    """
    position, chain = 0, START
    check = _Check(session)
    for batch in watch(_batches(session)):
        for entry in batch:
            yield from check.place(entry, position, chain)
            yield from check.contents(entry)
            position, chain = entry.position, entry.chain
    yield from _problems_of_the_end(session, position, chain)


def known_head_problem(session: Session, text: str) -> str | None:
    """What is wrong with a head written down earlier (`position:chain`, whatever follows is of no matter)."""
    position, _, rest = text.strip().partition(":")
    chain = rest.partition(":")[0]
    if not position.isdecimal() or len(position) > 9 or len(chain) != len(START):
        return "That is no end of a history. Give it as it was printed: number, colon, 64 signs."
    found = session.scalar(select(_table.c.chain).where(_table.c.position == int(position)))
    if (found or (START if position == "0" else None)) == chain:
        return None
    return f"Entry {position} is not what it was when its end was written down: history was written anew or cut off."


class _Check:
    """What one pass over the entries keeps in mind."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._covering = lru_cache(maxsize=64)(self._read_covering)

    def place(self, entry: Any, position: int, chain: str) -> Iterator[str]:
        """Whether the entry stands where it was put."""
        if entry.position != position + 1:
            gone = (
                f"{position + 1}"
                if entry.position == position + 2
                else f"{position + 1} to {entry.position - 1}"
            )
            yield f"Entry {gone} of the history is missing."
        elif link(chain, entry.position, entry) != entry.chain:
            yield f"Entry {entry.position} of the history was changed, moved or put in later."

    def contents(self, entry: Any) -> Iterator[str]:
        """Whether the entry says what it said, or the entry that took its contents out says so."""
        number = entry.position
        if entry.blanked_by_id is None:
            if entry.salt is None or digest(entry) != entry.digest:
                yield f"The contents of entry {number} of the history are not what was recorded."
            return
        because, blanked, redacted = self._covering(entry.blanked_by_id)
        if because is None or because <= number:
            yield f"Entry {number} of the history was emptied, and no later entry says why."
        elif entry.salt is None:
            is_empty = not (entry.actor_name or entry.subject_label or entry.changes or entry.redacted_digest)
            if not is_empty or not any(number in run for run in blanked):
                yield f"Entry {number} of the history was emptied, and entry {because} does not name it."
        elif redacted.get(number) != entry.redacted_digest or digest(entry) != entry.redacted_digest:
            yield f"Entry {number} of the history was rewritten otherwise than entry {because} says."

    def _read_covering(self, entry_id: int) -> tuple[int | None, list[range], dict[int, str]]:
        found = self._session.execute(
            select(_table.c.position, _table.c.covers).where(_table.c.id == entry_id)
        ).one_or_none()
        return (found.position, *covered(found.covers)) if found else (None, [], {})


def _batches(session: Session) -> Iterator[Sequence[Any]]:
    position = 0
    while True:
        statement = select(_table).where(_table.c.position > position).order_by(_table.c.position)
        batch = session.execute(statement.limit(_AT_ONCE)).all()
        if not batch:
            return
        yield batch
        position = batch[-1].position


def _problems_of_the_end(session: Session, position: int, chain: str) -> Iterator[str]:
    outside = session.scalar(select(func.count()).where(_table.c.position.is_(None))) or 0
    if outside:
        yield f"{outside} entries of the history stand outside its chain: they were put in by hand."
    below = session.scalar(select(func.count()).where(_table.c.position < 1)) or 0
    if below:
        yield f"{below} entries of the history stand before its start: they were put in by hand."
    head = history_head(session)
    if (head.position, head.chain) != (position, chain):
        yield (
            f"The history ends with entry {position}, and its end was stored as entry {head.position}: "
            "entries were taken from its end or put there."
        )
    if not is_signed(session.info.get("secret_key", ""), head.position, head.chain, head.signature):
        yield (
            "The end of the history does not bear this site's signature: it was changed outside the program, or "
            "the secret key is another one. If you know why, run: postmortem history sign"
        )
