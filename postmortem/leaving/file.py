"""What a database file still holds of rows that were changed: SQLite leaves old bytes in freed parts of the file."""

import sqlite3

from sqlalchemy.exc import SQLAlchemyError

from postmortem.db import Database

LEFT = (
    "Freed parts of the database file may still hold the name, because somebody was writing. "
    "Run “VACUUM” on it once, as the documentation says."
)


def forget_freed(database: Database) -> bool:
    """Write the SQLite file anew without freed parts, and empty its log; whether that was done.

    Call this after the commit. It takes a second for each few hundred MB, in which nobody else writes. On PostgreSQL
    the server's own cleaning does it, in its time.
    """
    if not database.is_sqlite:
        return True
    try:
        connection = database.writing.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            is_busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            connection.close()
    except (sqlite3.Error, SQLAlchemyError):
        return False
    return not is_busy
