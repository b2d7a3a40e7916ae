"""The only source of "now", so that a test can freeze it and nothing else has to know."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime

_standing_at: ContextVar[datetime | None] = ContextVar("standing_at", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC, to the microsecond."""
    return _standing_at.get() or datetime.now(UTC)


def today() -> date:
    """The present day in UTC; due dates are compared with it."""
    return now().date()


@contextmanager
def as_of(moment: datetime) -> Iterator[None]:
    """Let "now" be this moment for what runs inside, in this thread alone: for retelling what happened before."""
    token = _standing_at.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _standing_at.reset(token)
