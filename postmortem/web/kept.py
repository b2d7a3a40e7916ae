"""What need not be read or drawn twice: reads that hold until anybody writes, and parts of pages.

Both are kept in the process and bounded. Neither can show what is no longer so: a read is kept for as long as
the database itself says that nothing was written, and a part of a page under all that stands in it.
"""

import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from threading import Lock
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

Value = TypeVar("Value")
READS = 200
_KEY = "remembered_reads"
_SQLITE_VERSION = "PRAGMA data_version"
_PG_SNAPSHOT = text("SELECT CAST(pg_current_snapshot() AS text)")


def remembered(session: Session, key: Hashable, read: Callable[[], Value]) -> Value:
    """What `read` returns as of this transaction; asked again only after somebody wrote anything.

    Everything that the result depends on must stand in `key`: the question, its values, and who asks. Rows
    and plain values only, because the result outlives the session; and nobody may change it. Each connection
    remembers for itself. A session that writes remembers nothing: it would not notice its own changes.
    """
    if session.info.get("writes", True):
        return read()
    connection = session.connection()
    version = _version(connection)
    kept = connection.info.setdefault(_KEY, {})
    if kept.get(_KEY) != version or len(kept) > READS:
        kept.clear()
        kept[_KEY] = version
    if key not in kept:
        kept[key] = read()
    return cast(Value, kept[key])


def _version(connection: Connection) -> Any:
    """What differs once another connection has committed anything."""
    if connection.dialect.name != "sqlite":
        return connection.scalar(_PG_SNAPSHOT)
    # This also fixes what the transaction reads from here on. Straight to the driver, because it is asked for each
    # page; where that fails SQLAlchemy's way fails too, with the error that the error pages know.
    driver: Any = connection.connection.dbapi_connection
    try:
        return driver.execute(_SQLITE_VERSION).fetchone()[0]
    except sqlite3.Error:
        return connection.exec_driver_sql(_SQLITE_VERSION).scalar()


class _Kept:
    """The most recently used values of a process, a bounded number of them; safe for its threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._values: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return cast(Value, self._values[key])
        value = make()
        with self._lock:
            self._values[key] = value
            if len(self._values) > self._size:
                self._values.popitem(last=False)
        return value


# About 40 KB each: 4 MB a process.
_drawn = _Kept(100)


def kept(key: Hashable, make: Callable[[], Value]) -> Value:
    """What `make` draws, or what it drew before under this key.

    All that it shows must stand in the key. Only for what looks the same to everybody who shares the key: no
    names, no tokens, no messages.
    """
    # Imported here: the worker reads the same lists, and loads no web framework.
    from flask import current_app

    return make() if current_app.config["DEVELOPMENT"] else _drawn.get(key, make)


def kept_parts(
    key: tuple[Hashable, ...], template: str, context: Callable[[], Mapping[str, Any]]
) -> Mapping[str, Any]:
    """What a template sets (`{% set name %}…{% endset %}`), by name; made when not kept under `key`.

    The template gets `context` but not what every page gets (`current_person` and the like), so that a name that
    slips in is an error and no leak. Times in it are drawn in the reader's zone: the zone belongs in the key.
    """

    def make() -> Mapping[str, Any]:
        from flask import current_app

        made = current_app.jinja_env.get_template(template).make_module(dict(context()))
        return {name: value for name, value in vars(made).items() if not name.startswith("_")}

    return kept((template, *key), make)
