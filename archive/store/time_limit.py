"""Ends queries that take too long, so that one question never holds up a server."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from archive.model.errors import TooSlowError

_DEADLINE = "deadline"
# Instructions of SQLite's machine between two looks at the clock: about a millisecond.
_STEPS = 20_000
_allowed: ContextVar[float | None] = ContextVar("allowed", default=None)


def limit_time(engine: Engine, seconds: float) -> None:
    """Lets no transaction on `engine` begin a statement, and on SQLite none work, later than
    `seconds` after it began; on PostgreSQL no statement may take longer. TooSlowError is raised.
    """

    def begun(connection: Connection) -> None:
        allowed = _allowed.get()
        connection.info[_DEADLINE] = time.monotonic() + (allowed or seconds)
        if allowed is not None and connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(allowed * 1000)}")

    def about_to_ask(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if statement != "BEGIN" and time.monotonic() > connection.info.get(_DEADLINE, float("inf")):
            raise too_slow()

    def connected(raw: Any, entry: ConnectionPoolEntry) -> None:
        if isinstance(raw, sqlite3.Connection):
            known = entry.info
            raw.set_progress_handler(
                lambda: time.monotonic() > known.get(_DEADLINE, float("inf")), _STEPS
            )
            return
        with raw.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {int(seconds * 1000)}")
        raw.commit()

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    event.listen(engine, "before_cursor_execute", about_to_ask)


@contextmanager
def allowing(seconds: float) -> Iterator[None]:
    """Within it, on this thread, transactions may take that long, whatever their engine's limit."""
    token = _allowed.set(seconds)
    try:
        yield
    finally:
        _allowed.reset(token)


def too_slow() -> TooSlowError:
    """The error of a question that took too long."""
    return TooSlowError("the answer takes too long; ask for less: a rarer word, a filter")
