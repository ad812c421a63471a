"""The engines that a ledger may lie in: SQLite, and PostgreSQL where one is offered."""

import importlib.util
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

# GONGKAI_TEST_PG is the URL of a PostgreSQL database: each ledger is a schema in it, dropped behind.
SERVER = os.environ.get("GONGKAI_TEST_PG", "")
ENGINES = ["sqlite", "postgresql"] if SERVER else ["sqlite"]


@contextmanager
def ledger_on(engine: str, folder: Path) -> Iterator[str]:
    """Where a ledger can be made: the folder, or a schema of its own."""
    if engine == "sqlite":
        yield str(folder)
        return
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed")
    name = f"t_{uuid.uuid4().hex}"
    server = create_engine(SERVER)
    with server.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    yield f"{SERVER}{'&' if '?' in SERVER else '?'}options=-csearch_path%3D{name}"
    with server.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    server.dispose()
