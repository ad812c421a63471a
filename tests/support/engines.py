"""The engines that a ledger may lie in: SQLite, and PostgreSQL where one is offered."""

import atexit
import importlib.util
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from archive.store import Store

# GONGKAI_TEST_PG is the URL of a PostgreSQL database; each ledger is a database beside it, dropped
# behind.
SERVER = os.environ.get("GONGKAI_TEST_PG", "")
ENGINES = ["sqlite", "postgresql"] if SERVER else ["sqlite"]


@contextmanager
def ledger_on(engine: str, folder: Path) -> Iterator[str]:
    """Where a ledger is to be: the folder, or a database of its own, which has its tables already."""
    if engine == "sqlite":
        yield str(folder)
        return
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed")
    name = f"t_{uuid.uuid4().hex}"
    # A copy of files takes a tenth of the time that the migrations take.
    _ask(f"CREATE DATABASE {name} TEMPLATE {_made()} STRATEGY file_copy")
    try:
        yield _url(name)
    finally:
        drop(_url(name))


def drop(url: str) -> None:
    """Drops a ledger's database, with whoever is connected; one that is gone is gone."""
    _ask(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")


@contextmanager
def copied(url: str) -> Iterator[str]:
    """A copy of a ledger that nobody has open, dropped behind."""
    name = f"t_{uuid.uuid4().hex}"
    _ask(f"CREATE DATABASE {name} TEMPLATE {make_url(url).database} STRATEGY file_copy")
    try:
        yield _url(name)
    finally:
        drop(_url(name))


@contextmanager
def empty_database() -> Iterator[str]:
    """The URL of a database of its own without a table, dropped behind."""
    name = f"t_{uuid.uuid4().hex}"
    _ask(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield _url(name)
    finally:
        drop(_url(name))


@cache
def _made() -> str:
    """A database with an empty ledger, made once a process."""
    name = f"made_{uuid.uuid4().hex}"
    _ask(f"CREATE DATABASE {name} TEMPLATE template0")
    atexit.register(_ask, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    Store.open(_url(name)).close()
    return name


def _url(name: str) -> str:
    return make_url(SERVER).set(database=name).render_as_string(hide_password=False)


def _ask(statement: str) -> None:
    server = create_engine(SERVER, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with server.connect() as connection:
        connection.execute(text(statement))
    server.dispose()
