"""What ails the database: full, locked, read-only, overloaded or gone. Tells by error codes, never by words."""

import errno
from enum import Enum
from typing import Any

from sqlalchemy.exc import DBAPIError, TimeoutError


class Trouble(Enum):
    """The heading of the page, and whether reading goes on."""

    FULL = ("There is no room left to save anything", True)
    READ_ONLY = ("Nothing can be saved at the moment", True)
    LOCKED = ("The database is busy", True)
    OVERLOADED = ("The database is busy or does not answer", False)
    GONE = ("The database does not answer", False)

    def __init__(self, heading: str, reading_works: bool) -> None:
        self.heading = heading
        self.reading_works = reading_works


# The primary result codes of SQLite, https://www.sqlite.org/rescode.html
_SQLITE = {5: Trouble.LOCKED, 6: Trouble.LOCKED, 8: Trouble.READ_ONLY, 13: Trouble.FULL}
# SQLSTATE, PostgreSQL's Appendix A: cancelled, deadlock, lock not available; too many connections
_POSTGRESQL = {
    "25006": Trouble.READ_ONLY,
    "40P01": Trouble.LOCKED,
    "53100": Trouble.FULL,
    "53300": Trouble.OVERLOADED,
    "55P03": Trouble.LOCKED,
    "57014": Trouble.LOCKED,
}
_SYSTEM = {errno.ENOSPC: Trouble.FULL, errno.EDQUOT: Trouble.FULL, errno.EROFS: Trouble.READ_ONLY}


def trouble_of_system(error: OSError) -> Trouble | None:
    """The disk's trouble, None where the error is about something else."""
    return _SYSTEM.get(error.errno or 0)


def trouble_of(error: Exception) -> Trouble:
    """The trouble behind an error of the database; what cannot be told apart counts as gone."""
    if isinstance(error, TimeoutError):
        return Trouble.OVERLOADED
    orig: Any = error.orig if isinstance(error, DBAPIError) else None
    if (code := getattr(orig, "sqlite_errorcode", None)) is not None:
        return _SQLITE.get(code & 0xFF, Trouble.GONE)
    return _POSTGRESQL.get(getattr(orig, "sqlstate", None) or "", Trouble.GONE)
