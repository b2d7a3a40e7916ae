"""Writing history, and the one way in which operations change fields. Taking contents out: `blanking.py`."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Protocol

from sqlalchemy import inspect
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from postmortem import clock
from postmortem.history.appending import wait_for_place
from postmortem.history.blanking import blank as blank
from postmortem.history.blanking import rewrite as rewrite
from postmortem.history.chain import digest
from postmortem.history.models import HistoryEntry


class Actor(Protocol):
    """Whoever does something: a person, or a `SystemActor`."""

    @property
    def id(self) -> int | None: ...

    @property
    def name(self) -> str: ...


class SystemActor:
    """A change made by the program itself: `cli`, `import` or `worker`."""

    def __init__(self, name: str) -> None:
        self.id: int | None = None
        self.name = name


CLI = SystemActor("cli")
IMPORT = SystemActor("import")
WORKER = SystemActor("worker")
NOBODY = SystemActor("somebody signed out")


class _Site:
    """What an entry is about when it is about no record: sign-ins that failed, requests that were refused."""

    __tablename__ = "site"
    id = 0
    history_label = "this site"


SITE = _Site()

Changes = dict[str, list[Any]]
VERB_MAX = 40


def record(
    session: Session,
    verb: str,
    subject: Any,
    *,
    actor: Actor,
    changes: Changes | None = None,
    incident_id: int | None = None,
) -> HistoryEntry:
    """Add one history entry for a change to `subject` in the current transaction.

    `subject` is a model with `id` and `history_label` ("incident INC-3", "action ACT-7 Add an alarm");
    it is flushed first if it has no id yet. `incident_id` is given for whatever belongs to an incident.
    """
    if len(verb) > VERB_MAX:
        # PostgreSQL would refuse it, and SQLite keep it.
        raise ValueError(f"a verb of history has at most {VERB_MAX} characters: {verb}")
    if subject.id is None:
        session.flush()
    entry = HistoryEntry(
        at=clock.now(),
        actor_id=actor.id,
        actor_name=actor.name[:200],
        verb=verb,
        subject_type=subject.__tablename__,
        subject_id=subject.id,
        subject_label=subject.history_label[:300],
        incident_id=incident_id,
        changes=changes or {},
        salt=secrets.token_hex(16),
    )
    entry.digest = digest(entry)
    session.add(entry)
    wait_for_place(session, entry)
    return entry


def set_fields(subject: Any, values: Mapping[str, Any]) -> Changes:
    """Set the attributes that differ and say what changed, as `{field: [old, new]}` in plain JSON values.

    Any change makes a new version of the subject, also when only members of a list came or went.
    """
    changes: Changes = {}
    for name, new in values.items():
        old = getattr(subject, name)
        if _plain(old) != _plain(new):
            changes[name] = [_plain(old), _plain(new)]
            setattr(subject, name, new)
    if changes:
        _make_new_version(subject)
    return changes


def _make_new_version(subject: Any) -> None:
    """SQLAlchemy counts the version up only where a column of the row itself is written, so write one."""
    state = inspect(subject)
    if not state.persistent or state.mapper.version_id_col is None:
        return
    columns = {attribute.key for attribute in state.mapper.column_attrs}
    if not columns & set(state.committed_state):
        version = state.mapper.get_property_by_column(state.mapper.version_id_col).key
        flag_modified(subject, next(key for key in sorted(columns & set(state.dict)) if key != version))


def created(subject: Any, fields: Iterable[str]) -> Changes:
    """The changes of a record just made: every named field that is not blank, from nothing to its value."""
    values = {name: _plain(getattr(subject, name)) for name in fields}
    return {
        name: [None, value]
        for name, value in values.items()
        if value not in (None, "", []) and value is not False
    }


def _plain(value: Any) -> Any:
    """A JSON value that stands for `value`; relations become sorted lists of their labels."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        # One moment has one spelling, whatever zone it came in.
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | set):
        items = [_plain(item) for item in value]
        return items if all(isinstance(item, dict) for item in items) else sorted(map(str, items))
    if value is None or isinstance(value, str | int | float | bool | dict):
        return value
    return str(value)
