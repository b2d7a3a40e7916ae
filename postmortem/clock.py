"""The only source of "now", so that a test can freeze it and nothing else has to know."""

from datetime import UTC, date, datetime


def now() -> datetime:
    """The present moment, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)


def today() -> date:
    """The present day in UTC; due dates are compared with it."""
    return now().date()
