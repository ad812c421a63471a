"""The tables of the queue of jobs, which are procrastinate's: which of its migrations they have.
It keeps no note of that itself. Only PostgreSQL has them: no part of the archive.
"""

from typing import Final

from sqlalchemy import Connection, text

_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtext('gongkai workers'))")
_MAKE: Final = text("CREATE TABLE IF NOT EXISTS worker_queue (migration text NOT NULL)")
_LAST: Final = text("SELECT max(migration) FROM worker_queue")
_NOTE: Final = text("INSERT INTO worker_queue VALUES (:migration)")


def last_migration(connection: Connection) -> str | None:
    """The migration that the queue's tables have last, as noted here; None where none was. Until
    the transaction ends nobody else brings them up.
    """
    connection.execute(_ONE_AT_A_TIME)
    connection.execute(_MAKE)
    found: str | None = connection.scalar(_LAST)
    return found


def note_migration(connection: Connection, name: str, statements: str = "") -> None:
    """Runs a migration's statements, and notes that the tables have it."""
    if statements:
        connection.exec_driver_sql(statements.replace("%", "%%"))
    connection.execute(_NOTE, {"migration": name})
