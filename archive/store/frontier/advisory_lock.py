"""The lock of a PostgreSQL archive, whichever machine asks. One command may hold all of it, by a
lock of its session that the server frees when the session ends, however it ends; workers share it,
and hold each what it visits (archive.store.frontier.worker_leases).
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from archive.model.errors import GongkaiError, HomeLockedError

# Two numbers name an advisory lock: ours, and one for the schema that holds the archive.
_CLASS: Final = 0x676B
_SCHEMA: Final = "hashtext(current_schema()) & 2147483647"
_TAKE: Final = text(f"SELECT pg_try_advisory_lock({_CLASS}, {_SCHEMA})")
_FREE: Final = text(f"SELECT pg_advisory_unlock({_CLASS}, {_SCHEMA})")
_SHARE: Final = text(f"SELECT pg_try_advisory_xact_lock_shared({_CLASS}, {_SCHEMA})")
_NAME: Final = text("SELECT set_config('application_name', :who, false)")
_HOLDER: Final = text(
    "SELECT application_name FROM pg_stat_activity JOIN pg_locks USING (pid)"  # noqa: S608 - numbers
    f" WHERE locktype = 'advisory' AND classid = {_CLASS} AND objid = ({_SCHEMA})::oid"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@contextmanager
def advisory_lock(engine: Engine, who: str) -> Iterator[None]:
    """Holds a PostgreSQL archive for one crawl (a home has a file lock). HomeLockedError names the
    holder.
    """
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # closed at the end, not given back: the lock goes with the session
        connection.execute(_NAME, {"who": who})
        if not connection.scalar(_TAKE):
            holder = holder_of_archive(connection)
            raise HomeLockedError(f"{holder} works on this archive; wait for it")
        try:
            yield
        finally:
            # The session ends a moment after its client has; who waits need not.
            with suppress(DBAPIError, GongkaiError):
                connection.execute(_FREE)


def holder_of_archive(connection: Connection) -> str:
    """Who holds a PostgreSQL archive, as it named itself."""
    return connection.scalar(_HOLDER) or "another process"


def share_archive(connection: Connection) -> bool:
    """Keeps whoever wants all of the archive out until the transaction ends; False where somebody
    has it.
    """
    return bool(connection.scalar(_SHARE))
