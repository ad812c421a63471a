"""What each of the workers of one PostgreSQL archive holds: the visit of a portal, the line to a
host, its own name. A row is held until an instant of the database's clock, and no longer: who does
not say in time that it is there has lost it, whether it was killed, cut off or stopped.

Beside that instant stands when the line was used last and from when on it may be used again, so
that who takes it keeps the pause of who had it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, text

from archive.model.errors import CannotRunError, HomeLockedError
from archive.store.frontier.advisory_lock import holder_of_archive, share_archive

# What the keys of a worker's own name begin with.
WORKER: Final = "worker:"
_MAKE: Final = text(
    """
    CREATE TABLE IF NOT EXISTS worker_lease (
        key text PRIMARY KEY,
        holder text,
        who text NOT NULL,
        until_at timestamptz NOT NULL,
        used_at timestamptz,
        ready_at timestamptz
    )
    """
)
_ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(hashtext('gongkai workers'))")
_IS_THERE: Final = text("SELECT to_regclass('worker_lease') IS NOT NULL")
_NOW: Final = text("SELECT clock_timestamp()")
# What a holder that went without a word may have done until its time was over counts as done.
_TAKE: Final = text(
    """
    INSERT INTO worker_lease AS l (key, holder, who, until_at)
    SELECT key, :holder, :who, clock_timestamp() + :lasts FROM unnest(:keys ::text[]) AS key
    ORDER BY key
    ON CONFLICT (key) DO UPDATE SET
        holder = excluded.holder, who = excluded.who, until_at = excluded.until_at,
        used_at = CASE WHEN l.holder IS NULL OR l.holder = excluded.holder THEN l.used_at
            ELSE greatest(l.used_at, l.until_at) END
    WHERE l.holder IS NULL OR l.holder = excluded.holder OR l.until_at <= clock_timestamp()
    RETURNING l.key, l.used_at, l.ready_at
    """
)
_WHO: Final = text(
    "SELECT who FROM worker_lease WHERE key = ANY(:keys) AND holder <> :holder"
    " AND until_at > clock_timestamp() ORDER BY key LIMIT 1"
)
_RENEW: Final = text(
    "UPDATE worker_lease SET until_at = clock_timestamp() + :lasts WHERE holder = :holder"
    " AND until_at > clock_timestamp() RETURNING key"
)
_FREE: Final = text(
    "UPDATE worker_lease SET holder = NULL, until_at = clock_timestamp(),"
    " used_at = greatest(used_at, :used_at), ready_at = greatest(ready_at, :ready_at)"
    " WHERE key = :key AND holder = :holder"
)
_FREE_ALL: Final = text(
    "UPDATE worker_lease SET holder = NULL, until_at = clock_timestamp() WHERE holder = :holder"
)
_LIVE: Final = text(
    "SELECT key, who FROM worker_lease WHERE holder IS NOT NULL"
    " AND until_at > clock_timestamp() ORDER BY key"
)
_IS_HELD: Final = text(
    "SELECT true FROM worker_lease WHERE key = :key AND holder = :holder"
    " AND until_at > clock_timestamp()"
)


@dataclass(frozen=True, slots=True)
class Used:
    """When what was taken was used last, and from when on it may be used again; None: never, or at
    once.
    """

    used_at: datetime | None = None
    ready_at: datetime | None = None


def make_leases(connection: Connection) -> None:
    """Makes the table where it is not there. Only PostgreSQL has it: no part of the archive."""
    connection.execute(_ONE_AT_A_TIME)
    connection.execute(_MAKE)


def now_there(connection: Connection) -> datetime:
    """The instant by the database's clock."""
    found: datetime = connection.execute(_NOW).scalar_one()
    return found


def take_leases(
    connection: Connection, keys: Collection[str], *, holder: str, who: str, lasts: timedelta
) -> dict[str, Used]:
    """Takes all of the keys or none, and tells of each how it was used before. HomeLockedError:
    another holds one of them, or a command holds the whole archive; the message names who.
    """
    if not share_archive(connection):
        who_has_it = holder_of_archive(connection)
        raise HomeLockedError(f"{who_has_it} works on this archive; wait for it")
    values = {"keys": sorted(keys), "holder": holder}
    rows = connection.execute(_TAKE, {**values, "who": who, "lasts": lasts}).all()
    if len(rows) < len(keys):
        other = connection.scalar(_WHO, values) or "another worker"
        raise HomeLockedError(f"{other} has what this one needs: {' or '.join(sorted(keys))}")
    return {row.key: Used(row.used_at, row.ready_at) for row in rows}


def renew_leases(connection: Connection, holder: str, lasts: timedelta) -> set[str]:
    """Holds on to all that a holder has; the keys that it still has."""
    return set(connection.scalars(_RENEW, {"holder": holder, "lasts": lasts}))


def free_leases(connection: Connection, holder: str, used: Mapping[str, Used]) -> None:
    """Gives back all that a holder has. used: how it used some of the keys."""
    for key, each in sorted(used.items()):
        row = {"key": key, "holder": holder, "used_at": each.used_at, "ready_at": each.ready_at}
        connection.execute(_FREE, row)
    connection.execute(_FREE_ALL, {"holder": holder})


def live_leases(connection: Connection) -> dict[str, str]:
    """Who holds what now, by key; {} where no worker ever was, and on SQLite."""
    if connection.dialect.name != "postgresql" or not connection.scalar(_IS_THERE):
        return {}
    return dict(connection.execute(_LIVE).all())


def refuse_lost(connection: Connection, key: str, holder: str) -> None:
    """CannotRunError where a holder has not got a key any more."""
    if not connection.scalar(_IS_HELD, {"key": key, "holder": holder}):
        raise CannotRunError(f"{key} went to another worker, where the work goes on")
