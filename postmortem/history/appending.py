"""New entries take their places in the chain when their transaction commits, all under one lock.

Entries are inserted without a place, as early as anybody flushes. Only at the commit, as late as can be, the head
is locked: other writers wait no longer than these few statements take, however long the transaction was.
What a newcomer gets wrong: locking the head before the flush would hold it while waiting for other rows.
"""

from typing import Any

from sqlalchemy import bindparam, event, select, text, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from postmortem.history.chain import START, is_signed, link, signature
from postmortem.history.models import HistoryEntry, HistoryHead

_WAITING = "history_waiting"
_entries, _head = HistoryEntry.__table__, HistoryHead.__table__
_LOCK = select(_head.c.position, _head.c.chain, _head.c.signature).where(_head.c.id == 1).with_for_update()
_LAST = select(_entries.c.position, _entries.c.chain).where(_entries.c.position.is_not(None))
_FIRST_HEAD = text(
    "INSERT INTO history_head (id, position, chain, signature) VALUES (1, :position, :chain, '') "
    "ON CONFLICT DO NOTHING"
)
_PLACE = (
    update(HistoryEntry.__table__)  # type: ignore[arg-type]
    .where(_entries.c.id == bindparam("entry_id"))
    .values(position=bindparam("place"), chain=bindparam("value"))
)


def wait_for_place(session: Session, entry: HistoryEntry) -> None:
    """Have this new entry take its place when the session commits."""
    session.info.setdefault(_WAITING, []).append(entry)


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if session.info.get(_WAITING) and not session.in_nested_transaction():
        append_waiting(session)


def append_waiting(session: Session, *, but: HistoryEntry | None = None) -> None:
    """Give the session's new entries their places, `but` one that is not finished; holds the head from now on."""
    session.flush()
    # What was rolled back is in the session no more.
    waiting = [entry for entry in session.info.pop(_WAITING, []) if entry in session]
    if but is not None and but in waiting:
        waiting.remove(but)
        wait_for_place(session, but)
    if not waiting:
        return
    position, chain, is_ours = locked_head(session)
    places = []
    for entry in waiting:
        position += 1
        chain = link(chain, position, entry)
        places.append({"entry_id": entry.id, "place": position, "value": chain})
        set_committed_value(entry, "position", position)
        set_committed_value(entry, "chain", chain)
    session.connection().execute(_PLACE, places)
    key = session.info.get("secret_key", "")
    # A head that is not ours is never signed by going on: that would hide what was done to the chain behind it.
    store_head(session, position, chain, signature(key, position, chain) if key and is_ours else "")


def locked_head(session: Session) -> tuple[int, str, bool]:
    """Where the chain ends, locked until the transaction ends; and whether that end bears our signature."""
    connection = session.connection()
    found = connection.execute(_LOCK).one_or_none()
    if found is None:
        last = connection.execute(_LAST.order_by(_entries.c.position.desc()).limit(1)).one_or_none()
        values: dict[str, Any] = {"position": 0, "chain": START}
        if last is not None:
            values = {"position": last.position, "chain": last.chain}
        # Of several that find none the slower ones wait here, and then read what the first one made of it.
        connection.execute(_FIRST_HEAD, values)
        found = connection.execute(_LOCK).one()
    key = session.info.get("secret_key", "")
    return found.position, found.chain, is_signed(key, found.position, found.chain, found.signature)


def store_head(session: Session, position: int, chain: str, signed: str) -> None:
    """Write the new end of the chain."""
    values = {"position": position, "chain": chain, "signature": signed}
    session.connection().execute(update(HistoryHead).where(HistoryHead.id == 1).values(**values))


def sign_head(session: Session) -> None:
    """Sign the end of the chain as it stands. Whoever calls knows that it holds."""
    position, chain, _ = locked_head(session)
    store_head(session, position, chain, signature(session.info["secret_key"], position, chain))
