"""Politeness that outlives a restart."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, case, func, select
from sqlalchemy.dialects import sqlite

from archive.store.dialects import insert_into
from archive.store.rows import HostState
from archive.store.schema import host
from archive.store.types import Values

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

_OTHERS = (
    "not_before_at", "reason", "robots_status", "robots_text", "robots_fetched_at", "trips",
    "rests_until", "refusals", "ip_addresses",
)  # fmt: skip


def host_states(connection: Connection) -> dict[str, HostState]:
    """Every host that was ever visited or paused, by name."""
    rows = connection.execute(select(host)).mappings()
    return {row["host"]: HostState(**row) for row in rows}


def host_state(connection: Connection, name: str) -> HostState | None:
    """What is known of one host; None: nothing."""
    row = connection.execute(select(host).where(host.c.host == name)).mappings().first()
    return None if row is None else HostState(**row)


def save_host(connection: Connection, state: HostState) -> None:
    """Stores what is known of a host; the last visit never moves back."""
    values = {name: getattr(state, name) for name in ("host", "last_visit_at", *_OTHERS)}
    statement = insert_into(connection, host).values(values)
    fresh = {name: statement.excluded[name] for name in _OTHERS}
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[host.c.host], set_=fresh | {"last_visit_at": _later(statement)}
        )
    )


def visited(connection: Connection, visits: Iterable[tuple[str, datetime]]) -> None:
    """Notes visits of hosts."""
    latest: dict[str, datetime] = {}
    for name, at in visits:
        latest[name] = max(at, latest.get(name, at))
    if not latest:
        return
    statement = insert_into(connection, host)
    rows: list[Values] = [
        {"host": name, "last_visit_at": at, "trips": 0, "refusals": 0}
        for name, at in latest.items()
    ]
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[host.c.host], set_={"last_visit_at": _later(statement)}
        ),
        rows,
    )


def _later(statement: "sqlite.Insert | postgresql.Insert") -> ColumnElement[datetime]:
    offered = statement.excluded.last_visit_at
    known = host.c.last_visit_at
    return case((offered > known, offered), else_=func.coalesce(known, offered))
