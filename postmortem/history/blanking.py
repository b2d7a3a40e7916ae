"""Taking contents out of history for good, where a deletion or the law asks for it, with the chain left whole.

What a newcomer gets wrong: an entry's digest and place stay for ever. The entry that says who took contents out, and
why, names every place it touched (`covers`), and the chain covers that; so nobody can blank one more unnoticed.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from postmortem.history.appending import append_waiting
from postmortem.history.chain import CONTENTS, covered, covers_text, digest
from postmortem.history.models import HistoryEntry

_table: Any = HistoryEntry.__table__
_AT_ONCE = 500


def blank(session: Session, *where: ColumnElement[bool], because: HistoryEntry) -> int:
    """Empty the entries that match for good: label, changes, the actor's name and the salt. Returns how many.

    `because` is the entry just recorded in this transaction that says who does it and why; it is never emptied
    itself. Call this last before the commit: from here on others who write wait.
    """
    _settle(session, because)
    found = session.execute(
        select(_table.c.id, _table.c.position)
        .where(*where, _table.c.id != because.id, _table.c.salt.is_not(None))
        .order_by(_table.c.id)
    ).all()
    values: dict[str, Any] = {
        "actor_name": "",
        "subject_label": "",
        "changes": {},
        "salt": None,
        "redacted_digest": None,
    }
    rows = [{"entry_id": row.id, **values, "blanked_by_id": because.id} for row in found]
    _store(session, rows)
    _cover(session, because, {row.position for row in found}, {})
    return len(found)


def rewrite(
    session: Session, *where: ColumnElement[bool], replace: Callable[[str], str], because: HistoryEntry
) -> int:
    """Put every text of the entries that match through `replace`; store what differs. Returns how many did.

    The new contents get a salt and a digest of their own, which `because` covers; the old digest stays and says
    nothing without its salt. To anonymise a person give no condition: names stand in everybody's entries.
    """
    _settle(session, because)
    redacted: dict[int, str] = {}
    last = 0
    while True:
        batch = _after(session, last, where)
        if not batch:
            break
        last = batch[-1].id
        rows = [row for entry in batch if entry.id != because.id if (row := _redacted(entry, replace))]
        positions = {entry.id: entry.position for entry in batch}
        redacted |= {positions[row["entry_id"]]: row["redacted_digest"] for row in rows}
        _store(session, [{**row, "blanked_by_id": because.id} for row in rows])
    _cover(session, because, set(), redacted)
    return len(redacted)


def _after(session: Session, last: int, where: Iterable[ColumnElement[bool]]) -> Sequence[Any]:
    # Columns and no entities: there may be a hundred thousand, and the session must not hold them all.
    return session.execute(
        select(_table)
        .where(*where, _table.c.id > last, _table.c.salt.is_not(None))
        .order_by(_table.c.id)
        .limit(_AT_ONCE)
    ).all()


def _redacted(entry: Any, replace: Callable[[str], str]) -> dict[str, Any] | None:
    old = {name: getattr(entry, name) for name in CONTENTS}
    new = {name: _replaced(value, replace) for name, value in old.items()}
    if new == old:
        return None
    new |= {"actor_name": new["actor_name"][:200], "subject_label": new["subject_label"][:300]}
    salt = secrets.token_hex(16)
    return {
        "entry_id": entry.id,
        **new,
        "salt": salt,
        "redacted_digest": digest(entry, **new, salt=salt),
    }


def _replaced(value: Any, replace: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return replace(value)
    if isinstance(value, list):
        return [_replaced(item, replace) for item in value]
    if isinstance(value, dict):
        return {key: _replaced(item, replace) for key, item in value.items()}
    return value


def _settle(session: Session, because: HistoryEntry) -> None:
    """Everything recorded so far takes its place, so that `because` comes later than all it may cover."""
    append_waiting(session, but=because)
    if because.position is not None:
        raise ValueError("this entry has its place already: what it covers can no longer be added to it")


def _store(session: Session, rows: Iterable[dict[str, Any]]) -> None:
    waiting = iter(rows)
    held = {each.id: each for each in session.identity_map.values() if isinstance(each, HistoryEntry)}
    while batch := list(islice(waiting, _AT_ONCE)):
        names = [name for name in batch[0] if name != "entry_id"]
        statement = (
            update(_table)
            .where(_table.c.id == bindparam("entry_id"))
            .values({name: bindparam(f"new_{name}", type_=_table.c[name].type) for name in names})
        )
        session.connection().execute(
            statement,
            [{"entry_id": row["entry_id"], **{f"new_{name}": row[name] for name in names}} for row in batch],
        )
        for row in batch:
            for name in names if row["entry_id"] in held else ():
                set_committed_value(held[row["entry_id"]], name, row[name])


def _cover(session: Session, because: HistoryEntry, blanked: set[int], redacted: dict[int, str]) -> None:
    """Add to what `because` covers; what it redacted before and now blanked counts as blanked."""
    runs, earlier = covered(because.covers)
    blanked = blanked | {position for run in runs for position in run}
    redacted = {place: new for place, new in (earlier | redacted).items() if place not in blanked}
    because.covers = covers_text(blanked, redacted) or None
    session.flush()
