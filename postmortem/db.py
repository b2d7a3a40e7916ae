"""Engines, sessions, the declarative base and our column types.

One `Database` per process. On SQLite it has two engines over the same file: one that only reads, and one
that writes through a single connection. The pool of one is the process's write lock: threads queue in
Python instead of in SQLite's sleeping retry loop (measured: insert p99 falls to a seventh). Every writing
transaction starts with BEGIN IMMEDIATE, because a deferred one that has read cannot be upgraded once
somebody else wrote. On PostgreSQL both are the same engine.

Nothing waits for ever, and nothing needs a restart: a connection is looked at before it is used. On SQLite it must
still be to the file of that name; one that was moved away or replaced would go on taking writes that nobody finds
again, and a missing file is never made anew (only `schema.upgrade` makes one).
"""

import sqlite3
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, Enum, MetaData, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DisconnectionError, TimeoutError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_TIMEOUT_MS = 5000
# For what is not worth waiting for: see `Database.session(hurried=True)`.
HURRIED_TIMEOUT_MS = 100
# How long a request waits for a connection while others use them all.
POOL_TIMEOUT_SECONDS = 5
# A server that does not answer at all is given up after this long, and so is a row that somebody holds.
POSTGRESQL = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "options": f"-c timezone=UTC -c lock_timeout={BUSY_TIMEOUT_MS}",
}


class Base(DeclarativeBase):
    """Every model's base; its metadata is what migrations are compared with."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. Refuses naive values: guessing a zone is how times go wrong."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive time reached the database: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_type(enum: type[StrEnum], name: str | None = None) -> Enum:
    """A StrEnum stored by value in a text column with a check constraint.

    `name` tells the constraint apart where one table has several columns of the same enum.
    """
    return Enum(
        enum,
        native_enum=False,
        create_constraint=True,
        name=name or enum.__name__.lower(),
        length=20,
        values_callable=lambda members: [member.value for member in members],
    )


class Database:
    """The engines of one process and the sessions made from them."""

    def __init__(self, url: str, *, secret_key: str = "") -> None:
        """`secret_key` signs the end of the history; who writes without it leaves that end unsigned."""
        self.url: URL = make_url(url)
        self._secret_key = secret_key
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            self.reading = _sqlite_engine(self.url, writes=False)
            self.writing = _sqlite_engine(self.url, writes=True)
        else:
            self.reading = self.writing = create_engine(
                self.url,
                pool_size=8,
                pool_pre_ping=True,
                pool_timeout=POOL_TIMEOUT_SECONDS,
                connect_args=POSTGRESQL,
            )

    @property
    def file(self) -> Path | None:
        """The SQLite file, None on PostgreSQL."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    def session(self, *, writes: bool, hurried: bool = False) -> Session:
        """A new session; the caller closes it. One that does not write cannot write on SQLite.

        A hurried one gives up at once on SQLite where somebody else is writing (OperationalError, TimeoutError):
        for what a reading page would like to note, and must not wait for.
        """
        engine = self.writing if writes else self.reading
        if hurried and self.is_sqlite:
            engine = engine.execution_options(busy_timeout_ms=HURRIED_TIMEOUT_MS)
            if writes and engine.pool.checkedout():  # type: ignore[attr-defined]
                raise TimeoutError("somebody else in this process is writing")
        return Session(
            engine, expire_on_commit=False, info={"writes": writes, "secret_key": self._secret_key}
        )

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.reading.dispose()
        self.writing.dispose()


def _sqlite_engine(url: URL, *, writes: bool) -> Engine:
    limits: dict[str, Any] = {"pool_size": 1, "max_overflow": 0} if writes else {"pool_size": 8}
    file = Path(url.database or "").absolute()
    # The connection used last comes first: it remembers most (see web/kept.py).
    engine = create_engine(
        url.set(database=file.as_uri(), query={**url.query, "uri": "true", "mode": "rw"}),
        poolclass=QueuePool,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        pool_use_lifo=True,
        **limits,
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, record: Any) -> None:
        record.info["file"] = _identity(file)
        # Python's own transaction handling opens transactions late; ours are explicit.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        if writes:
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        if not writes:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    _guard(engine, file)

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        if not writes:
            # Straight to the driver, because this one cannot fail: it takes no lock. SQLAlchemy's way costs
            # more than a small read.
            connection.connection.dbapi_connection.execute("BEGIN")
            return
        patience = connection.get_execution_options().get("busy_timeout_ms", BUSY_TIMEOUT_MS)
        if connection.info.get("patience", BUSY_TIMEOUT_MS) != patience:
            connection.info["patience"] = patience
            connection.exec_driver_sql(f"PRAGMA busy_timeout={int(patience)}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _guard(engine: Engine, file: Path) -> None:
    """A connection is handed out only to the file that it was opened for, and comes back without a transaction."""

    @event.listens_for(engine, "checkout")
    def _checkout(_connection: Any, record: Any, _fairy: object) -> None:
        if record.info["file"] != _identity(file):
            raise DisconnectionError(f"{file} was moved away or replaced")

    @event.listens_for(engine, "checkin")
    def _checkin(connection: Any, record: Any) -> None:
        # A COMMIT that failed may leave its transaction open (no room for it), and SQLAlchemy takes it for ended: the
        # connection would wait here with everybody's lock for writing.
        if connection is None or not connection.in_transaction:
            return
        try:
            connection.rollback()
        except sqlite3.Error:
            record.invalidate()


def _identity(file: Path) -> tuple[int, int] | None:
    """Which file this name leads to now; None where there is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
